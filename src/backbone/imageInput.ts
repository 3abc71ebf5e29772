/** What a network file declares about its image input. */

import { CarafeError } from '../errors.ts';
import type { Preprocessing } from '../images/preprocessing.ts';
import { type Message, message } from '../message.ts';
import type { Dimension, Model, ValueInfo } from '../onnx/model.ts';

/** What a network's file says of the input that takes the photo; undefined where it leaves it free. */
export interface ImageInput {
  readonly name: string;
  readonly type: Preprocessing['input'];
  readonly layout: Preprocessing['layout'] | undefined;
  readonly height: number | undefined;
  readonly width: number | undefined;
  /** The file fixes how many photos a run takes. */
  readonly fixedBatch: boolean;
}

/** No network for photos takes longer edges, and a hostile file shall not ask for gigabytes. */
const longestEdge = 4096;

function describe({ name, type, shape }: ValueInfo): string {
  return `${name} (${type ?? 'no tensor'}${shape ? ` [${shape.map((size) => size || '?').join(', ')}]` : ''})`;
}

function fixed(size: Dimension | undefined): number | undefined {
  return typeof size === 'number' && size > 0 ? size : undefined;
}

function unsupported(source: string, what: Message, hint: string): CarafeError {
  return new CarafeError('UNSUPPORTED_MODEL', message`${source}: ${what}`, hint);
}

/**
 * Finds the one input that takes photos.
 * @throws CarafeError UNSUPPORTED_MODEL for text networks, several image inputs, and channel counts other than three.
 */
export function imageInput(model: Model, source: string): ImageInput {
  const stored = new Set(model.graph.initializers.map(({ name }) => name));
  const inputs = model.graph.inputs.filter(({ name }) => !stored.has(name));
  const images = inputs.filter(({ type, shape }) => isPixelType(type) && (shape === undefined || shape.length === 4));
  const [image] = images;
  const list = inputs.map(describe).join(', ') || 'none';
  if (!image)
    throw unsupported(
      source,
      message`no input takes photos; the inputs are: ${list}.`,
      'Use a network with one input of the form [N, 3, H, W] or [N, H, W, 3]. Networks for text or audio do not work.',
    );
  if (images.length > 1)
    throw unsupported(
      source,
      message`several inputs could take the photo: ${list}.`,
      'Use a network with one image input.',
    );
  if (!isPixelType(image.type)) throw new TypeError('image input without a type');
  return { name: image.name, type: image.type, ...placement(image, source) };
}

function isPixelType(type: ValueInfo['type']): type is Preprocessing['input'] {
  return type === 'float32' || type === 'float16' || type === 'uint8';
}

function placement(image: ValueInfo, source: string): Omit<ImageInput, 'name' | 'type'> {
  const [batch, second, third, fourth] = image.shape ?? [];
  const fixedBatch = fixed(batch) !== undefined;
  const free = { layout: undefined, height: undefined, width: undefined, fixedBatch };
  if (fixed(batch) !== undefined && batch !== 1)
    throw unsupported(
      source,
      message`the input ${describe(image)} takes exactly ${batch} photos.`,
      'Export the network with a free batch, or a batch of 1.',
    );
  if ([second, third, fourth].some((size) => (fixed(size) ?? 0) > longestEdge))
    throw unsupported(
      source,
      message`the input ${describe(image)} is larger than ${longestEdge.toLocaleString('en')} pixels along an edge.`,
      'Use a network for smaller photos.',
    );
  if (second === 3) return { layout: 'nchw', height: fixed(third), width: fixed(fourth), fixedBatch };
  if (fourth === 3) return { layout: 'nhwc', height: fixed(second), width: fixed(third), fixedBatch };
  // A free channel count is one that the exporter left open; the network's first layer settles it when it is run.
  if (fixed(second) === undefined) return { ...free, height: fixed(third), width: fixed(fourth) };
  if (fixed(fourth) === undefined) return free;
  throw unsupported(
    source,
    message`the input ${describe(image)} does not take three colour channels.`,
    'Carafe feeds it red, green and blue. Use a network for colour photos.',
  );
}

/** The input's shape for `batch` photos of the size that the preprocessing gives. */
export function inputShape({ crop, layout }: Preprocessing, batch: number | string): Dimension[] {
  return layout === 'nchw' ? [batch, 3, crop.height, crop.width] : [batch, crop.height, crop.width, 3];
}

/**
 * The preprocessing, with what the network's file says about type and layout of its input.
 * @throws CarafeError NO_PREPROCESSING where both state a size, and another one.
 */
export function fitPreprocessing(preprocessing: Preprocessing, input: ImageInput, source: string): Preprocessing {
  const { crop } = preprocessing;
  const { height = crop.height, width = crop.width } = input;
  if (height !== crop.height || width !== crop.width)
    throw new CarafeError(
      'NO_PREPROCESSING',
      message`${source} takes photos of ${height}x${width} pixels, but its preprocessing crops to ${crop.height}x${crop.width}.`,
      message`Set "crop_size" in the preprocessing to {"height": ${height}, "width": ${width}}.`,
    );
  return { ...preprocessing, input: input.type, layout: input.layout ?? preprocessing.layout };
}
