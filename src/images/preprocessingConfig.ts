/** Reads preprocessing from Hugging Face's and timm's JSON. */

import * as z from 'zod';
import { CarafeError } from '../errors.ts';
import { type Message, message, messageOf } from '../message.ts';
import type { Kernel, Preprocessing, Resize } from './preprocessing.ts';

// Larger edges belong to no classifier, and a hostile file shall not ask for gigabytes.
const edge = z.number().int().positive().max(4096);
const square = edge.transform((size) => ({ height: size, width: size }));
const pair = z.tuple([edge, edge]).transform(([height, width]) => ({ height, width }));
const heightWidth = z.object({ height: edge, width: edge });
const perChannel = (value: z.ZodNumber) =>
  z.union([z.tuple([value, value, value]), value.transform((one): [number, number, number] => [one, one, one])]);
const mean = perChannel(z.number());
const std = perChannel(z.number().positive());
const share = z.number().positive().max(1);

/** Codes of PIL.Image.Resampling, and the names that timm gives them. */
const kernels = new Map<number | string, Kernel>([
  [0, 'nearest'],
  [1, 'lanczos3'],
  [2, 'bilinear'],
  [3, 'bicubic'],
  ['nearest', 'nearest'],
  ['lanczos', 'lanczos3'],
  ['bilinear', 'bilinear'],
  ['bicubic', 'bicubic'],
]);

const huggingFace = z.object({
  image_processor_type: z.string().optional(),
  feature_extractor_type: z.string().optional(),
  do_resize: z.boolean().default(true),
  size: z.union([edge, pair, heightWidth, z.object({ shortest_edge: edge, longest_edge: z.undefined().optional() })]),
  resample: z.union([z.number().int(), z.string()]),
  do_center_crop: z.boolean().optional(),
  crop_size: z.union([square, pair, heightWidth]).optional(),
  crop_pct: share.nullish(),
  do_pad: z.boolean().nullish(),
  do_rescale: z.boolean().default(true),
  rescale_factor: z
    .number()
    .positive()
    .default(1 / 255),
  rescale_offset: z.boolean().nullish(),
  do_normalize: z.boolean().default(true),
  image_mean: mean.nullish(),
  image_std: std.nullish(),
  include_top: z.boolean().nullish(),
  do_flip_channel_order: z.boolean().nullish(),
});
type HuggingFace = z.infer<typeof huggingFace>;

const timm = z.object({
  input_size: z.tuple([z.literal(3), edge, edge]),
  // What timm takes where its configuration does not say (timm/data/constants.py, timm/data/config.py).
  interpolation: z.string().default('bicubic'),
  crop_pct: share.default(0.875),
  crop_mode: z.string().default('center'),
  mean: mean.default([0.485, 0.456, 0.406]),
  std: std.default([0.229, 0.224, 0.225]),
});
const timmFile = z.object({ pretrained_cfg: z.unknown() });

/** Image processors of Hugging Face that take a single number for the short edge; the others for both edges. */
const shortEdgeFamilies = /^(CLIP|ChineseCLIP|ConvNext|PoolFormer|Levit|MobileNetV|MobileViT|Bit)/;

/**
 * Reads a preprocessing from Hugging Face's `preprocessor_config.json` or from the `pretrained_cfg` of timm's
 * `config.json`. Layout and input type are not said there: nchw and float32 are assumed, the network knows better.
 * @param json the parsed file
 * @param source the file's name, for messages
 * @throws CarafeError NO_PREPROCESSING, which says what is missing or not supported
 */
export function parsePreprocessing(json: unknown, source: string): Preprocessing {
  const wrapped = timmFile.safeParse(json);
  if (wrapped.success && wrapped.data.pretrained_cfg !== undefined)
    return fromTimm(checked(timm, wrapped.data.pretrained_cfg, source, 'pretrained_cfg.'), source);
  if (typeof json === 'object' && json !== null && 'input_size' in json)
    return fromTimm(checked(timm, json, source), source);
  return fromHuggingFace(checked(huggingFace, json, source), source);
}

function checked<T>(schema: z.ZodType<T>, json: unknown, source: string, prefix = ''): T {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const key = prefix + (issue?.path.join('.') ?? '');
  throw refused(source, key ? message`${key} is missing or not understood` : 'it is not a JSON object');
}

function fromHuggingFace(config: HuggingFace, source: string): Preprocessing {
  if (!config.do_resize) throw refused(source, 'do_resize is false, but all photos must get the same size');
  if (config.do_pad) throw refused(source, 'do_pad is true, which Carafe does not support');
  const { image_mean: means, image_std: stds } = config;
  if (config.do_normalize && !(means && stds)) throw refused(source, 'image_mean or image_std is missing');
  const [add, divide] =
    config.do_normalize && means && stds
      ? [means, stds]
      : [
          [0, 0, 0],
          [1, 1, 1],
        ];
  // EfficientNet's quirks: rescale_offset takes 1 away after scaling, include_top divides by std a second time.
  const offset = config.do_rescale && config.rescale_offset ? 1 : 0;
  const power = config.include_top && config.do_normalize ? 2 : 1;
  const [r = 0, g = 0, b = 0] = add.map((value) => value + offset);
  const [sr = 1, sg = 1, sb = 1] = divide.map((value) => value ** power);
  return {
    ...huggingFaceGeometry(config, source),
    scale: config.do_rescale ? config.rescale_factor : 1,
    mean: [r, g, b],
    std: [sr, sg, sb],
    channels: config.do_flip_channel_order ? 'bgr' : 'rgb',
    layout: 'nchw',
    input: 'float32',
  };
}

type Geometry = Pick<Preprocessing, 'resize' | 'kernel' | 'crop'>;

function huggingFaceGeometry(config: HuggingFace, source: string): Geometry {
  const { size, crop_size: cropSize, crop_pct: cropShare } = config;
  const family = config.image_processor_type ?? config.feature_extractor_type ?? '';
  const kernel = kernelOf(config.resample, 'resample', source);
  const short =
    typeof size === 'number' ? shortEdgeFamilies.test(family) && size : 'shortest_edge' in size && size.shortest_edge;
  // ConvNeXt says the size of the crop and its share; from 384 on it squashes. crop_size is not among its keys.
  if (short && (/^ConvNext/.test(family) || (cropShare && !cropSize && config.do_center_crop === undefined))) {
    const crop = { height: short, width: short };
    if (short >= 384) return { resize: { rule: 'squash', ...crop }, kernel, crop };
    return { resize: { rule: 'shortest-edge', size: Math.floor(short / (cropShare ?? 224 / 256)) }, kernel, crop };
  }
  const resize = huggingFaceResize(config, short, family);
  if (config.do_center_crop ?? cropSize !== undefined) {
    if (!cropSize) throw refused(source, 'do_center_crop is true, but crop_size is missing');
    return { resize, kernel, crop: cropSize };
  }
  if (resize.rule === 'shortest-edge')
    throw refused(
      source,
      'photos would keep their proportions without being cropped: do_center_crop or crop_size is missing',
    );
  return { resize, kernel, crop: { height: resize.height, width: resize.width } };
}

function huggingFaceResize({ size, crop_pct: cropShare }: HuggingFace, short: number | false, family: string): Resize {
  // These two enlarge what `size` says; elsewhere crop_pct only describes what size and crop_size say already.
  const enlarge = (length: number): number => {
    if (/^PoolFormer/.test(family)) return Math.floor(length / (cropShare ?? 0.9));
    return /^Levit/.test(family) && short ? Math.floor((256 / 224) * length) : length;
  };
  if (short) return { rule: 'shortest-edge', size: enlarge(short) };
  const { height, width } =
    typeof size === 'object' && 'height' in size ? size : { height: Number(size), width: Number(size) };
  return { rule: 'squash', height: enlarge(height), width: enlarge(width) };
}

/** As timm/data/transforms_factory.py, transforms_imagenet_eval. */
function fromTimm(config: z.infer<typeof timm>, source: string): Preprocessing {
  const { input_size: size, crop_pct: part, crop_mode: mode } = config;
  const [, height, width] = size;
  const kernel = kernelOf(config.interpolation, 'interpolation', source);
  const enlarged = (length: number): number => Math.floor(length / part);
  const squash = mode === 'squash';
  if (!squash && mode !== 'center')
    throw refused(source, message`crop_mode is ${JSON.stringify(mode)}; Carafe supports center and squash`);
  if (!squash && height !== width)
    throw refused(source, 'input_size is not square, which only crop_mode squash allows');
  return {
    resize: squash
      ? { rule: 'squash', height: enlarged(height), width: enlarged(width) }
      : { rule: 'shortest-edge', size: enlarged(height) },
    kernel,
    crop: { height, width },
    scale: 1 / 255,
    mean: config.mean,
    std: config.std,
    channels: 'rgb',
    layout: 'nchw',
    input: 'float32',
  };
}

function kernelOf(value: number | string, key: string, source: string): Kernel {
  const kernel = kernels.get(value);
  if (kernel) return kernel;
  throw refused(
    source,
    message`${key} is ${JSON.stringify(value)}; Carafe supports nearest, bilinear, bicubic and lanczos`,
  );
}

function refused(source: string, reason: string | Message): CarafeError {
  return new CarafeError(
    'NO_PREPROCESSING',
    message`${source} does not say how photos become the network's input: ${messageOf(reason)}.`,
    'Use the preprocessor_config.json (Hugging Face) or config.json (timm) that belongs to the network.',
  );
}
