// Draws the pictures of docs/bottlenecks.md from measured data: the sample image set and the embedded backbone.
// Run after `npm run build`; takes a minute or two, and prints the figures that the page quotes.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { explain, study, train, writeSampleImages } from '../dist/index.js';
import { strip } from '../dist/report/charts/strip.js';
import { svgFile } from '../dist/report/charts/svgFile.js';
import { html, raw } from '../dist/report/html.js';

const target = fileURLToPath(new URL('../docs/bottlenecks/', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'carafe-bottlenecks-'));
const photos = join(scratch, 'photos');
const out = join(scratch, 'out');
mkdirSync(target, { recursive: true });
try {
  await writeSampleImages(photos);
  await train(photos, { out });
  const shown = await explained(['fish/001.jpg', 'fish/002.jpg', 'mushroom/001.jpg']);
  write('fingerprints.svg', svgFile(fingerprints(shown)));
  write('places.svg', svgFile(places(shown)));
  const result = await study(photos, { out });
  for (const name of ['accuracy.svg', 'bytes.svg']) write(name, readFileSync(join(out, name), 'utf8'));
  write('plane.svg', await smaller(readFileSync(join(out, 'plane.svg'), 'utf8')));
  print(result);
} finally {
  rmSync(scratch, { recursive: true });
}

/** Without the texts that point at a mark: an image in a page shows none. */
function write(name, svg) {
  writeFileSync(join(target, name), svg.replace(/<title>.*?<\/title>/g, ''));
}

async function explained(paths) {
  const results = [];
  for (const path of paths) {
    const photo = join(photos, path);
    const result = await explain(photo, { classifier: join(out, 'classifier.onnx'), photos });
    results.push({ ...result, path, picture: await square(photo, 160) });
  }
  return results;
}

/** A photo as a small square, as an address that holds it whole. */
async function square(photo, size) {
  const bytes = await sharp(photo).resize(size, size, { fit: 'cover' }).webp({ quality: 70 }).toBuffer();
  return raw(`data:image/webp;base64,${bytes.toString('base64')}`);
}

/** Photos, each beside its bottleneck values. */
function fingerprints(shown) {
  const rows = shown.map(({ picture, path, features }, i) => {
    const y = 10 + i * 190;
    const cells = raw(strip(features).toString().replace('<svg ', `<svg x="180" y="${y}" width="560" height="175" `));
    return html`<image href="${picture}" x="10" y="${y}" width="150" height="150"/><text x="10" y="${y + 168}">${path}</text>${cells}`;
  });
  return html`<svg class="figure" viewBox="0 0 750 ${rows.length * 190 + 10}" role="img" aria-label="Photos and their bottleneck values">${raw('<style>.strip{width:560px;height:175px}text{font:12px sans-serif;fill:var(--soft)}</style>')}${rows}</svg>`;
}

/** Photos under the places that speak for their class. */
function places(shown) {
  const size = 230;
  const cells = shown.map(({ picture, classes: [{ label, probability, map }] }, i) => {
    const largest = Math.max(...map.values);
    const [width, height] = [size / map.width, size / map.height];
    const spots = map.values.map((value, place) => {
      const [x, y] = [(place % map.width) * width, Math.floor(place / map.width) * height];
      const opacity = Math.round(75 * Math.max(0, value / largest)) / 100;
      return html`<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="#ff2d6f" opacity="${opacity}"/>`;
    });
    return html`<g transform="translate(${10 + i * (size + 10)} 10)"><image href="${picture}" width="${size}" height="${size}"/>${spots}<text y="${size + 18}">${label} ${(100 * probability).toFixed(1)}%</text></g>`;
  });
  return html`<svg class="figure" viewBox="0 0 ${shown.length * (size + 10) + 10} ${size + 36}" role="img" aria-label="Photos and the places that speak for their class">${raw('<style>text{font:12px sans-serif;fill:var(--soft)}</style>')}${cells}</svg>`;
}

/** The same chart with photos of fewer pixels. */
async function smaller(svg) {
  const parts = svg.split(/data:image\/webp;base64,([A-Za-z0-9+/=]+)/);
  for (let i = 1; i < parts.length; i += 2) {
    const bytes = await sharp(Buffer.from(parts[i], 'base64'))
      .resize(64, 64, { fit: 'cover' })
      .webp({ quality: 60 })
      .toBuffer();
    parts[i] = `data:image/webp;base64,${bytes.toString('base64')}`;
  }
  return parts.join('');
}

function print({ sentence, answers, points, portrait, seconds }) {
  console.log(sentence);
  for (const { kind, verdict, width, accuracy } of answers)
    console.log(`${kind}: ${width === null ? verdict : `${width} units are enough, ${percent(accuracy)}`}`);
  for (const { kind, width, precision, accuracy, bytes } of points)
    console.log([kind, width, precision, `${bytes} bytes`, percent(accuracy.value)].join('\t'));
  console.log(JSON.stringify(portrait));
  console.log(`${seconds.study.toFixed(0)} s`);
}

function percent(value) {
  return `${(100 * value).toFixed(1)}%`;
}
