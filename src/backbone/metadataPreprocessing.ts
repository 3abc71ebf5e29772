/** Preprocessing from an ONNX file's metadata. */

import type { Preprocessing } from '../images/preprocessing.ts';
import { parsePreprocessing } from '../images/preprocessingConfig.ts';
import type { ImageInput } from './imageInput.ts';

/** Pixel ranges that Windows ML's metadata names: what a pixel of 0..255 becomes. */
const ranges = new Map<string, { scale: number; mean: number; std: number }>([
  ['NominalRange_0_255', { scale: 1, mean: 0, std: 1 }],
  ['Normalized_0_1', { scale: 1 / 255, mean: 0, std: 1 }],
  ['Normalized_1_1', { scale: 1 / 255, mean: 0.5, std: 0.5 }],
]);

/**
 * What an ONNX file's metadata says about preprocessing: `preprocessor_config` as JSON, or Windows ML's keys
 * (`Image.BitmapPixelFormat`, `Image.NominalPixelRange`; learn.microsoft.com, "ONNX metadata for images"). Both stand
 * for the size of the network's input, photos squashed to it. undefined where it says nothing.
 */
export function metadataPreprocessing(
  metadata: ReadonlyMap<string, string>,
  { height, width }: ImageInput,
  source: string,
): Preprocessing | undefined {
  const config = metadata.get('preprocessor_config');
  if (config !== undefined) return parsePreprocessing(parsed(config), `the metadata of ${source}`);
  const format = metadata.get('Image.BitmapPixelFormat');
  const range = ranges.get(metadata.get('Image.NominalPixelRange') ?? '');
  const channels = format === 'Rgb8' ? 'rgb' : format === 'Bgr8' ? 'bgr' : undefined;
  if (!channels || !range || height === undefined || width === undefined) return undefined;
  const { scale, mean, std } = range;
  return {
    resize: { rule: 'squash', height, width },
    kernel: 'bilinear',
    crop: { height, width },
    scale,
    mean: [mean, mean, mean],
    std: [std, std, std],
    channels,
    layout: 'nchw',
    input: 'float32',
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
