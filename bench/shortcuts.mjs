// Shortcuts: planted in one class of real photos, whether they are said; and what is said of the sets as they are.
//   node bench/shortcuts.mjs [photos a class]
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { kinds, original } from './plant.mjs';
import { carafe, neededShared, table, temporary } from './run.mjs';

const shared = neededShared('shortcuts');

const each = Number(process.argv[2] ?? 100);
const cache = process.env.CARAFE_CACHE ?? temporary('cache');
const saved = (image, quality = 85) => image.jpeg({ quality }).toBuffer();
/** What is done to the first class, and to the others. */
const plans = {
  none: [undefined, undefined],
  'two sizes': [(bytes) => saved(sharp(bytes).resize(160)), undefined],
  'two JPEG qualities': [(bytes) => saved(sharp(bytes), 50), (bytes) => saved(sharp(bytes), 90)],
  'white border': [
    (bytes) => saved(sharp(bytes).extend({ top: 8, bottom: 8, left: 8, right: 8, background: 'white' })),
    (bytes) => saved(sharp(bytes)),
  ],
  watermark: [
    async (_, file) => (await kinds.watermark(await original(file)))[0],
    async (bytes) => saved(sharp(bytes), 90),
  ],
  'grey against colour': [
    (bytes) => saved(sharp(bytes).greyscale().toColourspace('srgb')),
    (bytes) => saved(sharp(bytes)),
  ],
};

const rows = [];
for (const set of ['flowers5', 'cats_dogs'])
  for (const [plan, [own, others]] of Object.entries(plans)) {
    const folder = temporary(`${set} ${plan}`);
    const labels = readdirSync(join(shared, 'images', set)).sort();
    for (const [place, label] of labels.entries()) {
      mkdirSync(join(folder, label), { recursive: true });
      for (const name of readdirSync(join(shared, 'images', set, label))
        .sort()
        .slice(0, each)) {
        const file = join(shared, 'images', set, label, name);
        const change = place === 0 ? own : others;
        const bytes = readFileSync(file);
        writeFileSync(join(folder, label, name), change ? await change(bytes, file) : bytes);
      }
    }
    const backbone = join(shared, 'backbones/squeezenet1.1_224.onnx');
    const { result } = carafe(['doctor', folder, '--backbone', backbone, '--out', temporary('out')], cache);
    rows.push([
      set,
      plan,
      result.shortcuts.map(({ what, label }) => (label ? `${what} (${label})` : what)).join(', ') || 'nothing',
    ]);
  }
table(`Shortcuts planted in the first class, ${each} photos a class`, ['set', 'planted', 'said'], rows);
