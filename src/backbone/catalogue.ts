/** Networks that can be had by name. */

import * as z from 'zod';

/** One line of `carafe backbones`. */
export const listedBackbone = z.object({
  /** What `--backbone` takes. */
  name: z.string(),
  /** owner/name@revision on Hugging Face; null for what comes with the package. */
  source: z.string().nullable(),
  /** As its source states it. */
  licence: z.string(),
  width: z.number().int(),
  inputSize: z.number().int(),
  parameters: z.number(),
  /** Multiplications with addition for one photo. */
  macs: z.number(),
  /** To download; 0 for what comes with the package. */
  megabytes: z.number(),
  downloaded: z.boolean(),
});
export type ListedBackbone = z.infer<typeof listedBackbone>;

/** A network in a repository of Hugging Face's hub. */
export interface HubAddress {
  /** owner/name */
  readonly repo: string;
  /** A branch, a tag or a commit. */
  readonly revision: string;
  /** Path of the .onnx file inside; found by itself unless told. */
  readonly file?: string | undefined;
}

/** A network of the catalogue: everything that choosing it needs, without downloading it. */
export interface CatalogueEntry extends HubAddress {
  /** What `--backbone` takes. */
  readonly name: string;
  /** As the source states it; `base` where the repository says nothing and the network it was made from does. */
  readonly licence: string;
  /** Values a photo at the default cut. */
  readonly width: number;
  /** Edge of the photo that the network sees. */
  readonly inputSize: number;
  readonly parameters: number;
  readonly macs: number;
  /** Megabytes to download. */
  readonly megabytes: number;
  /** For repositories that hold no preprocessor_config.json: what the publisher's own code does. */
  readonly preprocessing?: unknown;
}

const imageNet = { image_mean: [0.485, 0.456, 0.406], image_std: [0.229, 0.224, 0.225] };

/**
 * Public repositories with ONNX weights. Parameters and MACs are those of the papers or of torchvision and timm.
 * A commit stands where one is known to hold all files, else the branch.
 */
export const catalogue: readonly CatalogueEntry[] = [
  {
    name: 'inception-v3',
    repo: 'Kalray/inception-v3',
    revision: 'main',
    file: 'inception-v3.onnx',
    licence: 'apache-2.0',
    width: 2048,
    inputSize: 299,
    parameters: 23_834_568,
    macs: 5.71e9,
    megabytes: 95,
    // kalray/kann-models-zoo, networks/classifiers/inception-v3/onnx/input_preparator.py.
    preprocessing: { size: { shortest_edge: 299 }, crop_size: 299, do_center_crop: true, resample: 2, ...imageNet },
  },
  {
    name: 'resnet-50',
    repo: 'Xenova/resnet-50',
    revision: '936b56fe2d6ce1c50a0800db815aeed121524979',
    file: 'onnx/model.onnx',
    licence: 'apache-2.0 (base)',
    width: 2048,
    inputSize: 224,
    parameters: 25_557_032,
    macs: 4.09e9,
    megabytes: 102,
  },
  {
    name: 'mobilenet-v2',
    repo: 'onnx-community/mobilenet_v2_1.0_224',
    revision: 'main',
    file: 'onnx/model.onnx',
    licence: 'other (base)',
    width: 1280,
    inputSize: 224,
    parameters: 3_506_153,
    macs: 0.301e9,
    megabytes: 14,
  },
  {
    name: 'mobilenet-v3',
    repo: 'onnx-community/mobilenetv3_large_100.ra_in1k',
    revision: 'main',
    file: 'onnx/model.onnx',
    licence: 'apache-2.0 (base)',
    width: 1280,
    inputSize: 224,
    parameters: 5_483_032,
    macs: 0.217e9,
    megabytes: 22,
  },
  {
    name: 'mobilenet-v4',
    repo: 'onnx-community/mobilenetv4_conv_small.e2400_r224_in1k',
    revision: 'main',
    file: 'onnx/model.onnx',
    licence: 'apache-2.0 (base)',
    width: 1280,
    inputSize: 224,
    parameters: 3.8e6,
    macs: 0.2e9,
    megabytes: 15,
  },
  {
    name: 'efficientnet-b0',
    repo: 'Kalray/efficientnet-b0',
    revision: '44416c419a1fb83e786ea1e492b7b390ff85e2ef',
    file: 'efficientNet-b0.onnx',
    licence: 'apache-2.0',
    width: 1280,
    inputSize: 224,
    parameters: 5_288_548,
    macs: 0.386e9,
    megabytes: 21,
    // torchvision, EfficientNet_B0_Weights.
    preprocessing: { size: { shortest_edge: 256 }, crop_size: 224, do_center_crop: true, resample: 3, ...imageNet },
  },
  {
    name: 'convnext-tiny',
    repo: 'Xenova/convnext-tiny-224',
    revision: '2d989c0a31d7ed2c87186ca6396eda0cf62e523a',
    file: 'onnx/model.onnx',
    licence: 'apache-2.0 (base)',
    width: 768,
    inputSize: 224,
    parameters: 28_589_128,
    macs: 4.46e9,
    megabytes: 114,
  },
  {
    name: 'vit-base',
    repo: 'Xenova/vit-base-patch16-224',
    revision: 'f89c91a12b4f5cc8c6f56a09b88b4027c912aa91',
    file: 'onnx/model.onnx',
    licence: 'apache-2.0 (base)',
    width: 768,
    inputSize: 224,
    parameters: 86_567_656,
    macs: 17.56e9,
    megabytes: 347,
  },
  {
    name: 'dinov2-small',
    repo: 'Xenova/dinov2-small',
    revision: '560a572cedd01ab59cf1a614c2d9673397b65ef2',
    file: 'onnx/model.onnx',
    licence: 'apache-2.0 (base)',
    width: 384,
    inputSize: 224,
    parameters: 22_056_576,
    macs: 6.1e9,
    megabytes: 88,
  },
  {
    name: 'clip-vit-b32',
    repo: 'Qdrant/clip-ViT-B-32-vision',
    revision: 'a636590e595dbbd798647c9dd4550d5652fba969',
    file: 'model.onnx',
    licence: 'mit',
    width: 512,
    inputSize: 224,
    parameters: 87_849_216,
    macs: 4.41e9,
    megabytes: 352,
  },
];

export function catalogueEntry(name: string): CatalogueEntry | undefined {
  return catalogue.find((entry) => entry.name === name);
}
