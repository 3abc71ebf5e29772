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

/** A file as its publisher states it. */
export interface StatedFile {
  readonly path: string;
  readonly sha256: string;
  readonly bytes?: number;
}

/** A network in a repository of Hugging Face's hub. */
export interface HubAddress {
  /** owner/name */
  readonly repo: string;
  /** A branch, a tag or a commit; of a commit, its first seven digits will do. */
  readonly revision: string;
  /** Path of the .onnx file inside; found by itself unless told. */
  readonly file?: string | undefined;
  /** What is known of its files beforehand: a download of others is refused. */
  readonly files?: readonly StatedFile[] | undefined;
  /** Terms that bind whoever uses the network: shown before it is downloaded. */
  readonly terms?: string | undefined;
  /** For repositories that hold no preprocessor_config.json: what the publisher's own code does. */
  readonly preprocessing?: unknown;
}

/** A network of the catalogue: everything that choosing it needs, without downloading it. */
export interface CatalogueEntry extends HubAddress {
  /** What `--backbone` takes. */
  readonly name: string;
  readonly file: string;
  /** As the source states it; `base` where the repository says nothing and the network it was made from does. */
  readonly licence: string;
  /** Values a photo at the default cut. */
  readonly width: number;
  /** Edge of the photo that the network sees. */
  readonly inputSize: number;
  /** Digest of the shape of the cut (`cutShape`), where somebody has had the file. */
  readonly shape?: string;
  readonly parameters: number;
  readonly macs: number;
  /** Megabytes to download. */
  readonly megabytes: number;
}

const imageNet = { image_mean: [0.485, 0.456, 0.406], image_std: [0.229, 0.224, 0.225] };

/**
 * Public repositories with ONNX weights, the quickest first of each kind. Parameters and MACs are those of the papers or of
 * torchvision and timm; sizes and hashes are those that users of the files state. `mobilenet-v2` has no known commit. No row
 * is dominated: vit-base and efficientnet-b0 cost several times what rows here cost that are at least as accurate.
 */
export const catalogue: readonly CatalogueEntry[] = [
  {
    name: 'mobilenet-v4-small',
    repo: 'onnx-community/mobilenetv4_conv_small.e2400_r224_in1k',
    revision: '3ba07f12712fa58fd6b3d661f9909c9e332c5005',
    file: 'onnx/model.onnx',
    files: [
      {
        path: 'onnx/model.onnx',
        sha256: 'ca5b8dbf490f54e83c5d72f787821565447ea94347935f6b834cf0a4af0e8d37',
        bytes: 15_086_122,
      },
    ],
    licence: 'apache-2.0 (base)',
    width: 1280,
    inputSize: 224,
    parameters: 3.8e6,
    macs: 0.2e9,
    megabytes: 15,
  },
  {
    name: 'mobilenet-v4-medium',
    repo: 'onnx-community/mobilenetv4_conv_medium.e500_r256_in1k',
    revision: '46483fa826d2e19a097d182e35d1988f51c2180b',
    file: 'onnx/model.onnx',
    files: [
      {
        path: 'onnx/model.onnx',
        sha256: 'f67257da6f91c00cd1d063a61a377718f004305c1299360a5c077e4c2b02b67a',
        bytes: 38_790_007,
      },
    ],
    licence: 'apache-2.0 (base)',
    width: 1280,
    inputSize: 256,
    parameters: 9.7e6,
    macs: 1.1e9,
    megabytes: 39,
  },
  {
    name: 'mobilenet-v3-21k',
    repo: 'onnx-community/mobilenetv3_large_100.miil_in21k_ft_in1k',
    revision: '6a692c3',
    file: 'onnx/model.onnx',
    licence: 'apache-2.0 (base)',
    width: 1280,
    inputSize: 224,
    parameters: 5_483_032,
    macs: 0.217e9,
    megabytes: 22,
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
    name: 'inception-v3',
    repo: 'Kalray/inception-v3',
    revision: '183ed31',
    file: 'inception-v3.onnx',
    licence: 'apache-2.0',
    width: 2048,
    inputSize: 299,
    parameters: 23_834_568,
    macs: 5.71e9,
    megabytes: 95,
    // Its weights are torchvision's, which are scored at 342 to 299 (timm, inception_v3.tv_in1k: crop_pct 0.875).
    preprocessing: { size: { shortest_edge: 342 }, crop_size: 299, do_center_crop: true, resample: 2, ...imageNet },
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
    name: 'dinov2-small',
    repo: 'onnx-community/dinov2-with-registers-small',
    revision: 'ec7abea1a8757ec4f9f7b26399d31234ffaa6e6a',
    file: 'onnx/model.onnx',
    files: [{ path: 'onnx/model.onnx', sha256: '815e440d222e60294bb5b165491c4760e7f08dc7ecd2488a5450e93d50887efe' }],
    licence: 'apache-2.0 (base)',
    width: 384,
    inputSize: 224,
    parameters: 22.06e6,
    macs: 6.2e9,
    megabytes: 88,
  },
  {
    name: 'dinov3-small',
    repo: 'onnx-community/dinov3-vits16-pretrain-lvd1689m-ONNX',
    revision: '48988dfe73065df8d6f5ccc0edc7c8bcf307de41',
    file: 'onnx/model.onnx',
    files: [
      {
        path: 'onnx/model.onnx',
        sha256: 'bb75e9e30ff382ecdbd150266445ab41272be4acc85fd3563218dd89781e36da',
        bytes: 137_969,
      },
      {
        path: 'onnx/model.onnx_data',
        sha256: '1eff0bb9f4fdef831ca61c8bc2b5c88d8cc21ef4756d3b483d9b9c15d8d5d27f',
        bytes: 86_347_776,
      },
      {
        path: 'preprocessor_config.json',
        sha256: '960c41d1f3a7778b936365769a2d90550b318a6c0a53a0296957adacfe5e0dd7',
        bytes: 585,
      },
    ],
    licence: 'dinov3-license',
    terms:
      "dinov3-small is under the DINOv3 License: https://github.com/facebookresearch/dinov3/blob/main/LICENSE.md. It binds whoever downloads, uses or passes on the network or a classifier made with it: the licence goes along with the file, and 'Built with DINOv3' is said.",
    width: 384,
    inputSize: 224,
    parameters: 21.6e6,
    macs: 4.7e9,
    megabytes: 86,
  },
  {
    name: 'clip-vit-b32',
    repo: 'Qdrant/clip-ViT-B-32-vision',
    revision: 'a636590e595dbbd798647c9dd4550d5652fba969',
    file: 'model.onnx',
    files: [
      {
        path: 'model.onnx',
        sha256: 'c68d3d9a200ddd2a8c8a5510b576d4c94d1ae383bf8b36dd8c084f94e1fb4d63',
        bytes: 351_686_194,
      },
    ],
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
