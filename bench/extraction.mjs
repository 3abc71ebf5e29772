// How much of what the machine allows extraction reaches. After `npm run build`:
//   node bench/extraction.mjs [photos] [rounds]      about 3 minutes for 600 photos and 3 rounds on two cores
// For each backbone, in turns: decoding alone, the network alone (both on one thread), the whole pipeline into an empty
// cache, and the plain loop (sharp, then session.run with default settings, one photo after the other). The bound is
// cores / (core-seconds of decoding + of the network). CPU seconds are given beside, since they do not depend on what
// else the machine does.
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as ort from 'onnxruntime-node';
import sharp from 'sharp';
import { resolveBackbone } from '../dist/backbone/resolve.node.js';
import { extractFeatures } from '../dist/features/extract.js';
import { openStore } from '../dist/features/lmdbStore.node.js';
import { extractionModel } from '../dist/features/network.js';
import { extractionPlatform } from '../dist/features/platform.node.js';
import { crop } from '../dist/images/crop.js';
import { decodePhoto, readPhoto } from '../dist/images/decode.node.js';
import { openSession } from '../dist/runtime/platform.node.js';
import { neededShared } from './run.mjs';

const cores = availableParallelism();

/** Wall and CPU seconds of all threads that some work takes. */
async function timed(work) {
  const cpu = process.cpuUsage();
  const began = performance.now();
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { wall: (performance.now() - began) / 1000, cpu: (user + system) / 1e6 };
}

function add(sum, { wall, cpu }) {
  sum.wall += wall;
  sum.cpu += cpu;
}

/** What somebody writes in ten minutes: the whole network, default threads, one photo after the other. */
async function plainLoop(files, network, { preprocessing: { crop, scale, mean, std }, network: { input } }) {
  const session = await ort.InferenceSession.create(network, { logSeverityLevel: 3 });
  const { height, width } = crop;
  sharp.concurrency(0);
  const seconds = await timed(async () => {
    for (const file of files) {
      const pixels = await sharp(file)
        .rotate()
        .resize(width, height)
        .removeAlpha()
        .toColourspace('srgb')
        .raw()
        .toBuffer();
      const values = new Float32Array(3 * height * width);
      for (let i = 0; i < height * width; i++)
        for (let c = 0; c < 3; c++) values[c * height * width + i] = (pixels[i * 3 + c] * scale - mean[c]) / std[c];
      await session.run({ [input]: new ort.Tensor('float32', values, [1, 3, height, width]) });
    }
  });
  sharp.concurrency(1);
  await session.release();
  return seconds;
}

async function measure(backbone, network, files, rounds) {
  const session = await openSession(extractionModel(backbone));
  const sums = {};
  const note = (name, seconds) => {
    sums[name] ??= { wall: 0, cpu: 0 };
    add(sums[name], seconds);
  };
  const { preprocessing } = backbone;
  for (let round = 0; round < rounds; round++) {
    const crops = [];
    note(
      'decode',
      await timed(async () => {
        for (const file of files) {
          const bytes = await readPhoto(file);
          createHash('sha256').update(bytes).digest('hex');
          crops.push(crop((await decodePhoto(bytes, preprocessing)).pixels, preprocessing.crop));
        }
      }),
    );
    note(
      'network',
      await timed(async () => {
        for (const { height, width, data } of crops)
          await session.run({ image: { type: 'uint8', dims: [1, height, width, 3], data } });
      }),
    );
    const folder = mkdtempSync(join(tmpdir(), 'carafe-bench-'));
    const store = openStore({ folder });
    const items = files.map((file) => ({ path: file, file, labels: [] }));
    note('pipeline', await timed(() => extractFeatures(items, backbone, extractionPlatform(store))));
    await store.close();
    rmSync(folder, { recursive: true });
    note('plain', await plainLoop(files, network, backbone));
  }
  await session.release();
  return { photos: files.length * rounds, ...sums };
}

/** `files` of the photos of a folder, evenly chosen. */
function choose(folder, count) {
  const all = readdirSync(folder, { recursive: true }).filter((name) => /\.jpe?g$/i.test(name));
  const step = Math.max(1, all.length / count);
  return Array.from({ length: Math.min(count, all.length) }, (_, i) => join(folder, all.sort()[Math.floor(i * step)]));
}

function show(name, { photos, decode, network, pipeline, plain }) {
  const milliseconds = (seconds) => `${((seconds / photos) * 1000).toFixed(2)} ms`;
  const bound = (key) => (cores * photos) / (decode[key] + network[key]);
  const rate = photos / pipeline.wall;
  console.log(`${name}, ${photos} photos on ${cores} cores
  decoding             ${milliseconds(decode.wall)} a photo on one thread (CPU ${milliseconds(decode.cpu)})
  network              ${milliseconds(network.wall)} a photo on one thread (CPU ${milliseconds(network.cpu)})
  bound                ${bound('wall').toFixed(1)} images/s
  pipeline             ${rate.toFixed(1)} images/s, ${((100 * rate) / bound('wall')).toFixed(0)}% of the bound
  CPU of the pipeline  ${milliseconds(pipeline.cpu)} a photo, of which decoding and network are ${(((decode.cpu + network.cpu) / pipeline.cpu) * 100).toFixed(0)}%
  plain loop           ${(photos / plain.wall).toFixed(1)} images/s (CPU ${milliseconds(plain.cpu)}): the pipeline is ${((rate * plain.wall) / photos).toFixed(2)} times as fast; ${cores} cores allow ${((bound('wall') * plain.wall) / photos).toFixed(2)}
`);
}

const shared = neededShared('extraction');
const photos = join(shared, 'images/flowers5');
const mobilenet = join(shared, 'backbones/mobilenetv2_1.0_224.onnx');
if (!existsSync(photos) || !existsSync(mobilenet)) {
  console.log('skipped: ../shared/data (flowers5, MobileNetV2) is not there');
} else {
  const files = choose(photos, Number(process.argv[2] ?? 600));
  const rounds = Number(process.argv[3] ?? 3);
  const embedded = fileURLToPath(new URL('../backbone/carafe-s.onnx', import.meta.url));
  for (const [name, spec, file] of [
    ['embedded backbone', 'embedded', embedded],
    ['MobileNetV2 1.0', mobilenet, mobilenet],
  ])
    show(name, await measure(await resolveBackbone(spec, { openSession }), readFileSync(file), files, rounds));
}
