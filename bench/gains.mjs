// What other heads gain over softmax on the real photos: 5 folds from the product's own split, groups and near-duplicates
// on one side; every fold chooses inside its own training part, `auto` its head too. Differences are paired by fold, with
// 95% intervals (Nadeau and Bengio). After `npm run build`: node bench/gains.mjs [flowers5|magnetic_tile] [network]
import { availableParallelism, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { resolveBackbone } from '../dist/backbone/resolve.node.js';
import { chooseHead } from '../dist/evaluation/chooseHead.js';
import { compareFolds } from '../dist/evaluation/compare.js';
import { correctedFolds } from '../dist/evaluation/intervals.js';
import { judge } from '../dist/evaluation/judge.js';
import { extractFeatures } from '../dist/features/extract.js';
import { openStore } from '../dist/features/lmdbStore.node.js';
import { extractionPlatform } from '../dist/features/platform.node.js';
import { headNamed, heads } from '../dist/heads/registry.js';
import { findImageSet } from '../dist/images/find.node.js';
import { mean } from '../dist/numerics/statistics.js';
import { openSession } from '../dist/platform.node.js';
import { groupDuplicates } from '../dist/split/duplicates.js';
import { makeSplit } from '../dist/split/makeSplit.js';
import { percent, shared, table, withInterval } from './run.mjs';

const context = { openSession, threads: availableParallelism(), seed: 0 };
const folds = 5;
const sets = { flowers5: 'flowers5', magnetic_tile: 'magnetic_tile.csv' };

async function load(source, network) {
  const store = openStore({ folder: process.env.CARAFE_CACHE ?? join(tmpdir(), 'carafe-bench-cache') });
  const set = await findImageSet(join(shared, 'images', source));
  const backbone = await resolveBackbone(network, { openSession });
  const platform = extractionPlatform(store);
  const extraction = await extractFeatures(set.items, backbone, platform, { needs: { spatial: true } });
  const { items, photos, features } = extraction;
  const labels = Int32Array.from(items, (item) => set.classes.indexOf(item.labels[0]));
  const ids = photos.map(({ sha256 }) => sha256);
  const hashes = photos.map(({ hash }) => hash);
  const { groups } = groupDuplicates({ features, ids, hashes, labels, given: items.map(({ group }) => group) });
  const given = items.map(() => undefined);
  const input = { labels, classes: set.classes, ids, given, seed: 0, folds };
  const problem = { ...extraction, labels, classes: set.classes.length, photos: items.length };
  const alone = labels.map((_, row) => row);
  return { problem, store, split: makeSplit({ ...input, groups }), random: makeSplit({ ...input, groups: alone }) };
}

/** The folds of a split as held-out parts. */
function partsOf({ assignments: [assignment], inner: [inner], innerFolds }) {
  return inner.map((one, fold) => {
    const rows = [...assignment.keys()];
    const test = Int32Array.from(rows.filter((row) => assignment[row] === fold));
    const train = Int32Array.from(rows.filter((row) => assignment[row] !== fold));
    return { kind: 'holdout', train, test, inner: one, innerFolds, leaks: 0, reason: '' };
  });
}

async function accuracies(name, problem, parts) {
  const photoWeights = new Float32Array(problem.labels.length).fill(1);
  const figures = [];
  const taken = [];
  const began = performance.now();
  for (const part of parts) {
    const auto = name === 'auto' && (await chooseHead(heads, problem, part, { photoWeights }, context));
    const head = auto ? auto.head : headNamed(name);
    const { logits, rows } = await judge(head, problem, part, { photoWeights, refit: false }, context);
    const right = Array.from(rows, (photo, row) => {
      const values = logits.data.subarray(row * logits.columns, (row + 1) * logits.columns);
      return values.indexOf(Math.max(...values)) === problem.labels[photo] ? 1 : 0;
    });
    figures.push(mean(right));
    taken.push(head.name);
  }
  const seconds = (performance.now() - began) / 1000 / parts.length;
  const label = name === 'auto' ? `auto (took ${taken.join(', ')})` : name;
  return { label, figures, seconds };
}

const points = (value) => `${value < 0 ? '−' : '+'}${Math.abs(100 * value).toFixed(1)}`;
const testToTrain = 1 / (folds - 1);
const words = process.argv.slice(2);
/** Those of `all` that are named; all where none is. */
const chosen = (all) => (all.some((name) => words.includes(name)) ? all.filter((name) => words.includes(name)) : all);
const named = words.find((word) => word === 'embedded' || word.endsWith('.onnx'));
const networks = named ? [named] : ['embedded', join(shared ?? '', 'backbones/mobilenetv2_1.0_224.onnx')];

async function measure(set, source, network) {
  const { problem, store, split, random } = await load(source, network);
  const parts = partsOf(split);
  const softmax = await accuracies('softmax', problem, parts);
  const rows = [];
  for (const name of chosen([...heads.map((head) => head.name), 'auto'])) {
    const { label, figures, seconds } = name === 'softmax' ? softmax : await accuracies(name, problem, parts);
    const { difference, better } = compareFolds(figures, softmax.figures, testToTrain);
    const { value, low, high } = difference;
    const gain = `${points(value)} (${points(low)} to ${points(high)})`;
    const verdict = { first: 'better', second: 'worse', tie: 'a tie' }[better];
    rows.push([
      label,
      withInterval(correctedFolds(figures, testToTrain)),
      ...(name === 'softmax' ? ['', ''] : [gain, verdict]),
      `${seconds.toFixed(1)} s`,
    ]);
    console.error(rows.at(-1).join(' | '));
  }
  const title = `${set} on ${basename(network, '.onnx')}, ${problem.labels.length.toLocaleString('en')} photos`;
  table(title, ['head', 'accuracy (95%)', 'gain over softmax, points', 'verdict', 'a fold took'], rows);
  const counts = [...problem.labels].reduce(
    (all, label) => all.with(label, all[label] + 1),
    Array(problem.classes).fill(0),
  );
  const leaky = await accuracies('softmax', problem, partsOf(random));
  console.log(`\nThe most frequent class alone: ${percent(Math.max(...counts) / problem.labels.length)}. softmax, if photos were
  dealt one by one, without regard to groups: ${percent(mean(leaky.figures))}.`);
  await store.close();
}

if (!shared) console.log('gains: skipped, the photos are not here');
else
  for (const set of chosen(Object.keys(sets))) for (const network of networks) await measure(set, sets[set], network);
