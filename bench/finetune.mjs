// What fine-tuning the last stage gains over the frozen network, on the same photos and split (paired, 95%), what it costs,
// and a step of it beside PyTorch's. After `npm run build`:
//   node bench/finetune.mjs [step] [NETWORK:SET[:FOLDS] ...]     as in embedded:flowers5:5; without FOLDS the product's own split
// Processor time is what counts where others use the machine. PYTHON names an interpreter with torch.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { resolveBackbone } from '../dist/backbone/resolve.node.js';
import { findStage } from '../dist/backbone/stage.js';
import { tableOf } from '../dist/features/mapTable.js';
import { recipe, StageTrainer } from '../dist/heads/finetuning/stageTrainer.js';
import { compare } from '../dist/metrics/compare.js';
import { accuracy } from '../dist/metrics/metric.js';
import { openSession } from '../dist/runtime/platform.node.js';
import { carafe, percent, shared, table } from './run.mjs';

const asked = process.argv.slice(2);
const runs = asked.filter((word) => word.includes(':'));
const usual = ['embedded:flowers5:5', 'mobilenetv2_1.0_224:flowers5:5', 'embedded:cats_dogs:5'];

async function step() {
  const threads = availableParallelism();
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
  const trainer = new StageTrainer(stage, problem, { openSession, threads, seed: 0 });
  const weights = new Float32Array(batch).fill(1);
  const times = [];
  let last = { wall: performance.now(), cpu: process.cpuUsage() };
  await trainer.train({
    rows: [...weights.keys()],
    weights,
    schedule: 12,
    onEpoch: async () => true,
    onStep: () => {
      const { user, system } = process.cpuUsage(last.cpu);
      times.push([(performance.now() - last.wall) / 1000, (user + system) / 1e6]);
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

function gained(run) {
  const [network, set, folds] = run.split(':');
  const backbone = network === 'embedded' ? network : join(shared, `backbones/${network}.onnx`);
  const cache = process.env.CARAFE_CACHE ?? join(tmpdir(), 'carafe-bench-cache');
  const args = ['train', join(shared, 'images', set), '--backbone', backbone, ...(folds ? ['--folds', folds] : [])];
  const out = (name) => ['--out', join(tmpdir(), `carafe-bench-finetune-${process.pid}-${name}`)];
  const frozen = carafe([...args, ...out('frozen')], cache);
  // `auto` leaves few photos alone; what it would do to them is measured all the same.
  const tuned = carafe([...args, '--finetune', process.env.FINETUNE ?? 'auto', ...out('tuned')], cache);
  const before = new Map(frozen.result.evaluation.photos.map((photo) => [photo.path, photo]));
  const photos = tuned.result.evaluation.photos;
  const right = (list) => {
    const data = Float32Array.from(list, ({ label, predicted }) => Number(label === predicted));
    return { rows: list.length, columns: 1, data };
  };
  const rows = Int32Array.from(photos.keys());
  const { difference } = compare(
    accuracy,
    { rows, outcomes: right(photos), rowsPerRepeat: rows.length },
    { outcomes: right(photos.map(({ path }) => before.get(path))) },
    { classes: [], labels: new Int32Array(rows.length) },
    rows,
    0,
  );
  const { finetuning } = tuned.result;
  const points = (value) => `${value < 0 ? '−' : '+'}${Math.abs(100 * value).toFixed(1)}`;
  return [
    network,
    `${set}, ${tuned.result.images.found.toLocaleString('en')}${folds ? `, ${folds} folds` : `, ${rows.length} held out`}`,
    percent(frozen.result.evaluation.accuracy.value),
    percent(tuned.result.evaluation.accuracy.value),
    `${points(difference.value)} (${points(difference.low)} to ${points(difference.high)})`,
    finetuning
      ? finetuning.inParts.map((part) => `${part.chosen ? 'fine-tuned' : 'frozen'} ${part.parts}`).join(', ')
      : 'not tried',
    `${Math.round(tuned.result.seconds.fitting)} s`,
    `${Math.round(tuned.cpu)} s`,
  ];
}

if (runs.length === 0 || asked.includes('step')) await step();
if (!shared) console.log('finetune: skipped, the photos are not here');
else if (runs.length > 0 || asked.length === 0) {
  const header = ['network', 'photos', 'frozen', 'fine-tuned', 'points', 'parts', 'fitting', 'processor, all'];
  table('Fine-tuning the last stage against the frozen network', header, (runs.length > 0 ? runs : usual).map(gained));
}
