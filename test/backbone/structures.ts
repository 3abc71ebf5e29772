import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { fitPreprocessing, imageInput } from '../../src/backbone/imageInput.ts';
import type { Preprocessing } from '../../src/images/preprocessing.ts';
import type { Model } from '../../src/onnx/model.ts';
import { readModel } from '../../src/onnx/read.ts';

/** A network of torchvision without its weights: test/fixtures/backbones/make.py wrote it. */
export function structure(name: string): Model {
  const file = new URL(`../fixtures/backbones/${name}.onnx.gz`, import.meta.url);
  return readModel(new Uint8Array(gunzipSync(readFileSync(file))), name);
}

/** A preprocessing that fits the network's input; its values do not matter to the cut. */
export function plainPreprocessing(model: Model, size = 224): Preprocessing {
  const input = imageInput(model, 'the network');
  const { height = size, width = size } = input;
  const plain: Preprocessing = {
    resize: { rule: 'squash', height, width },
    kernel: 'bilinear',
    crop: { height, width },
    scale: 1 / 255,
    mean: [0.5, 0.5, 0.5],
    std: [0.5, 0.5, 0.5],
    channels: 'rgb',
    layout: 'nchw',
    input: 'float32',
  };
  return fitPreprocessing(plain, input, 'the network');
}
