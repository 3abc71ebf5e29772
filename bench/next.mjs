// Which photos to label first: accuracy of a classifier that learned from so many labelled photos, chosen at random and
// as `carafe next` chooses them, without labels and with some there already. Each draw keeps 1,000 photos of other groups to
// judge and chooses among the others. Mean over the draws, differences paired by draw, ± one standard error.
// After `npm run build`:
//   node bench/next.mjs [embedded|mobilenetv2_1.0_224] [draws] [set] [head]

import { choosePhotos } from '../dist/doctor/choosePhotos.js';
import { fitChosen } from '../dist/evaluation/fitChosen.js';
import { predictLogits } from '../dist/heads/predictLogits.js';
import { headNamed } from '../dist/heads/registry.js';
import { softmaxRows } from '../dist/metrics/softmaxRows.js';
import { Random } from '../dist/numerics/random.js';
import { gather } from '../dist/numerics/rows.js';
import { indexOfLargest, mean, variance } from '../dist/numerics/statistics.js';
import { surenessOf } from '../dist/runs/next.js';
import { openSession } from '../dist/runtime/platform.node.js';
import { percent, shared, table } from './run.mjs';
import { loadSet, openCache } from './sets.mjs';

const [network = 'mobilenetv2_1.0_224', times = '8', name = 'flowers5', headName = 'softmax'] = process.argv.slice(2);
const judged = 1000;
const randoms = 3;
/** Labels that are there, and how many more are chosen. */
const cases = [
  [0, 10],
  [0, 20],
  [0, 50],
  [20, 20],
  [50, 20],
  [100, 50],
];

async function fitOn(set, learned, context) {
  const head = headNamed(headName);
  const labels = Int32Array.from(learned, (row) => set.labels[row]);
  const problem = { features: gather(set.features, learned), labels, classes: set.classes.length };
  const weights = new Float32Array(learned.length).fill(1);
  const [fitted] = await fitChosen(head, problem, [{ settings: head.defaults, weights }], context);
  return async (rows) => {
    const [logits] = await predictLogits(head, [fitted], { features: gather(set.features, rows) }, context);
    return logits;
  };
}

async function accuracyOf(set, learned, fresh, context) {
  const kinds = new Set(learned.map((row) => set.labels[row]));
  if (kinds.size === 1) return mean(fresh.map((row) => Number(kinds.has(set.labels[row]))));
  const { data, columns } = await (await fitOn(set, learned, context))(fresh);
  return mean(
    fresh.map((row, i) => Number(indexOfLargest(data.subarray(i * columns, (i + 1) * columns)) === set.labels[row])),
  );
}

async function draw(set, labelled, count, seed) {
  const order = new Random(`next/${seed}`).shuffle([...set.labels.keys()]);
  const fresh = order.slice(0, judged);
  const kept = new Set(fresh.map((row) => set.groups[row]));
  const pool = order.slice(judged).filter((row) => !kept.has(set.groups[row]));
  const context = { openSession, threads: 1, seed };
  const had = pool.slice(0, labelled);
  const rest = pool.slice(labelled);
  const features = gather(set.features, pool);
  const sureness =
    labelled > 0 ? surenessOf(softmaxRows(await (await fitOn(set, had, context))(pool), 1), 'classes') : undefined;
  const groups = Int32Array.from(pool, (row) => set.groups[row]);
  const chosen = await choosePhotos(
    { features, groups, labelled: had.map((_, i) => i), sureness, count, seed },
    context,
  );
  const own = chosen.map(({ row }) => pool[row]);
  const others = [];
  for (let k = 0; k < randoms; k++) {
    const some = new Random(`next/${seed}/random ${k}`).shuffle([...rest]).slice(0, count);
    others.push(await accuracyOf(set, [...had, ...some], fresh, context));
  }
  const kinds = new Set([...had, ...own].map((row) => set.labels[row])).size;
  return { random: mean(others), chosen: await accuracyOf(set, [...had, ...own], fresh, context), kinds };
}

if (!shared) console.log('next: skipped, the photos are not here');
else {
  const store = openCache();
  const set = await loadSet(name, network, store);
  const lines = [];
  for (const [labelled, count] of cases) {
    const draws = [];
    for (let seed = 0; seed < Number(times); seed++) draws.push(await draw(set, labelled, count, seed));
    const gains = draws.map(({ random, chosen }) => chosen - random);
    lines.push([
      labelled,
      count,
      percent(mean(draws.map(({ random }) => random))),
      percent(mean(draws.map(({ chosen }) => chosen))),
      `${(100 * mean(gains)).toFixed(1)} ± ${(100 * Math.sqrt(variance(gains) / gains.length)).toFixed(1)}`,
      mean(draws.map(({ kinds }) => kinds)).toFixed(1),
    ]);
    console.error(lines.at(-1).join(' | '));
  }
  table(
    `${name} on ${network}, ${headName}, ${times} draws`,
    ['labelled before', 'labelled next', 'at random', 'as chosen', 'gain, points', 'classes seen'],
    lines,
  );
  await store.close();
}
