/** How one vector a photo is read off a tensor. */

import type { GraphBuilder } from '../onnx/builder.ts';
import { dataTypes } from '../onnx/model.ts';
import type { TensorInfo } from '../runtime/platform.ts';
import type { SpatialCut } from './backbone.ts';

/** How one vector a photo is read off a tensor. */
export type Readout =
  /** All values of the photo, in order. */
  | 'flat'
  /** The mean over a map's places, or over patch tokens. */
  | 'mean'
  /** The first token. */
  | 'class token'
  /** Both, side by side, as DINOv2 offers it. */
  | 'class token and mean patch';

/** The sizes that a photo has in a tensor; undefined where the first dimension is not the batch, or a size is free. */
export function perPhoto(info: TensorInfo, batch: number): number[] | undefined {
  const sizes = info.shape.slice(1);
  return info.shape[0] === batch && sizes.length > 0 && sizes.every((size) => typeof size === 'number' && size > 0)
    ? sizes.map(Number)
    : undefined;
}

export function product(sizes: readonly number[]): number {
  return sizes.reduce((all, size) => all * size, 1);
}

/** One value for each channel: at most one dimension is larger than 1. */
export function isVector(sizes: readonly number[]): boolean {
  return sizes.filter((size) => size > 1).length <= 1;
}

export function isFloat(info: TensorInfo | undefined): boolean {
  return info?.type === 'float32' || info?.type === 'float16';
}

/** Leading tokens that are no patches (class token, registers) when the rest is a square. */
export function extraTokens(tokens: number): number {
  return tokens - Math.floor(Math.sqrt(tokens)) ** 2;
}

/** The width of what `readout` gives for a tensor of these sizes. */
export function readoutWidth(readout: Readout, sizes: readonly number[], map: SpatialCut | undefined): number {
  if (readout === 'flat' || !map) return product(sizes);
  return readout === 'class token and mean patch' ? 2 * map.channels : map.channels;
}

/** Adds the nodes that read features, float32 [N, width], off `tensor`; gives the name of the result. */
export function addReadout(
  builder: GraphBuilder,
  tensor: string,
  info: TensorInfo,
  readout: Readout,
  map: SpatialCut | undefined,
): string {
  const value = info.type === 'float16' ? builder.node('Cast', [tensor], { to: dataTypes.float32 }) : tensor;
  if (readout === 'flat' || !map)
    return info.shape.length === 2 ? value : builder.node('Flatten', [value], { axis: 1 });
  const classToken = (): string => builder.node('Gather', [value, builder.ints(0)], { axis: 1 });
  if (readout === 'class token') return classToken();
  const mean = builder.node('Flatten', [builder.node('GlobalAveragePool', [channelsFirst(builder, value, map)])], {
    axis: 1,
  });
  return readout === 'mean' ? mean : builder.node('Concat', [classToken(), mean], { axis: 1 });
}

/** [N, C, ...places], without the tokens that are no patches. */
export function channelsFirst(builder: GraphBuilder, value: string, { layout, skip }: SpatialCut): string {
  if (layout === 'nchw') return value;
  if (layout === 'nhwc') return builder.node('Transpose', [value], { perm: [0, 3, 1, 2] });
  const far = 2 ** 31 - 1;
  const patches =
    skip > 0 ? builder.node('Slice', [value, builder.ints([skip]), builder.ints([far]), builder.ints([1])]) : value;
  return builder.node('Transpose', [patches], { perm: [0, 2, 1] });
}
