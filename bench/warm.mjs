// Warm retrain: 600 photos, cache full, the whole process from its start to the printed result; what one photo takes, and
// the help.
import { join } from 'node:path';
import { carafe, command, median, shared, table, temporary } from './run.mjs';

const medians = (runs) => [
  median(runs.map((run) => run.seconds)).toFixed(2),
  median(runs.map((run) => run.cpu)).toFixed(2),
];

if (!shared) console.log('warm: skipped, the photos are not here');
else {
  const cache = temporary('warm-cache');
  const args = ['train', join(shared, 'images/cats_dogs'), '--out', temporary('warm')];
  const cold = carafe(args, cache);
  const warm = Array.from({ length: 5 }, () => carafe(args, cache));
  const { images, seconds } = warm[0].result;
  table(
    'Retraining on 600 photos (cats_dogs, carafe-s), whole process',
    ['run', 'seconds', 'processor seconds', 'photos computed'],
    [
      ['first', cold.seconds.toFixed(1), cold.cpu.toFixed(1), cold.result.images.computed],
      ['again, median of 5', ...medians(warm), images.computed],
    ],
  );
  console.log(
    `\nOf the first warm run: photos ${seconds.extraction.toFixed(2)} s, fitting ${seconds.fitting.toFixed(2)} s, evaluation and file ${seconds.evaluation.toFixed(2)} s.`,
  );

  const { classifier } = warm[0].result.files;
  const photo = warm[0].result.evaluation.photos[0].path;
  const many = (args) => Array.from({ length: 7 }, () => command(args, cache));
  table(
    'From the start of the process to its end, median of 7',
    ['command', 'seconds', 'processor seconds'],
    [
      ['carafe --help', ...medians(many(['--help']))],
      ['carafe predict, one photo', ...medians(many(['predict', classifier, join(shared, 'images/cats_dogs', photo)]))],
    ],
  );

  const views = [...args, '--views', '8', '--flip', '--crop', '10', '--scale', '10', '--brightness', '10'];
  const first = carafe(views, cache);
  const again = Array.from({ length: 3 }, () => carafe(views, cache));
  const { gain } = again[0].result.views;
  const points = (value) => (100 * value).toFixed(1);
  table(
    'Eight views of each of the 600 photos, whole process',
    ['run', 'seconds', 'views computed'],
    [
      ['first', first.seconds.toFixed(1), first.result.views.computed],
      ['again, median of 3', median(again.map((run) => run.seconds)).toFixed(2), again[0].result.views.computed],
    ],
  );
  console.log(`\nThey gained ${points(gain.value)} points (${points(gain.low)} to ${points(gain.high)}).`);
}
