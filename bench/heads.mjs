// Heads against scikit-learn: the same features, held-out part, inner folds and machine, one after the other in one run.
// After `npm run build`:
//   node bench/heads.mjs [head,...] [--once] [--large] [--limit SECONDS] [--repeats N]     PYTHON names the interpreter
// Both choose settings by the same 5 inner folds and fit on the whole training part (80%). With --once each fits once, and
// only that is timed: the linear ones minimise the same objective, whose strength of regularisation our head chose before
// on one fifth of the training part; the others choose on the same fifth, each from its own grid. Accuracy is that on the
// other 20%, for each fifth in turn, with the standard error of the paired difference; seconds are a fifth's. --repeats:
// the fifths are drawn so often; a photo's answers are averaged first, since those of one photo are not independent.
// flowers5 through MobileNetV2 (3,670 x 1280, 5 classes); --large: 50,000 x 1280 drawn features of 100 classes, one fifth.
// --limit: seconds that scikit-learn may take for a fifth, with choosing and answers.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { resolveBackbone } from '../dist/backbone/resolve.node.js';
import { fitChosen } from '../dist/evaluation/fitChosen.js';
import { selectMany } from '../dist/evaluation/select.js';
import { extractFeatures } from '../dist/features/extract.js';
import { openStore } from '../dist/features/lmdbStore.node.js';
import { extractionPlatform } from '../dist/features/platform.node.js';
import { predictLogits } from '../dist/heads/predictLogits.js';
import { headNamed } from '../dist/heads/registry.js';
import { Random } from '../dist/numerics/random.js';
import { openSession } from '../dist/runtime/platform.node.js';
import { findImageSet } from '../dist/sets/find.node.js';
import { writeNpy } from './npy.mjs';
import { neededShared, temporary } from './run.mjs';

const threads = availableParallelism();
const context = { openSession, threads, seed: 0 };
const large = process.argv.includes('--large');
const parts = large ? 1 : 5;
const once = process.argv.includes('--once');
const number = (name, usual) => Number(process.argv[process.argv.indexOf(name) + 1] ?? Number.NaN) || usual;
const limit = number('--limit', 3600);
const repeats = number('--repeats', 1);
const named = process.argv.slice(2).find((word) => /^[a-z]/.test(word)) ?? 'softmax,svm,svm-rbf,mlp';
const folder = temporary('heads');

async function flowers() {
  const shared = neededShared('heads');
  const store = openStore({ folder: join(tmpdir(), 'carafe-bench-cache') });
  const set = await findImageSet(join(shared, 'images/flowers5'));
  const network = join(shared, 'backbones/mobilenetv2_1.0_224.onnx');
  const { features, items } = await extractFeatures(
    set.items,
    await resolveBackbone(network, { openSession }),
    extractionPlatform(store),
  );
  await store.close();
  return {
    features,
    labels: Int32Array.from(items, (item) => set.classes.indexOf(item.labels[0])),
    classes: set.classes.length,
  };
}

/** Classes as clouds in 64 of the directions, the rest noise, behind a ReLU as pooled features are. */
function drawn(rows = 50_000, columns = 1280, classes = 100) {
  const random = new Random('bench');
  const rank = 64;
  const normals = (count, scale) => Float32Array.from({ length: count }, () => scale * random.normal());
  const mix = normals(rank * columns, 1 / Math.sqrt(rank));
  const centres = normals(classes * rank, 0.55);
  const data = new Float32Array(rows * columns);
  const labels = Int32Array.from({ length: rows }, (_, i) => i % classes);
  const row = new Float32Array(columns);
  for (let i = 0; i < rows; i++) {
    row.fill(0.1);
    for (let k = 0; k < rank; k++) {
      const along = centres[labels[i] * rank + k] + random.normal();
      for (let d = 0, at = k * columns; d < columns; d++, at++) row[d] += along * mix[at];
    }
    // A cheap spread in place of a million normal numbers a second.
    for (let d = 0; d < columns; d++) data[i * columns + d] = Math.max(0, row[d] + (random.word() / 0x80000000 - 1));
  }
  return { features: { rows, columns, data }, labels, classes };
}

/** Folds in turn over the shuffled photos of each class. */
function dealt(labels, folds, seed) {
  const seen = new Map();
  const out = new Int32Array(labels.length);
  for (const i of new Random(seed).shuffle([...labels.keys()])) {
    const before = seen.get(labels[i]) ?? 0;
    out[i] = before % folds;
    seen.set(labels[i], before + 1);
  }
  return out;
}

async function ours(name, problem, inner, test) {
  const head = headNamed(name);
  const { seconds, processor, settings, fitted } = once
    ? await fitOnce(head, problem, inner)
    : await choose(head, problem, inner, 5);
  const [{ data }] = await predictLogits(head, [fitted], problem, context);
  const right = test.map((i) => {
    const row = data.subarray(i * problem.classes, (i + 1) * problem.classes);
    return row.indexOf(Math.max(...row)) === problem.labels[i] ? 1 : 0;
  });
  return { seconds, processor, right: [...right], settings };
}

async function timed(work) {
  const began = performance.now();
  const before = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  return { ...result, seconds: (performance.now() - began) / 1000, processor: (user + system) / 1e6 };
}

/** Settings by as many of the inner folds as said; the others are trained on only. */
async function choose(head, problem, inner, innerFolds) {
  const weights = new Float32Array(problem.labels.length).fill(1);
  const folds = inner.map((fold) => Math.min(fold, innerFolds));
  return timed(async () => (await selectMany(head, problem, [{ folds, innerFolds, weights }], context))[0]);
}

async function fitOnce(head, problem, inner) {
  const weights = Float32Array.from(inner, (fold) => (fold >= 0 ? 1 : 0));
  const { settings } = await choose(head, problem, inner, 1);
  return timed(async () => {
    const [fitted] = await fitChosen(head, problem, [{ settings, weights }], context);
    return { settings, fitted };
  });
}

/** The C of scikit-learn that is our l2: see `prepareLinear`. */
function strength({ l2 }, { columns, data }, inner) {
  const used = [...inner.keys()].filter((i) => inner[i] >= 0);
  let spread = 0;
  for (let d = 0; d < columns; d++) {
    let sum = 0;
    let squares = 0;
    for (const i of used) {
      sum += data[i * columns + d];
      squares += data[i * columns + d] ** 2;
    }
    spread += squares / used.length - (sum / used.length) ** 2;
  }
  return 1 / (l2 * spread * used.length);
}

/** scikit-learn, in its own process; undefined where it takes longer than the limit. */
function scikit(name, settings, features, inner) {
  const python = process.env.PYTHON ?? (existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3');
  const script = fileURLToPath(new URL('heads.py', import.meta.url));
  const linear = name === 'softmax' || name === 'svm';
  const args = [script, folder, name, String(threads)];
  if (once) args.push(linear ? String(strength(settings, features, inner)) : 'once');
  const { status, stdout, stderr, error } = spawnSync(python, args, { encoding: 'utf8', timeout: 1000 * limit });
  if (error?.code === 'ETIMEDOUT') return undefined;
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const percent = (value) => `${(100 * value).toFixed(2)}%`;

/** One side over all rounds: seconds of a fifth, and how often each photo was right. */
function together(rounds, side) {
  const all = rounds.map((round) => round[side]);
  const settings = [...new Set(all.map((one) => JSON.stringify(one.settings)))].join(' ');
  const each = (key) => mean(all.map((one) => one[key]));
  const right = new Map();
  for (const { test, [side]: one } of rounds)
    for (const [k, photo] of test.entries()) right.set(photo, (right.get(photo) ?? 0) + one.right[k] / repeats);
  return { right: [...right.values()], seconds: each('seconds'), processor: each('processor'), settings };
}

function show(name, rounds) {
  const line = (title, { right, seconds, processor, settings }) =>
    console.log(
      `  ${title}: ${percent(mean(right))} in ${seconds.toFixed(2)} s (processors ${processor.toFixed(2)} s) ${settings}`,
    );
  const mine = together(rounds, 'mine');
  line(name, mine);
  if (rounds.some(({ theirs }) => !theirs)) {
    console.log(`  scikit-learn was not done after ${limit} s, with choosing and answers\n`);
    return;
  }
  const theirs = together(rounds, 'theirs');
  line(rounds[0].theirs.model, theirs);
  const differences = mine.right.map((value, i) => value - theirs.right[i]);
  const difference = mean(differences);
  const error = Math.sqrt(mean(differences.map((d) => (d - difference) ** 2)) / differences.length);
  const ratio = (theirs.seconds / mine.seconds).toFixed(1);
  console.log(
    `  difference ${percent(difference)}, standard error ${percent(error)}; ${ratio} times as fast, with ${(mine.processor / theirs.processor).toFixed(2)} of the processor time\n`,
  );
}

const problem = large ? drawn() : await flowers();
{
  const { features, labels, classes } = problem;
  mkdirSync(folder, { recursive: true });
  writeNpy(join(folder, 'features.npy'), '<f4', [features.rows, features.columns], features.data);
  writeNpy(join(folder, 'labels.npy'), '<i4', [features.rows], labels);
  const how = once ? 'one fit' : 'settings chosen by 5 folds';
  console.log(`${features.rows} x ${features.columns}, ${classes} classes, ${threads} threads, ${how}`);
  for (const name of named.split(',')) {
    const rounds = [];
    for (let round = 0; round < repeats * parts; round++) {
      const [repeat, part] = [Math.floor(round / parts), round % parts];
      const draw = repeat === 0 ? '' : `/${repeat}`;
      const outer = dealt(labels, 5, `outer${draw}`);
      const inner = dealt(labels, 5, `inner${draw}`).map((fold, i) => (outer[i] === part ? -1 : fold));
      writeNpy(join(folder, 'inner.npy'), '<i4', [features.rows], inner);
      const test = [...outer.keys()].filter((i) => outer[i] === part);
      const mine = await ours(name, problem, inner, test);
      rounds.push({ mine, theirs: scikit(name, mine.settings, features, inner), test });
    }
    show(name, rounds);
  }
  rmSync(folder, { recursive: true });
}
