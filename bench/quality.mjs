// Accuracy with 5 folds, near-duplicates kept on one side, and images/s of the first run, on the real photos.
import { join } from 'node:path';
import { carafe, percent, shared, table, temporary, withInterval } from './run.mjs';

const backbones = [
  ['`carafe-s` (embedded)', 'embedded', ['flowers5', 'cats_dogs']],
  ['MobileNetV2 1.0', 'mobilenetv2_1.0_224', ['flowers5', 'cats_dogs']],
  ['MobileNetV1 1.0', 'mobilenetv1_1.0_224', ['flowers5']],
  ['SqueezeNet 1.1', 'squeezenet1.1_224', ['flowers5']],
  ['Inception v3, fine-tuned for another task', 'inception_v3_299', ['flowers5']],
];

if (!shared) console.log('quality: skipped, the photos are not here');
else {
  const rows = [];
  for (const [name, file, sets] of backbones)
    for (const set of sets) {
      const network = file === 'embedded' ? file : join(shared, `backbones/${file}.onnx`);
      const args = ['train', join(shared, 'images', set), '--backbone', network, '--folds', '5'];
      const cache = temporary(`quality-${file}-${set}`);
      const { evaluation, images, seconds, backbone } = carafe([...args, '--out', temporary('quality')], cache).result;
      rows.push([
        name,
        backbone.width.toLocaleString('en'),
        `${set}, ${images.found.toLocaleString('en')}`,
        withInterval(evaluation.accuracy),
        evaluation.logLoss.toFixed(3),
        `${percent(evaluation.ece.before)} → ${percent(evaluation.ece.after)}`,
        Math.round(images.computed / seconds.extraction),
      ]);
    }
  const header = ['backbone', 'features', 'photos', 'accuracy (95%)', 'log-loss', 'calibration error', 'images/s'];
  table('Accuracy, 5 folds, and the speed of the first run', header, rows);
}
