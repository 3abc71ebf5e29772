// How narrow the bottleneck may be on the real photos, and how long a study takes with the cache full.
import { join } from 'node:path';
import { carafe, percent, shared, table, temporary } from './run.mjs';

const networks = [
  ['`carafe-s` (embedded)', 'embedded'],
  ['MobileNetV2 1.0', 'mobilenetv2_1.0_224'],
];
// A full study of some thousand photos takes minutes: they are studied quickly.
const studies = [
  ['flowers5', '--quick'],
  ['cats_dogs', '--quick'],
  ['cats_dogs', undefined],
];
const widths = [1, 4, 16, 64, 256];

if (!shared) console.log('study: skipped, the photos are not here');
else {
  const rows = [];
  for (const [name, file] of networks)
    for (const [set, quick] of studies) {
      const network = file === 'embedded' ? file : join(shared, `backbones/${file}.onnx`);
      const out = temporary('study');
      const args = ['study', join(shared, 'images', set), '--backbone', network, '--out', out];
      const cache = temporary(`study-${file}-${set}`);
      const run = quick ? [...args, quick] : args;
      carafe(run, cache);
      const { result, seconds } = carafe(run, cache);
      const { answers, points, backbone, images } = result;
      const accuracyAt = (width) =>
        points.find((point) => point.kind === 'pca' && point.precision === 'float32' && point.width === width)?.accuracy
          .value;
      const enough = (kind) => answers.find((answer) => answer.kind === kind);
      const pca = enough('pca');
      rows.push([
        name,
        `${set}, ${images.found.toLocaleString('en')}`,
        quick ? 'quick' : 'full',
        ...widths.map((width) => (accuracyAt(width) === undefined ? '' : percent(accuracyAt(width)))),
        percent(pca.full),
        `${pca.width} of ${backbone.width}`,
        ['linear', 'relu', 'conv'].map((kind) => enough(kind)?.width ?? '–').join(' / '),
        `${seconds.toFixed(0)} s`,
      ]);
    }
  const header = [
    'backbone',
    'photos',
    'study',
    ...widths.map((width) => `PCA ${width}`),
    'all',
    'enough, PCA',
    'enough, trained: linear / ReLU / 1x1',
    'whole process',
  ];
  table('How narrow the bottleneck may be', header, rows);
}
