// Sets of classes: of fresh photos, whose groups were not learned, the share whose set holds the right class, and how large
// sets are, by how many photos there are to learn from. Each draw learns from so many photos and asks about others; the
// threshold comes from its own out-of-fold answers, as in training. Mean over the draws, and the standard deviation of one.
// After `npm run build`:
//   node bench/predictionSets.mjs [embedded|mobilenetv2_1.0_224,...] [photos,...] [draws] [head]

import { selectMany } from '../dist/evaluation/select.js';
import { predictLogits } from '../dist/heads/predictLogits.js';
import { headNamed } from '../dist/heads/registry.js';
import { classProbabilities, fitClassCalibration } from '../dist/metrics/classCalibration.js';
import { setOf } from '../dist/metrics/predictionSets.js';
import { Random } from '../dist/numerics/random.js';
import { gather } from '../dist/numerics/rows.js';
import { indexOfLargest, mean, variance } from '../dist/numerics/statistics.js';
import { openSession } from '../dist/runtime/platform.node.js';
import { makeSplit } from '../dist/split/makeSplit.js';
import { filePart } from '../dist/split/split.js';
import { percent, shared, table } from './run.mjs';
import { loadSet, openCache } from './sets.mjs';

const [networks = 'mobilenetv2_1.0_224,embedded', sizes = '60,150,600', times = '100', headName = 'softmax'] =
  process.argv.slice(2);
const coverages = [0.8, 0.9, 0.95, 0.99];
const mostFresh = 1000;

/** One draw: coverage and mean size on fresh photos for each coverage that was asked for, and the accuracy. */
async function draw(set, count, seed) {
  const order = new Random(`prediction sets/${seed}`).shuffle([...set.labels.keys()]);
  const learned = order.slice(0, count);
  const known = new Set(learned.map((row) => set.groups[row]));
  const fresh = order
    .slice(count)
    .filter((row) => !known.has(set.groups[row]))
    .slice(0, mostFresh);
  const places = [...known];
  const labels = Int32Array.from(learned, (row) => set.labels[row]);
  const groups = Int32Array.from(learned, (row) => places.indexOf(set.groups[row]));
  const ids = learned.map((row) => set.ids[row]);
  const { classes } = set;
  const split = makeSplit({ labels, classes, groups, ids, given: ids.map(() => undefined), seed, folds: 5 });
  const { inner: folds, innerFolds } = filePart(split);
  const problem = { features: gather(set.features, learned), labels, classes: classes.length };
  const head = headNamed(headName);
  const weights = new Float32Array(count).fill(1);
  const context = { openSession, threads: 1, seed };
  const [selection] = await selectMany(head, problem, [{ folds, innerFolds, weights }], context);
  const { outOfFold: logits, validated: rows } = selection;
  const [answers] = await predictLogits(head, [selection.fitted], { features: gather(set.features, fresh) }, context);
  const figures = [];
  for (const coverage of coverages) {
    const calibration = await fitClassCalibration(
      { logits, targets: { classes, labels }, rows, folds, weights },
      { coverage, groups },
    );
    const { data, columns } = classProbabilities(answers, calibration);
    const each = fresh.map((row, i) => {
      const own = data.subarray(i * columns, (i + 1) * columns);
      const among = setOf(own, calibration.set);
      return {
        covered: Number(among.includes(set.labels[row])),
        size: among.length,
        right: Number(indexOfLargest(own) === set.labels[row]),
      };
    });
    figures.push(Object.fromEntries(Object.keys(each[0]).map((key) => [key, mean(each.map((one) => one[key]))])));
  }
  return figures;
}

if (!shared) console.log('predictionSets: skipped, the photos are not here');
else {
  const store = openCache();
  for (const network of networks.split(',')) {
    for (const name of ['flowers5', 'cats_dogs']) {
      const set = await loadSet(name, network, store);
      const lines = [];
      for (const count of sizes.split(',').map(Number)) {
        if (count > set.labels.length / 2) continue;
        const draws = [];
        for (let seed = 0; seed < Number(times); seed++) draws.push(await draw(set, count, seed));
        for (const [k, coverage] of coverages.entries()) {
          const of = (key) => draws.map((figures) => figures[k][key]);
          lines.push([
            count,
            percent(coverage),
            `${percent(mean(of('covered')))} ± ${(100 * Math.sqrt(variance(of('covered')))).toFixed(1)}`,
            mean(of('size')).toFixed(2),
            percent(mean(of('right'))),
          ]);
          console.error(lines.at(-1).join(' | '));
        }
      }
      table(
        `${name} on ${network}, ${headName}, ${times} draws`,
        ['photos', 'asked for', 'covered', 'mean size', 'accuracy'],
        lines,
      );
    }
  }
  await store.close();
}
