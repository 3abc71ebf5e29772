// What fine-tuning the last stage gains over the frozen network as `train` would take it (framing, depths and strength chosen in
// each training part), on the same photos and folds (paired, 95%), what it costs, and a step of it beside PyTorch's. After `npm run build`:
//   node bench/finetune.mjs [step] [NETWORK:SET ...] [--folds N]   as in embedded:flowers5; SET: of ../shared, or a folder
// Five folds by groups. A fold's answers are kept in $CARAFE_CACHE as soon as they are there: an interrupted bench goes on where
// it was, and N folds of the five make a table of so many. Processor time is what counts where others use the machine.
// PYTHON names an interpreter with torch.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { resolveBackbone } from '../dist/backbone/resolve.node.js';
import { findStage } from '../dist/backbone/stage.js';
import { withFinetuning } from '../dist/evaluation/chooseFinetuned.js';
import { extractFeatures } from '../dist/features/extract.js';
import { tableOf } from '../dist/features/mapTable.js';
import { extractionPlatform } from '../dist/features/platform.node.js';
import { recipe, StageTrainer } from '../dist/heads/finetuning/stageTrainer.js';
import { predictEachLogits } from '../dist/heads/predictLogits.js';
import { compare } from '../dist/metrics/compare.js';
import { accuracy } from '../dist/metrics/metric.js';
import { indexOfLargest } from '../dist/numerics/statistics.js';
import { choosingDepths } from '../dist/runs/depths.js';
import { leastPhotos, withoutMirrored, withStage } from '../dist/runs/finetune.js';
import { frame, inFraming } from '../dist/runs/frame.js';
import { sightOf } from '../dist/runs/sight.js';
import { openSession } from '../dist/runtime/platform.node.js';
import { findImageSet } from '../dist/sets/find.node.js';
import { groupPhotos } from '../dist/split/groupPhotos.js';
import { makeSplit } from '../dist/split/makeSplit.js';
import { outerParts } from '../dist/split/split.js';
import { singleLabel } from '../dist/tasks/singleLabel.js';
import { percent, shared, table } from './run.mjs';
import { openCache } from './sets.mjs';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { folds: { type: 'string', default: '5' } },
});
const runs = positionals.filter((word) => word.includes(':'));
const usual = ['embedded:flowers5', 'mobilenetv2_1.0_224:flowers5', 'embedded:cats_dogs', 'embedded:magnetic_tile.csv'];
// Threads that wait for a processor which others use cost processor time.
const threads = Number(process.env.THREADS ?? availableParallelism());
const context = { openSession, threads, seed: 0 };

/** Processor seconds since then. */
function since(began) {
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1e6;
}

async function step() {
  const backbone = await resolveBackbone('embedded', { openSession });
  const stage = await findStage(backbone, openSession);
  const { batch } = recipe;
  const size = stage.sizes.reduce((all, one) => all * one, 1);
  const data = new Uint16Array(batch * size).fill(0x3800);
  const problem = {
    features: { rows: batch, columns: stage.width, data: new Float32Array(batch * stage.width) },
    labels: Int32Array.from({ length: batch }, (_, row) => row % 5),
    classes: 5,
    stage: tableOf({ type: 'float16', dims: [batch, ...stage.sizes], data }),
  };
  const trainer = new StageTrainer(stage, problem, context);
  const weights = new Float32Array(batch).fill(1);
  const times = [];
  let last = { wall: performance.now(), cpu: process.cpuUsage() };
  await trainer.train({
    rows: [...weights.keys()],
    weights,
    schedule: 12,
    onEpoch: async () => true,
    onStep: () => {
      times.push([(performance.now() - last.wall) / 1000, since(last.cpu)]);
      last = { wall: performance.now(), cpu: process.cpuUsage() };
    },
  });
  await trainer.release();
  const least = (kind) => Math.min(...times.slice(2).map((each) => each[kind]));
  const python = process.env.PYTHON ?? (existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3');
  const script = fileURLToPath(new URL('finetune.py', import.meta.url));
  const { stdout, status } = spawnSync(python, [script, String(batch), String(threads)], { encoding: 'utf8' });
  const theirs = status === 0 ? stdout.trim().split(' ').map(Number) : undefined;
  const shown = (seconds) => `${Math.round(1000 * seconds)} ms`;
  const own = [least(0), least(1)];
  table(
    `A step of ${batch} photos, the embedded network's last stage, ${threads} threads (the least of ten)`,
    ['', 'Carafe', 'PyTorch', 'ratio'],
    ['wall', 'processor'].map((kind, k) => [
      kind,
      shown(own[k]),
      theirs ? shown(theirs[k]) : '',
      theirs ? (own[k] / theirs[k]).toFixed(2) : '',
    ]),
  );
}

/** The photos of a set as `train` would have them, and the frozen head as it would choose it. */
async function open(network, set, store) {
  const path = existsSync(set) ? resolve(set) : join(shared, 'images', set);
  const found = await findImageSet(path);
  const spec = network === 'embedded' ? network : join(shared, `backbones/${network}.onnx`);
  const backbone = await resolveBackbone(spec, { openSession });
  const isTried = found.items.length >= leastPhotos;
  const stage = isTried ? await findStage(backbone, openSession) : undefined;
  const plan = stage && { stage, wanted: 'auto' };
  const platform = extractionPlatform(store);
  const extracting = { needs: { depths: true } };
  const extracted = await extractFeatures(found.items, backbone, platform, withStage(extracting, plan));
  const extraction = withoutMirrored(extracted, plan);
  const targets = singleLabel.targets(found.classes, extraction.items);
  const grouped = await groupPhotos(extraction, targets.labels, context);
  const split = makeSplit({ ...grouped, ...targets, seed: 0, folds: 5, repeats: 1 });
  const photoWeights = new Float32Array(extraction.items.length).fill(1);
  const sight = sightOf(backbone, {});
  const looking = { sight, backbone, extraction, platform, extracting, depths: 'auto', plan };
  const { groups } = grouped;
  const seen = await frame(looking, { task: singleLabel, targets, split, groups, photoWeights }, context);
  const frozenOn = (choices) =>
    inFraming({ ...seen, choices }, choosingDepths(singleLabel.usual, 'auto', singleLabel.usual));
  return { ...seen, plan, targets, grouped, split, photoWeights, frozenOn };
}

/** Frozen and fine-tuned on one fold: whether each held-out photo was named right, and what it took. */
async function foldOf({ problem, plan, grouped, split, photoWeights, choices, frozenOn }, k) {
  const { inner: folds, innerFolds, heldOut } = outerParts(split)[k];
  const trainings = [{ folds, innerFolds, weights: photoWeights, groups: grouped.groups }];
  const times = {};
  let plain;
  let began = process.cpuUsage();
  const frozen = async (...given) => {
    plain = await frozenOn(choices && [choices[k]])(...given);
    times.frozen = since(began);
    began = process.cpuUsage();
    return plain;
  };
  const [taken] = await (plan ? withFinetuning(frozen, plan.stage, plan) : frozen)(problem, trainings, context);
  times.tuned = since(began);
  const rightOf = async ({ head, selection }) => {
    const own = new Set(heldOut);
    const right = new Map();
    await predictEachLogits(head, [selection.fitted], problem, context, (_, row, logits) => {
      if (own.has(row)) right.set(row, Number(indexOfLargest(logits) === problem.labels[row]));
    });
    return Array.from(heldOut, (row) => right.get(row));
  };
  const before = await rightOf(plain[0]);
  return {
    frozen: before,
    tuned: taken.head === plain[0].head ? before : await rightOf(taken),
    seen: (plain[0].representations ?? []).map(({ chosen }) => chosen),
    finetuning: taken.finetuning,
    times,
  };
}

async function gained(run, store) {
  const [network, set] = run.split(/:(.*)/);
  const kept = join(process.env.CARAFE_CACHE ?? join(tmpdir(), 'carafe-bench-cache'), 'finetune');
  mkdirSync(kept, { recursive: true });
  const opened = await open(network, set, store);
  const parts = outerParts(opened.split).slice(0, Number(values.folds));
  const folds = [];
  for (const k of parts.keys()) {
    const file = join(kept, `${network}-${basename(set)}-${k}.json`);
    if (!existsSync(file)) writeFileSync(file, JSON.stringify(await foldOf(opened, k)));
    folds.push(JSON.parse(readFileSync(file, 'utf8')));
    const { frozen, tuned, times, finetuning } = folds[k];
    const share = (right) => percent(right.reduce((sum, one) => sum + one, 0) / right.length);
    console.error(`${run} fold ${k}: ${share(frozen)} to ${share(tuned)} | ${JSON.stringify({ times, finetuning })}`);
  }
  const rows = Int32Array.from(parts.flatMap(({ heldOut }) => [...heldOut]));
  const foldOfRow = Int32Array.from(parts.flatMap(({ heldOut }, k) => Array.from(heldOut, () => k)));
  const outcomes = (kind) => ({
    rows: rows.length,
    columns: 1,
    data: Float32Array.from(folds.flatMap((fold) => fold[kind])),
  });
  const { difference } = compare(
    accuracy,
    { rows, outcomes: outcomes('tuned'), rowsPerRepeat: rows.length, folds: parts.length > 1 ? foldOfRow : undefined },
    { outcomes: outcomes('frozen') },
    opened.targets,
    opened.grouped.groups,
    0,
  );
  const points = (value) => `${value < 0 ? '−' : '+'}${Math.abs(100 * value).toFixed(1)}`;
  const mean = (list) => list.reduce((sum, value) => sum + value, 0) / list.length;
  const tuned = folds.filter(({ finetuning }) => finetuning?.chosen).length;
  const seconds = (kind) => `${Math.round(mean(folds.map(({ times }) => times[kind])))} s`;
  return [
    network,
    `${basename(set)}, ${opened.targets.labels.length.toLocaleString('en')}, ${parts.length} of 5 folds`,
    [...new Set(folds.map(({ seen }) => seen.join(', ')))].join('; '),
    percent(mean([...outcomes('frozen').data])),
    percent(mean([...outcomes('tuned').data])),
    `${points(difference.value)} (${points(difference.low)} to ${points(difference.high)})`,
    opened.plan ? `${tuned} of ${parts.length}` : 'not tried',
    seconds('frozen'),
    opened.plan ? seconds('tuned') : '',
  ];
}

if (runs.length === 0 || positionals.includes('step')) await step();
if (!shared) console.log('finetune: skipped, the photos are not here');
else if (runs.length > 0 || positionals.length === 0) {
  const store = openCache();
  const rows = [];
  for (const run of runs.length > 0 ? runs : usual) rows.push(await gained(run, store));
  await store.close();
  table(
    'Fine-tuning the last stage against the frozen network',
    [
      'network',
      'photos',
      'frozen reads',
      'frozen',
      'auto',
      'points (95%)',
      'fine-tuned in',
      'processor, frozen, a fold',
      'processor, fine-tuning',
    ],
    rows,
  );
}
