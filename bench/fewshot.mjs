// Few photos a class: Carafe's heads, which choose their settings inside, beside fixed settings of scikit-learn on features at
// length 1. The same draws for all; accuracy on up to 1,000 other photos of the set.
//   node bench/fewshot.mjs [FOLDER ...] [--draws N] [--network NAME]     PYTHON names the interpreter
// FOLDER: further sets, a folder a class. Figures are means over draws; a difference has its standard error.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { selectMany } from '../dist/evaluation/select.js';
import { predictLogits } from '../dist/heads/predictLogits.js';
import { headNamed } from '../dist/heads/registry.js';
import { Random } from '../dist/numerics/random.js';
import { openSession } from '../dist/runtime/platform.node.js';
import { writeNpy } from './npy.mjs';
import { shared, table, temporary } from './run.mjs';
import { loadSet, openCache } from './sets.mjs';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { draws: { type: 'string', default: '20' }, network: { type: 'string' } },
});
const networks = values.network ? [values.network] : ['mobilenetv2_1.0_224', 'embedded'];
const sizes = [2, 5, 10, 20];
const heads = ['softmax', 'svm'];
const context = { openSession, threads: availableParallelism(), seed: 0 };
const mean = (list) => list.reduce((sum, value) => sum + value, 0) / list.length;
const standardError = (list) =>
  Math.sqrt(mean(list.map((value) => (value - mean(list)) ** 2)) / Math.max(1, list.length - 1));
const points = (value) => (100 * value).toFixed(1);

if (!shared) console.log('skipped: ../shared/data (flowers5, cats_dogs) is not there');
else {
  const store = openCache();
  const sets = ['flowers5', 'cats_dogs', ...positionals.map((path) => resolve(path))];
  for (const network of networks) {
    const rows = [];
    const all = [];
    for (const set of sets) {
      const draws = await measure(set, network, store);
      for (const size of sizes) {
        const own = draws.filter((one) => one.size === size);
        if (own.length > 0) rows.push(row(`${basename(set)}, ${size}`, own));
      }
      for (const one of draws) all.push(one);
    }
    rows.push(row('all', all));
    table(`Few photos a class, ${network}, ${values.draws} draws`, header(), rows);
  }
  await store.close();
}

function header() {
  return ['set, photos a class', ...heads, ...fixed().map((name) => `scikit ${name}`), 'softmax less the best fixed'];
}

function fixed() {
  return ['LogisticRegression C=10', 'RidgeClassifier 1', 'LinearSVC C=1'];
}

async function measure(set, network, store) {
  const { features, labels, classes } = await loadSet(set, network, store);
  const least = Math.min(...classes.map((_, c) => labels.filter((label) => label === c).length));
  const draws = sizes
    .filter((size) => size < least)
    .flatMap((size) => Array.from({ length: Number(values.draws) }, (_, nth) => draw(labels, classes, size, nth)));
  const theirs = scikit(features, labels, draws);
  for (const [i, one] of draws.entries()) {
    one.right = { ...theirs[i] };
    for (const name of heads) one.right[name] = await ours(name, features, labels, classes, one);
  }
  return draws;
}

/** The best of the fixed settings is taken by hindsight. */
function row(title, draws) {
  const of = (name) => draws.map(({ right }) => right[name]);
  const best = fixed().toSorted((a, b) => mean(of(b)) - mean(of(a)))[0];
  const gains = of('softmax').map((value, i) => value - of(best)[i]);
  const accuracies = [...heads, ...fixed()].map((name) => points(mean(of(name))));
  return [title, ...accuracies, `${points(mean(gains))} ± ${points(standardError(gains))}`];
}

/** So many photos of each class to learn from, up to 1,000 of the others to be judged on. */
function draw(labels, classes, size, nth) {
  const taken = classes.map(() => 0);
  const [train, test] = [[], []];
  for (const row of new Random(`fewshot ${size} ${nth}`).shuffle([...labels.keys()]))
    if (taken[labels[row]] < size) {
      taken[labels[row]]++;
      train.push(row);
    } else if (test.length < 1000) test.push(row);
  return { size, train, test };
}

function taken({ columns, data }, labels, classes, rows) {
  const own = new Float32Array(rows.length * columns);
  for (const [to, from] of rows.entries()) own.set(data.subarray(from * columns, (from + 1) * columns), to * columns);
  return {
    features: { rows: rows.length, columns, data: own },
    labels: Int32Array.from(rows, (row) => labels[row]),
    classes: classes.length,
  };
}

/** Settings chosen by five inner folds, or as many as there are photos of a class. */
async function ours(name, features, labels, classes, { size, train, test }) {
  const head = headNamed(name);
  const problem = taken(features, labels, classes, train);
  const innerFolds = Math.min(5, size);
  const seen = classes.map(() => 0);
  const folds = problem.labels.map((label) => seen[label]++ % innerFolds);
  const training = { folds, innerFolds, weights: new Float32Array(train.length).fill(1) };
  const [{ fitted }] = await selectMany(head, problem, [training], context);
  const others = taken(features, labels, classes, test);
  const [logits] = await predictLogits(head, [fitted], others, context);
  const answered = (i) => {
    const row = logits.data.subarray(i * classes.length, (i + 1) * classes.length);
    return row.indexOf(Math.max(...row));
  };
  return mean(Array.from(others.labels, (label, i) => Number(answered(i) === label)));
}

function scikit(features, labels, draws) {
  const folder = temporary('fewshot');
  mkdirSync(folder, { recursive: true });
  writeNpy(join(folder, 'features.npy'), '<f4', [features.rows, features.columns], features.data);
  writeNpy(join(folder, 'labels.npy'), '<i4', [features.rows], labels);
  writeFileSync(join(folder, 'draws.json'), JSON.stringify(draws));
  const python = process.env.PYTHON ?? (existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3');
  const script = fileURLToPath(new URL('fewshot.py', import.meta.url));
  const { status, stdout, stderr } = spawnSync(python, [script, folder], { encoding: 'utf8', maxBuffer: 2 ** 28 });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}
