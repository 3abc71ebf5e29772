/** The network that comes with the package: name, hash, measured figures. */

import type { Preprocessing } from '../images/preprocessing.ts';

/** How it takes photos. A constant, so that a bundler that carries the one file to another place carries all of it. */
const preprocessing: Preprocessing = {
  resize: { rule: 'shortest-edge', size: 192 },
  kernel: 'bicubic',
  crop: { height: 192, width: 192 },
  scale: 1 / 255,
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
  channels: 'rgb',
  layout: 'nchw',
  input: 'float32',
};

/**
 * The backbone that comes with the package. To replace it: put the new file in `backbone/`, change this record and its
 * preprocessing, and run the bench for its figures.
 */
export const embedded = {
  name: 'carafe-s',
  /** Inside the package. */
  file: 'backbone/carafe-s.onnx',
  /** SHA-256 of the file. */
  hash: '0c98778ff933f3d5f5709a4775f5b9b194eab2dd8fc8aa6002e9b116c1a58e74',
  licence: 'MIT',
  preprocessing,
  width: 1280,
  inputSize: 192,
  parameters: 6_783_536,
  macs: 748_265_472,
  /** Accuracy with 5 folds: `npm run bench strength`. */
  measured: { flowers5: 0.876, cats_dogs: 0.957 },
  /**
   * The entry of the catalogue that messages recommend. What it reaches has not been measured here; MobileNetV2, which is its
   * smaller predecessor, reached this in the same bench.
   */
  stronger: { name: 'mobilenet-v4-medium', megabytes: 39, predecessor: { flowers5: 0.919, cats_dogs: 0.982 } },
} as const;
