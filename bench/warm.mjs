// Warm retrain: 600 photos, cache full, the whole process from its start to the printed result.
import { join } from 'node:path';
import { carafe, median, shared, table, temporary } from './run.mjs';

if (!shared) console.log('warm: skipped, the photos are not here');
else {
  const cache = temporary('warm-cache');
  const args = ['train', join(shared, 'images/cats_dogs'), '--out', temporary('warm')];
  const cold = carafe(args, cache);
  const warm = Array.from({ length: 5 }, () => carafe(args, cache));
  const { images, seconds } = warm[0].result;
  table(
    'Retraining on 600 photos (cats_dogs, carafe-s), whole process',
    ['run', 'seconds', 'photos computed'],
    [
      ['first', cold.seconds.toFixed(1), cold.result.images.computed],
      ['again, median of 5', median(warm.map((run) => run.seconds)).toFixed(2), images.computed],
    ],
  );
  console.log(
    `\nOf the first warm run: photos ${seconds.extraction.toFixed(2)} s, fitting ${seconds.fitting.toFixed(2)} s, evaluation and file ${seconds.evaluation.toFixed(2)} s.`,
  );
}
