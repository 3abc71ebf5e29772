// Photos that hurt: planted among the photos of a set, how many are found, and how many others are flagged.
//   node bench/photoProblems.mjs [network] [photos of each kind]
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { Random } from '../dist/numerics/random.js';
import { carafe, neededShared, percent, table, temporary } from './run.mjs';

const shared = neededShared('photoProblems');

const [network = 'mobilenetv2_1.0_224', each = '30'] = process.argv.slice(2);
const cache = process.env.CARAFE_CACHE ?? temporary('cache');
const jpeg = (image, quality = 88) => image.jpeg({ quality }).toBuffer();
const drawn = (svg) =>
  jpeg(sharp(Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="360" height="240">${svg}</svg>`)));
const lines = (n) =>
  Array.from(
    { length: 10 },
    (_, i) =>
      `<text x="16" y="${30 + 20 * i}" font-size="13" font-family="sans-serif">Line ${n + i} of some text in a window, with words</text>`,
  ).join('');

/** Kinds of planted photos; what each should be called. */
const kinds = {
  'blur, sigma 4': ['blurred', (file) => jpeg(sharp(file).autoOrient().blur(4))],
  'brightness 0.15': ['dark', (file) => jpeg(sharp(file).autoOrient().linear(0.15, 0))],
  'brightness 3': ['blown', (file) => jpeg(sharp(file).autoOrient().linear(3, 0))],
  'turned by 90 degrees': ['turned', (file) => jpeg(sharp(file).autoOrient().rotate(90))],
  'turned by 180 degrees': ['turned', (file) => jpeg(sharp(file).autoOrient().rotate(180))],
  blank: [
    'blank',
    (_, n) =>
      jpeg(
        sharp({
          create: { width: 320, height: 240, channels: 3, background: { r: (37 * n) % 255, g: (91 * n) % 255, b: 80 } },
        }),
      ),
  ],
  placeholder: [
    'graphic',
    (_, n) =>
      drawn(
        `<rect width="360" height="240" fill="#${['dddddd', 'f4f4f4', '202428'][n % 3]}"/><rect x="120" y="60" width="120" height="80" fill="none" stroke="#999" stroke-width="6"/><text x="100" y="190" font-size="22" font-family="sans-serif" fill="#888">NO IMAGE ${n}</text>`,
      ),
  ],
  text: ['graphic', (_, n) => drawn(`<rect width="360" height="240" fill="white"/>${lines(n)}`)],
  'without colour': ['colour', (file) => jpeg(sharp(file).autoOrient().greyscale().toColourspace('srgb'))],
  '40 pixels wide': ['tiny', (file) => jpeg(sharp(file).autoOrient().resize(40))],
};

const rows = [];
for (const set of ['flowers5', 'cats_dogs']) {
  const photos = join(shared, 'images', set);
  const folder = temporary(set);
  const all = readdirSync(photos).flatMap((label) => readdirSync(join(photos, label)).map((name) => ({ label, name })));
  const order = new Random('photo problems').shuffle(all);
  const planted = new Map();
  for (const { label } of all) mkdirSync(join(folder, label), { recursive: true });
  let at = 0;
  // At most a few in a hundred, or the set itself would be one of turned and of grey photos.
  const most = Math.min(Number(each), Math.floor(all.length / 50));
  for (const [kind, [, make]] of Object.entries(kinds))
    for (let n = 0; n < most; n++, at++) {
      const { label, name } = order[at];
      planted.set(`${label}/${name}`, kind);
      writeFileSync(join(folder, label, name), await make(join(photos, label, name), n));
    }
  for (const { label, name } of order.slice(at)) symlinkSync(join(photos, label, name), join(folder, label, name));
  const backbone = network === 'embedded' ? network : join(shared, `backbones/${network}.onnx`);
  const { result } = carafe(['doctor', folder, '--backbone', backbone, '--out', temporary('out')], cache);
  const flagged = new Map(result.problems.photos.map(({ path, what }) => [path, what]));
  for (const [kind, [what]] of Object.entries(kinds)) {
    const own = [...planted].filter(([, one]) => one === kind).map(([path]) => path);
    const found = own.filter((path) => flagged.has(path)).length / own.length;
    const named = own.filter((path) => flagged.get(path) === what).length / own.length;
    rows.push([set, kind, percent(found), percent(named)]);
  }
  const others = [...flagged].filter(([path]) => !planted.has(path));
  const counts = new Map();
  for (const [, what] of others) counts.set(what, (counts.get(what) ?? 0) + 1);
  const by = [...counts].map(([what, count]) => `${what} ${count}`).join(', ');
  rows.push([set, 'none (own photos)', percent(others.length / (all.length - planted.size)), by]);
}
table(
  `Photos that hurt, ${each} planted of each kind (cats_dogs 12), ${network}`,
  ['set', 'planted', 'flagged', 'named rightly'],
  rows,
);
