// What other heads gain over softmax on the real photos: 5 folds from the product's own split, groups and near-duplicates
// on one side; every fold chooses inside its own training part, `auto` its head too. Differences are paired by fold, with
// 95% intervals (Nadeau and Bengio). After `npm run build`:
//   node bench/gains.mjs [flowers5|cats_dogs|magnetic_tile] [network] [head ...] [--among head,...]
// `--among` names the heads that `auto` compares; without conv, feature maps are not needed.
import { availableParallelism, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { resolveBackbone } from '../dist/backbone/resolve.node.js';
import { amongHeads } from '../dist/evaluation/chooseHead.js';
import { crossValidate } from '../dist/evaluation/crossValidate.js';
import { extractFeatures } from '../dist/features/extract.js';
import { openStore } from '../dist/features/lmdbStore.node.js';
import { extractionPlatform } from '../dist/features/platform.node.js';
import { headNamed, heads } from '../dist/heads/registry.js';
import { fitClassCalibration } from '../dist/metrics/classCalibration.js';
import { compareFolds } from '../dist/metrics/compare.js';
import { correctedFolds } from '../dist/metrics/intervals.js';
import { mean } from '../dist/numerics/statistics.js';
import { openSession } from '../dist/runtime/platform.node.js';
import { findImageSet } from '../dist/sets/find.node.js';
import { groupPhotos } from '../dist/split/groupPhotos.js';
import { makeSplit } from '../dist/split/makeSplit.js';
import { percent, shared, table, withInterval } from './run.mjs';

const context = { openSession, threads: availableParallelism(), seed: 0 };
const folds = 5;
const sets = { flowers5: 'flowers5', cats_dogs: 'cats_dogs', magnetic_tile: 'magnetic_tile.csv' };

async function load(source, network) {
  const store = openStore({ folder: process.env.CARAFE_CACHE ?? join(tmpdir(), 'carafe-bench-cache') });
  const set = await findImageSet(join(shared, 'images', source));
  const backbone = await resolveBackbone(network, { openSession });
  const platform = extractionPlatform(store);
  const extraction = await extractFeatures(set.items, backbone, platform, { needs: { spatial } });
  const { items, photos } = extraction;
  const labels = Int32Array.from(items, (item) => set.classes.indexOf(item.labels[0]));
  const ids = photos.map(({ sha256 }) => sha256);
  const { groups } = await groupPhotos(extraction, labels, context);
  const given = items.map(() => undefined);
  const input = { labels, classes: set.classes, ids, given, seed: 0, folds };
  const problem = { ...extraction, labels, classes: set.classes.length, photos: items.length };
  const alone = labels.map((_, row) => row);
  const [split, random] = [groups, alone].map((own) => makeSplit({ ...input, groups: own }));
  return { problem, store, groups, alone, split, random };
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

async function accuracies(name, problem, parts, groups) {
  const photoWeights = new Float32Array(problem.labels.length).fill(1);
  const figures = [];
  const taken = [];
  const began = performance.now();
  for (const part of parts) {
    const how = name === 'auto' ? amongHeads(compared, headNamed('softmax')) : headNamed(name);
    const targets = { classes: [], labels: problem.labels };
    const options = { targets, calibrate: fitClassCalibration, groups, photoWeights };
    const { logits, rows, file } = await crossValidate(how, problem, part, { ...options, refit: false }, context);
    const right = Array.from(rows, (photo, row) => {
      const values = logits.data.subarray(row * logits.columns, (row + 1) * logits.columns);
      return values.indexOf(Math.max(...values)) === problem.labels[photo] ? 1 : 0;
    });
    figures.push(mean(right));
    taken.push(file.head.name);
  }
  const seconds = (performance.now() - began) / 1000 / parts.length;
  const label = name === 'auto' ? `auto (took ${taken.join(', ')})` : name;
  return { label, figures, seconds };
}

const points = (value) => `${value < 0 ? '−' : '+'}${Math.abs(100 * value).toFixed(1)}`;
const among = process.argv.indexOf('--among');
const compared = among < 0 ? heads : process.argv[among + 1].split(',').map(headNamed);
const testToTrain = 1 / (folds - 1);
const words = process.argv.slice(2, among < 0 ? undefined : among);
/** Whether some head that is asked for reads maps. */
const isAsked = (name) =>
  words.includes(name) || ![...heads.map((head) => head.name), 'auto'].some((one) => words.includes(one));
const spatial = isAsked('conv') || (isAsked('auto') && compared.some(({ needs }) => needs === 'spatial'));
/** Those of `all` that are named; all where none is. */
const chosen = (all) => (all.some((name) => words.includes(name)) ? all.filter((name) => words.includes(name)) : all);
const named = words.find((word) => word === 'embedded' || word.endsWith('.onnx'));
const networks = named ? [named] : ['embedded', join(shared ?? '', 'backbones/mobilenetv2_1.0_224.onnx')];

async function measure(set, source, network) {
  const { problem, store, groups, alone, split, random } = await load(source, network);
  const parts = partsOf(split);
  const softmax = await accuracies('softmax', problem, parts, groups);
  const rows = [];
  for (const name of chosen([...heads.map((head) => head.name), 'auto'])) {
    const { label, figures, seconds } = name === 'softmax' ? softmax : await accuracies(name, problem, parts, groups);
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
  if (among >= 0) return store.close();
  const leaky = await accuracies('softmax', problem, partsOf(random), alone);
  console.log(`\nThe most frequent class alone: ${percent(Math.max(...counts) / problem.labels.length)}. softmax, if photos were
  dealt one by one, without regard to groups: ${percent(mean(leaky.figures))}.`);
  await store.close();
}

if (!shared) console.log('gains: skipped, the photos are not here');
else
  for (const set of chosen(Object.keys(sets))) for (const network of networks) await measure(set, sets[set], network);
