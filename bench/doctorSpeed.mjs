// Time and peak memory of the doctor: 3,670 cached photos, and 50,000 drawn ones (features of 1,280 values, from the cache).
//   node bench/doctorSpeed.mjs, or node --import ./bench/peak.mjs bench/doctorSpeed.mjs PHOTOS for drawn ones alone

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { extractFeatures } from '../dist/features/extract.js';
import { memoryStore } from '../dist/features/memoryStore.js';
import { Random } from '../dist/numerics/random.js';
import { doctor } from '../dist/runs/doctor.js';
import { openSession } from '../dist/runtime/platform.node.js';
import { imageSet } from '../dist/sets/imageSet.js';
import { carafe, neededShared, table, temporary } from './run.mjs';

const shared = neededShared('doctorSpeed');

const width = 1280;
const classes = 5;
const [count] = process.argv.slice(2).map(Number);
if (count) await drawn(count);
else {
  const cache = process.env.CARAFE_CACHE ?? temporary('cache');
  const backbone = join(shared, 'backbones/mobilenetv2_1.0_224.onnx');
  const args = ['doctor', join(shared, 'images/flowers5'), '--backbone', backbone, '--out', temporary('out')];
  carafe(args, cache);
  const { seconds, cpu, peak } = carafe(args, cache);
  const rows = [['flowers5, 3,670', seconds.toFixed(1), cpu.toFixed(1), `${(peak / 2 ** 20).toFixed(0)} MB`]];
  const own = fileURLToPath(import.meta.url);
  const { status, stdout, stderr } = spawnSync(process.execPath, [own, '50000'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  rows.push(JSON.parse(stdout.trim().split('\n').at(-1)));
  table('The doctor, everything cached', ['photos', 'seconds', 'processor seconds', 'peak memory'], rows);
}

/** Photos whose features are drawn, without the turned views, which cost an extraction. */
async function drawn(photos) {
  const random = new Random('doctor speed');
  const centres = Float32Array.from({ length: classes * width }, () => 0.25 * random.normal());
  const items = Array.from({ length: photos }, (_, i) => {
    const label = `class ${i % classes}`;
    return { path: `${label}/${i}.jpg`, file: String(i), labels: [label] };
  });
  const sha256 = (text) => createHash('sha256').update(text).digest('hex');
  const platform = {
    store: memoryStore(0),
    computer: { decoder: 'drawn', runtime: 'drawn', device: 'cpu' },
    sha256,
    stamp: () => undefined,
    openWorkers: () => ({
      capacity: 1,
      async process(file, view) {
        const i = Number(file);
        const own = new Random(`${i} ${view?.number}`);
        const row = new Float32Array(width);
        for (let d = 0; d < width; d++) row[d] = centres[(i % classes) * width + d] + own.uniform() - 0.5;
        const digest = sha256(file);
        return {
          kind: 'computed',
          sha256: digest,
          features: row,
          maps: new Map(),
          hash: digest.slice(0, 16),
          cells: Uint8Array.from({ length: 1024 }, (_, at) =>
            Number.parseInt(digest.slice(at % 63, (at % 63) + 2), 16),
          ),
          width: 320,
          height: 240,
          facts: {
            format: 'JPEG',
            brightness: 100 + own.int(30),
            colour: 40,
            appearance: {
              sharpness: 4,
              brightest: 220,
              blown: 0,
              colours: 900,
              mean: [120, 110, 90],
              even: 0,
              border: 'none',
            },
          },
        };
      },
      close: async () => {},
    }),
    makeThumbnail: async () => undefined,
    openSession,
    cores: 2,
    findImageSet: async (source) => imageSet(source, items),
    resolveBackbone: async () => ({
      name: 'drawn',
      hash: 'f00d',
      cut: 'x',
      preprocessing: {},
      network: { width, maps: [] },
    }),
    ensureFolder: async () => {},
    write: async () => {},
    pageScript: async () => '',
  };
  // Drawing them is no part of the doctor: what they take is measured apart.
  const cpu = () => (process.cpuUsage().user + process.cpuUsage().system) / 1e6;
  let [began, spent] = [performance.now(), cpu()];
  await extractFeatures(items, await platform.resolveBackbone(), platform, {});
  const drawing = { seconds: (performance.now() - began) / 1000, cpu: cpu() - spent };
  [began, spent] = [performance.now(), cpu()];
  const stages = [['drawing and looking', spent]];
  await doctor('drawn', { out: 'out', onStage: (text) => stages.push([text, cpu()]) }, platform);
  const ends = [...stages.slice(1).map(([, at]) => at), cpu()];
  console.error(stages.map(([text, at], k) => `${text}: ${(ends[k] - at).toFixed(1)} s of processor time`).join('\n'));
  console.log(
    JSON.stringify([
      `drawn, ${photos.toLocaleString('en-US')}`,
      ((performance.now() - began) / 1000 - drawing.seconds).toFixed(0),
      (cpu() - spent - drawing.cpu).toFixed(0),
      `${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MB`,
    ]),
  );
}
