// What a bias a class beside the temperature gains: flowers5, a head fitted on few photos, or on classes of unlike sizes,
// calibrated on its out-of-fold logits and judged on fresh photos whose groups it has not seen. Log-loss, calibration error,
// accuracy and mean recall of: no calibration, the temperature, what ships (a bias a class beside it), and other ridges;
// differences from the temperature, paired by draw, ± one standard error. After `npm run build`:
//   node bench/calibration.mjs [embedded|mobilenetv2_1.0_224] [draws] [head]

import { selectMany } from '../dist/evaluation/select.js';
import { predictLogits } from '../dist/heads/predictLogits.js';
import { headNamed } from '../dist/heads/registry.js';
import { expectedCalibrationError } from '../dist/metrics/calibration.js';
import { classProbabilities, fitClassCalibration, withBias } from '../dist/metrics/classCalibration.js';
import { logLoss } from '../dist/metrics/softmaxRows.js';
import { fitBiases } from '../dist/numerics/biases.js';
import { Random } from '../dist/numerics/random.js';
import { gather } from '../dist/numerics/rows.js';
import { indexOfLargest, mean, variance } from '../dist/numerics/statistics.js';
import { fitTemperature } from '../dist/numerics/temperature.js';
import { openSession } from '../dist/runtime/platform.node.js';
import { makeSplit } from '../dist/split/makeSplit.js';
import { filePart } from '../dist/split/split.js';
import { shared, table } from './run.mjs';
import { loadSet, openCache } from './sets.mjs';

const [network = 'mobilenetv2_1.0_224', times = '8', headName = 'softmax'] = process.argv.slice(2);
const even = (count) => Array(5).fill(count / 5);
/** Sizes in geometric series, the largest class fifty times the smallest. */
const uneven = (count) => {
  const shares = [0, 1, 2, 3, 4].map((c) => 50 ** (c / 4));
  const sum = shares.reduce((all, share) => all + share, 0);
  return shares.map((share) => Math.round((count * share) / sum));
};
const cases = [
  ['80 photos', even(80)],
  ['80 photos, as they come', 80],
  ['300 photos', even(300)],
  ['600 photos', even(600)],
  ['400 photos, 1:50', uneven(400)],
  ['150 photos, 1:50', uneven(150)],
];
const freshPhotos = 1500;
/** What else the ridge might be; 2 ships. */
const ridges = [1, 4, 8, 16];

/** Rows to learn from, and fresh ones of the same mixture, in other groups. */
function deal({ labels, groups }, sizes, seed) {
  const order = new Random(`calibration/${seed}`).shuffle([...labels.keys()]);
  if (typeof sizes === 'number') {
    const learned = order.slice(0, sizes);
    const known = new Set(learned.map((row) => groups[row]));
    const rest = order.slice(sizes).filter((row) => !known.has(groups[row]));
    return { learned, fresh: rest.slice(0, freshPhotos) };
  }
  const classOrder = new Random(`calibration/classes/${seed}`).shuffle(sizes.map((_, c) => c));
  const byClass = classOrder.map((c) => order.filter((row) => labels[row] === c));
  const learned = byClass.flatMap((rows, c) => rows.slice(0, sizes[c]));
  const known = new Set(learned.map((row) => groups[row]));
  const rest = byClass.map((rows, c) => rows.slice(sizes[c]).filter((row) => !known.has(groups[row])));
  const sum = sizes.reduce((all, size) => all + size, 0);
  const share = Math.min(freshPhotos / sum, ...rest.map((rows, c) => rows.length / sizes[c]));
  return { learned, fresh: rest.flatMap((rows, c) => rows.slice(0, Math.floor(share * sizes[c]))) };
}

async function draw(set, sizes, seed) {
  const { learned, fresh } = deal(set, sizes, seed);
  const labels = Int32Array.from(learned, (row) => set.labels[row]);
  const places = [...new Set(learned.map((row) => set.groups[row]))];
  const groups = Int32Array.from(learned, (row) => places.indexOf(set.groups[row]));
  const ids = learned.map((row) => set.ids[row]);
  const context = { openSession, threads: 1, seed };
  const split = makeSplit({
    labels,
    classes: set.classes,
    groups,
    ids,
    given: ids.map(() => undefined),
    seed,
    folds: 5,
  });
  const { inner: folds, innerFolds } = filePart(split);
  const problem = { features: gather(set.features, learned), labels, classes: 5 };
  const head = headNamed(headName);
  const weights = new Float32Array(learned.length).fill(1);
  const [selection] = await selectMany(head, problem, [{ folds, innerFolds, weights }], context);
  const { outOfFold, validated } = selection;
  const judged = gather(outOfFold, validated);
  const own = validated.map((row) => labels[row]);
  const temperature = fitTemperature(judged, own);
  const start = { temperature, bias: new Float64Array(5) };
  const ridged = await Promise.all(ridges.map((ridge) => fitBiases(judged, own, start, ridge)));
  const began = process.cpuUsage();
  const chosen = await fitClassCalibration({
    logits: outOfFold,
    targets: { classes: set.classes, labels },
    rows: validated,
    folds,
    weights,
  });
  const { user, system } = process.cpuUsage(began);
  const ms = (user + system) / 1000;
  const truth = Int32Array.from(fresh, (row) => set.labels[row]);
  const [logits] = await predictLogits(head, [selection.fitted], { features: gather(set.features, fresh) }, context);
  const figures = (calibration) => figuresOf(withBias(logits, calibration), logits, calibration, truth);
  return {
    ms,
    ways: [
      figures({ temperature: 1 }),
      figures({ temperature }),
      figures(chosen),
      ...ridged.map((found) => figures(found ?? { temperature })),
    ],
  };
}

function figuresOf(biased, logits, calibration, truth) {
  const { data, columns } = classProbabilities(logits, calibration);
  const rows = Array.from(truth, (_, row) => data.subarray(row * columns, (row + 1) * columns));
  const guesses = rows.map((row) => indexOfLargest(row));
  const right = guesses.map((guess, row) => Number(guess === truth[row]));
  const recalls = [...new Set(truth)].map((label) => mean(right.filter((_, row) => truth[row] === label)));
  return {
    loss: logLoss(biased, truth, calibration.temperature),
    ece: expectedCalibrationError(
      Float32Array.from(rows, (row, i) => row[guesses[i]]),
      Int32Array.from(right),
    ),
    accuracy: mean(right),
    recall: mean(recalls),
  };
}

const named = ['uncalibrated', 'temperature', 'what ships', ...ridges.map((ridge) => `ridge ${ridge}`)];

if (!shared) console.log('calibration: skipped, the photos are not here');
else {
  const store = openCache();
  const set = await loadSet('flowers5', network, store);
  const lines = [];
  for (const [name, sizes] of cases) {
    const draws = [];
    for (let seed = 0; seed < Number(times); seed++) draws.push(await draw(set, sizes, seed));
    for (const [way, label] of named.entries()) {
      const against = (key, digits, scale = 1) => {
        const values = draws.map(({ ways }) => scale * ways[way][key]);
        if (way === 1) return mean(values).toFixed(digits);
        const differences = draws.map(({ ways }) => scale * (ways[way][key] - ways[1][key]));
        const error = Math.sqrt(variance(differences) / differences.length);
        return `${mean(differences) < 0 ? '−' : '+'}${Math.abs(mean(differences)).toFixed(digits)} ± ${error.toFixed(digits)}`;
      };
      const took = way === 2 ? `, ${mean(draws.map(({ ms }) => ms)).toFixed(0)} ms` : '';
      lines.push([
        `${name}: ${label}${took}`,
        against('loss', 3),
        against('ece', 1, 100),
        against('accuracy', 1, 100),
        against('recall', 1, 100),
      ]);
      console.error(lines.at(-1).join(' | '));
    }
  }
  table(
    `flowers5 on ${network}, ${headName}, ${times} draws; other lines less the temperature's`,
    ['', 'log-loss', 'calibration error, points', 'accuracy, points', 'mean recall, points'],
    lines,
  );
  await store.close();
}
