// Accuracy with 5 folds, near-duplicates kept on one side, on the real photos.
import { join } from 'node:path';
import { carafe, percent, shared, table, temporary, withInterval } from './run.mjs';

if (!shared) console.log('quality: skipped, the photos are not here');
else {
  const cache = temporary('quality-cache');
  const rows = [];
  for (const backbone of ['embedded', 'mobilenetv2_1.0_224'])
    for (const set of ['flowers5', 'cats_dogs']) {
      const network = backbone === 'embedded' ? backbone : join(shared, `backbones/${backbone}.onnx`);
      const args = [
        'train',
        join(shared, 'images', set),
        '--backbone',
        network,
        '--folds',
        '5',
        '--out',
        temporary('quality'),
      ];
      const { evaluation, images } = carafe(args, cache).result;
      rows.push([
        backbone === 'embedded' ? '`carafe-s` (embedded)' : 'MobileNetV2 1.0',
        `${set}, ${images.found.toLocaleString('en')}`,
        withInterval(evaluation.accuracy),
        evaluation.logLoss.toFixed(3),
        `${percent(evaluation.ece.before)} → ${percent(evaluation.ece.after)}`,
      ]);
    }
  table('Accuracy, 5 folds', ['backbone', 'photos', 'accuracy (95%)', 'log-loss', 'calibration error'], rows);
}
