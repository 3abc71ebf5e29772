// What ten more photos of a class gain, as the report says it, against what they do gain: flowers5, so many photos to learn
// from, then ten more of each class in turn, judged by 1,500 photos of other groups (the mean of twenty tens and all draws). How often the
// 95% interval holds the true gain, how wide it is, and whether classes are put in the right order. After `npm run build`:
//   node bench/classGains.mjs [embedded|mobilenetv2_1.0_224,...] [photos,...] [draws]

import { measureClassGains } from '../dist/evaluation/classGains.js';
import { fitChosen } from '../dist/evaluation/fitChosen.js';
import { predictLogits } from '../dist/heads/predictLogits.js';
import { headNamed } from '../dist/heads/registry.js';
import { Random } from '../dist/numerics/random.js';
import { gather } from '../dist/numerics/rows.js';
import { indexOfLargest, mean } from '../dist/numerics/statistics.js';
import { openSession } from '../dist/runtime/platform.node.js';
import { makeSplit } from '../dist/split/makeSplit.js';
import { percent, shared, table } from './run.mjs';
import { loadSet, openCache } from './sets.mjs';

const [networks = 'mobilenetv2_1.0_224,embedded', sizes = '60,150,600', times = '12'] = process.argv.slice(2);
const judged = 1500;
const tens = 20;

async function draw(set, count, seed) {
  const order = new Random(`class gains/${seed}`).shuffle([...set.labels.keys()]);
  const fresh = order.slice(0, judged);
  const kept = new Set(fresh.map((row) => set.groups[row]));
  const pool = order.slice(judged).filter((row) => !kept.has(set.groups[row]));
  const learned = pool.slice(0, count);
  const rest = pool.slice(count);
  const head = headNamed('softmax');
  const settings = { l2: 0.01 };
  const context = { openSession, threads: 1, seed };
  const problemOn = (rows) => ({
    features: gather(set.features, rows),
    labels: Int32Array.from(rows, (row) => set.labels[row]),
    classes: set.classes.length,
  });
  const places = [...new Set(learned.map((row) => set.groups[row]))];
  const groups = Int32Array.from(learned, (row) => places.indexOf(set.groups[row]));
  const photos = problemOn(learned);
  const ids = learned.map((row) => set.ids[row]);
  const { classes } = set;
  const targets = { classes, labels: photos.labels };
  const split = makeSplit({ ...targets, groups, ids, given: ids.map(() => undefined), seed });
  const gains = await measureClassGains({ head, settings }, { photos, targets, split, groups }, context);
  // All in one run: what is learned from, and what each ten adds to it.
  const added = classes.flatMap((_, label) =>
    Array.from({ length: tens }, (_, k) => ({
      label,
      rows: new Random(`${seed}/${label}/${k}`).shuffle(rest.filter((row) => set.labels[row] === label)).slice(0, 10),
    })),
  );
  const all = [...learned, ...new Set(added.flatMap(({ rows }) => rows))];
  const placeOf = new Map(all.map((row, i) => [row, i]));
  const weightsOf = (rows) => {
    const weights = new Float32Array(all.length).fill(1, 0, count);
    if (rows.length === 0) return { settings, weights };
    const label = set.labels[rows[0]];
    const own = learned.filter((row) => set.labels[row] === label);
    // The class counts as much as before.
    const weight = own.length / (own.length + rows.length);
    for (const row of [...own, ...rows]) weights[placeOf.get(row)] = weight;
    return { settings, weights };
  };
  const fitted = await fitChosen(
    head,
    problemOn(all),
    [weightsOf([]), ...added.map(({ rows }) => weightsOf(rows))],
    context,
  );
  const answers = await predictLogits(head, fitted, { features: gather(set.features, fresh) }, context);
  const accuracies = answers.map(({ data, columns }) =>
    mean(
      fresh.map((row, i) => Number(indexOfLargest(data.subarray(i * columns, (i + 1) * columns)) === set.labels[row])),
    ),
  );
  return (gains?.classes ?? []).map(({ label, gain }) => {
    const own = added.flatMap((one, k) => (classes[one.label] === label ? [accuracies[k + 1] - accuracies[0]] : []));
    return { label, gain, own: mean(own) };
  });
}

/** Share of pairs that are in the same order, of those that differ. */
function inOrder(draws) {
  const pairs = draws.flatMap((classes) =>
    classes.flatMap((one, i) => classes.slice(i + 1).map((other) => [one, other])),
  );
  const told = pairs.filter(([one, other]) => one.truth !== other.truth);
  return mean(told.map(([one, other]) => Number(one.gain.value > other.gain.value === one.truth > other.truth)));
}

const points = (value) => (100 * value).toFixed(2);

if (!shared) console.log('classGains: skipped, the photos are not here');
else {
  const store = openCache();
  for (const network of networks.split(',')) {
    const set = await loadSet('flowers5', network, store);
    const lines = [];
    for (const count of sizes.split(',').map(Number)) {
      const draws = [];
      for (let seed = 0; seed < Number(times); seed++) draws.push(await draw(set, count, seed));
      // What ten more gain with sets of this size: a single set's gain is not told from the luck of 1,500 photos.
      const truths = new Map(
        set.classes.map((label) => [
          label,
          mean(draws.flatMap((classes) => classes.flatMap((one) => (one.label === label ? [one.own] : [])))),
        ]),
      );
      for (const one of draws.flat()) one.truth = truths.get(one.label);
      const all = draws.flat();
      lines.push([
        count,
        percent(mean(all.map(({ gain, truth }) => Number(gain.low <= truth && truth <= gain.high)))),
        points(mean(all.map(({ truth }) => truth))),
        points(mean(all.map(({ gain }) => gain.value))),
        points(mean(all.map(({ gain }) => gain.high - gain.low))),
        percent(inOrder(draws)),
        all.length,
      ]);
      console.error(lines.at(-1).join(' | '));
    }
    table(
      `flowers5 on ${network}, ${times} draws, gains in points`,
      ['photos', 'interval holds', 'true gain', 'expected', 'width', 'pairs in order', 'gains'],
      lines,
    );
  }
  await store.close();
}
