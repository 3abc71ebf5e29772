// Whether the whole of train bears many photos: drawn features in place of photos, a tiny network around them.
// `npm run bench rows`, or `node bench/rows.mjs PHOTOS CLASSES WIDTH` for one set.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { memoryStore } from '../dist/features/memoryStore.js';
import { prepare } from '../dist/images/prepare.node.js';
import { Random } from '../dist/numerics/random.js';
import { GraphBuilder, ownIrVersion, ownOpset } from '../dist/onnx/builder.js';
import { train } from '../dist/runs/train.js';
import { openSession } from '../dist/runtime/platform.node.js';
import { imageSet } from '../dist/sets/imageSet.js';
import { table } from './run.mjs';

const [photos, classes, width] = process.argv.slice(2).map(Number);
if (photos) await one();
else {
  const rows = [
    [200_000, 5, 64],
    [20_000, 10_000, 64],
  ].map((set) => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [fileURLToPath(import.meta.url), ...set.map(String)],
      { encoding: 'utf8' },
    );
    if (status !== 0) throw new Error(`${set.join(' x ')} ended with ${status}: ${stderr}`);
    return JSON.parse(stdout.trim().split('\n').at(-1));
  });
  table('Drawn photos through the whole of train', ['photos', 'classes', 'seconds', 'peak memory', 'accuracy'], rows);
}

async function one() {
  const began = performance.now();
  const platform = drawnPlatform(photos, classes, width);
  const options = { out: 'out', balance: false, refit: false, falsePositiveRate: 0.01 };
  const told = (text) => process.stderr.write(`${((performance.now() - began) / 1000).toFixed(0)} s ${text}\n`);
  const { evaluation } = await train('drawn', { ...options, onStage: told, onWarning: told }, platform);
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  const peak = `${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MB`;
  console.log(JSON.stringify([photos, classes, seconds, peak, evaluation.accuracy.value.toFixed(3)]));
}

/** Photos whose features are drawn when they are asked for: classes are overlapping clouds. */
function drawnPlatform(count, labels, columns) {
  const sha256 = (text) => createHash('sha256').update(text).digest('hex');
  const random = new Random('rows');
  const centres = Float32Array.from({ length: labels * columns }, () => 0.5 * random.normal());
  const items = Array.from({ length: count }, (_, i) => {
    const label = `class ${String(i % labels).padStart(5, '0')}`;
    return { path: `${label}/${i}.jpg`, file: String(i), labels: [label] };
  });
  const nothing = async () => {};
  return {
    store: memoryStore(2 ** 33),
    computer: { decoder: 'drawn', runtime: 'drawn', device: 'cpu' },
    sha256,
    stamp: (file) => file,
    openWorkers: () => ({
      capacity: 1,
      async process(file) {
        const i = Number(file);
        const own = new Random(`photo ${i}`);
        const features = Float32Array.from(
          { length: columns },
          (_, d) => centres[(i % labels) * columns + d] + own.normal(),
        );
        const digest = sha256(file);
        return {
          kind: 'computed',
          sha256: digest,
          features,
          maps: new Map(),
          hash: digest.slice(0, 16),
          cells: Uint8Array.from({ length: 1024 }, (_, at) =>
            Number.parseInt(digest.slice(at % 63, (at % 63) + 2), 16),
          ),
          width: 100,
          height: 100,
        };
      },
      close: nothing,
    }),
    makeThumbnail: async () => undefined,
    openSession,
    cores: 2,
    findImageSet: async (source) => imageSet(source, items),
    resolveBackbone: async () => tinyNetwork(columns),
    prepare,
    ensureFolder: nothing,
    read: nothing,
    write: nothing,
    append: nothing,
  };
}

/** A dense layer on how far the colours lie above their mean: an average alone is nearly nothing, and rounding all of it. */
function tinyNetwork(columns) {
  const builder = new GraphBuilder();
  const pooled = builder.node('Flatten', [builder.node('GlobalAveragePool', [builder.node('Relu', ['image'])])]);
  const weights = Float32Array.from({ length: 3 * columns }, (_, i) => Math.cos(i));
  const features = builder.node('MatMul', [pooled, builder.floats(weights, [3, columns])]);
  const { nodes, initializers } = builder.graph();
  return {
    name: 'tiny',
    hash: 'f00d',
    cut: features,
    preprocessing: {
      resize: { rule: 'shortest-edge', size: 32 },
      kernel: 'bilinear',
      crop: { height: 32, width: 32 },
      scale: 1 / 255,
      mean: [0.5, 0.5, 0.5],
      std: [0.2, 0.2, 0.2],
      channels: 'rgb',
      layout: 'nchw',
      input: 'float32',
    },
    network: {
      irVersion: ownIrVersion,
      opsets: new Map([['', ownOpset]]),
      functions: [],
      nodes,
      initializers,
      input: 'image',
      features,
      width: columns,
      maps: [],
      fixedBatch: false,
    },
  };
}
