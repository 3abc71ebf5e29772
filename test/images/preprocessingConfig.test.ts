import { describe, expect, test } from 'vitest';
import { CarafeError } from '../../src/errors.ts';
import { parsePreprocessing } from '../../src/images/preprocessingConfig.ts';

const imagenet = { image_mean: [0.485, 0.456, 0.406], image_std: [0.229, 0.224, 0.225] };
const parse = (json: unknown) => parsePreprocessing(json, 'p.json');
const geometry = (json: unknown) => {
  const { resize, crop } = parse(json);
  const rule = resize.rule === 'shortest-edge' ? `short ${resize.size}` : `${resize.height} x ${resize.width}`;
  return `${rule}, crop ${crop.height} x ${crop.width}`;
};

describe('Hugging Face', () => {
  const vit = {
    size: { shortest_edge: 256 },
    resample: 2,
    do_center_crop: true,
    crop_size: { height: 224, width: 224 },
    ...imagenet,
  };

  test('a whole file; keys in a fixed order, since the object is part of the cache key', () => {
    expect(JSON.stringify(parse(vit))).toBe(
      '{"resize":{"rule":"shortest-edge","size":256},"kernel":"bilinear","crop":{"height":224,"width":224},' +
        '"scale":0.00392156862745098,"mean":[0.485,0.456,0.406],"std":[0.229,0.224,0.225],' +
        '"channels":"rgb","layout":"nchw","input":"float32"}',
    );
    const turned = Object.fromEntries(Object.entries(vit).toReversed());
    expect(JSON.stringify(parse(turned))).toBe(JSON.stringify(parse(vit)));
  });

  test.each([
    ['ViT: one number is both edges', { ...vit, size: 224, do_center_crop: false }, '224 x 224, crop 224 x 224'],
    [
      'ViT: crop_size without do_center_crop: true is no crop',
      { ...vit, size: { height: 299, width: 299 }, do_center_crop: false },
      '299 x 299, crop 299 x 299',
    ],
    [
      'DeiT: both edges, then a crop',
      { ...vit, size: 256, crop_size: 224, feature_extractor_type: 'DeiTFeatureExtractor' },
      '256 x 256, crop 224 x 224',
    ],
    [
      'CLIP: one number is the short edge',
      { ...vit, size: 224, crop_size: 224, feature_extractor_type: 'CLIPFeatureExtractor' },
      'short 224, crop 224 x 224',
    ],
    ['crop_pct that only describes', { ...vit, crop_pct: 0.875 }, 'short 256, crop 224 x 224'],
    [
      'ConvNeXt under 384',
      {
        ...imagenet,
        size: { shortest_edge: 224 },
        resample: 3,
        crop_pct: 0.875,
        image_processor_type: 'ConvNextImageProcessor',
      },
      'short 256, crop 224 x 224',
    ],
    [
      'ConvNeXt from 384 on',
      {
        ...imagenet,
        size: { shortest_edge: 384 },
        resample: 3,
        crop_pct: 0.875,
        image_processor_type: 'ConvNextImageProcessor',
      },
      '384 x 384, crop 384 x 384',
    ],
    [
      'ConvNeXt in the old form',
      { ...imagenet, size: 224, resample: 3, crop_pct: 0.95, feature_extractor_type: 'ConvNextFeatureExtractor' },
      'short 235, crop 224 x 224',
    ],
    [
      'PoolFormer',
      { ...vit, size: { shortest_edge: 224 }, crop_pct: 0.9, image_processor_type: 'PoolFormerImageProcessor' },
      'short 248, crop 224 x 224',
    ],
    [
      'LeViT',
      { ...vit, size: { shortest_edge: 224 }, image_processor_type: 'LevitImageProcessor' },
      'short 256, crop 224 x 224',
    ],
  ])('%s', (_, json, expected) => {
    expect(geometry(json)).toBe(expected);
  });

  test.each([
    [0, 'nearest'],
    [1, 'lanczos3'],
    [2, 'bilinear'],
    [3, 'bicubic'],
    ['bicubic', 'bicubic'],
  ])('resample %s is %s', (resample, kernel) => {
    expect(parse({ ...vit, resample }).kernel).toBe(kernel);
  });

  test('scale, mean and std', () => {
    const { scale, mean, std } = parse({ ...vit, do_normalize: false });
    expect({ scale, mean, std }).toEqual({ scale: 1 / 255, mean: [0, 0, 0], std: [1, 1, 1] });
    expect(parse({ ...vit, do_rescale: false, image_mean: 127.5, image_std: 127.5 })).toMatchObject({
      scale: 1,
      mean: [127.5, 127.5, 127.5],
      std: [127.5, 127.5, 127.5],
    });
    expect(parse({ ...vit, rescale_factor: 1 / 127.5, rescale_offset: true, do_normalize: false })).toMatchObject({
      scale: 1 / 127.5,
      mean: [1, 1, 1],
      std: [1, 1, 1],
    });
    expect(parse({ ...vit, include_top: true }).std[0]).toBeCloseTo(0.229 ** 2, 12);
    expect(parse({ ...vit, do_flip_channel_order: true }).channels).toBe('bgr');
  });

  test.each<[string, unknown, string]>([
    ['no object', null, 'it is not a JSON object'],
    ['an empty object', {}, 'size is missing or not understood'],
    ['no resample', { ...vit, resample: undefined }, 'resample is missing or not understood'],
    ['a kernel of Pillow that is rare', { ...vit, resample: 4 }, 'resample is 4; Carafe supports'],
    ['a name that every object has', { ...vit, resample: 'constructor' }, 'resample is "constructor"; Carafe supports'],
    ['no mean', { ...vit, image_mean: undefined }, 'image_mean or image_std is missing'],
    ['std of zero', { ...vit, image_std: [0, 1, 1] }, 'image_std'],
    [
      'no crop',
      { ...vit, do_center_crop: false },
      'photos would keep their proportions without being cropped: do_center_crop',
    ],
    ['no crop_size', { ...vit, crop_size: undefined }, 'do_center_crop is true, but crop_size is missing'],
    ['no resizing', { ...vit, do_resize: false }, 'do_resize is false'],
    ['a detector', { ...vit, size: { shortest_edge: 800, longest_edge: 1333 } }, 'size is missing or not understood'],
    ['padding', { ...vit, do_pad: true }, 'do_pad is true'],
    ['a size without bounds', { ...vit, size: 1e9 }, 'size is missing or not understood'],
  ])('%s is refused', (_, json, expected) => {
    expect(message(json)).toContain(
      `NO_PREPROCESSING p.json does not say how photos become the network's input: ${expected}`,
    );
  });
});

describe('timm', () => {
  const cfg = {
    input_size: [3, 224, 224],
    interpolation: 'bicubic',
    crop_pct: 0.9,
    crop_mode: 'center',
    mean: [0.5, 0.5, 0.5],
    std: [0.5, 0.5, 0.5],
  };

  test('pretrained_cfg of a config.json, or by itself', () => {
    const expected = {
      resize: { rule: 'shortest-edge', size: 248 },
      kernel: 'bicubic',
      crop: { height: 224, width: 224 },
      scale: 1 / 255,
      mean: [0.5, 0.5, 0.5],
      std: [0.5, 0.5, 0.5],
      channels: 'rgb',
      layout: 'nchw',
      input: 'float32',
    };
    expect(parse({ architecture: 'vit_small', num_classes: 1000, pretrained_cfg: cfg })).toEqual(expected);
    expect(parse(cfg)).toEqual(expected);
  });

  test('what is not said is as timm has it', () => {
    expect(parse({ input_size: [3, 224, 224] })).toMatchObject({
      kernel: 'bicubic',
      resize: { size: 256 },
      mean: [0.485, 0.456, 0.406],
    });
  });

  test('squash', () => {
    expect(geometry({ ...cfg, input_size: [3, 256, 128], crop_mode: 'squash', crop_pct: 1 })).toBe(
      '256 x 128, crop 256 x 128',
    );
  });

  test.each([
    [{ ...cfg, crop_mode: 'border' }, 'crop_mode is "border"; Carafe supports center and squash'],
    [{ ...cfg, input_size: [3, 256, 128] }, 'input_size is not square'],
    [{ ...cfg, input_size: [1, 28, 28] }, 'input_size'],
    [{ ...cfg, interpolation: 'random' }, 'interpolation is "random"'],
    [{ pretrained_cfg: { mean: 3 } }, 'pretrained_cfg.'],
  ])('%j is refused', (json, expected) => {
    expect(message(json)).toContain(expected);
  });
});

function message(json: unknown): string {
  try {
    parse(json);
  } catch (error) {
    if (error instanceof CarafeError) return `${error.code} ${error.what}`;
    throw error;
  }
  return 'no error';
}
