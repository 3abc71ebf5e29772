// What ten million photos of 0.1 and of 12 megapixels take: processor time of each part as measured, multiplied. Prices are
// assumptions: CORE_HOUR (0.04 dollars) and MILLION_READS (0.40 dollars). Photos are real ones, scaled and saved as JPEG, quality 90.
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { command, neededShared, temporary } from './run.mjs';

const millions = 10;
const coreHour = Number(process.env.CORE_HOUR ?? 0.04);
const reads = Number(process.env.MILLION_READS ?? 0.4);
const source = join(process.env.PHOTOS ?? join(neededShared('scaleCosts'), 'images/flowers5'));
const found = readdirSync(source, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && /\.jpe?g$/i.test(entry.name))
  .map(({ parentPath, name }) => join(parentPath, name));

/** Folders with few and with many photos of a size: the difference is what photos take, and not what starting takes. */
async function draw(megapixels, count) {
  const [width, height] = [1, 3 / 4].map((side) => Math.round(side * Math.sqrt((megapixels * 1e6 * 4) / 3)));
  let bytes = 0;
  for (let i = 0; i < count; i++) {
    const file = readFileSync(found[(i * 37) % found.length]);
    // Each is another photo, or it would be looked at once.
    const photo = await sharp(file)
      .resize(width, height, { fit: 'cover', kernel: 'cubic' })
      .modulate({ brightness: 1 + i / 5000 })
      .jpeg({ quality: 90 })
      .toBuffer();
    for (const folder of i < count / 5 ? ['few', 'many'] : ['many']) {
      const into = temporary(`${megapixels} ${folder}/all`);
      mkdirSync(into, { recursive: true });
      writeFileSync(join(into, `${i}.jpg`), photo);
    }
    bytes += photo.length / count;
  }
  return bytes;
}

console.log('## Ten million photos\n');
console.log(
  '| photos of | a photo | processor time of a photo | read | core hours | hours on 64 cores | features (float16) | cost |',
);
console.log('| --- | --- | --- | --- | --- | --- | --- | --- |');
for (const [megapixels, count] of [
  [0.1, 500],
  [12, 60],
]) {
  const bytes = await draw(megapixels, count);
  const time = (folder) => {
    const out = temporary(`features ${megapixels} ${folder}`);
    const { cpu } = command(
      ['extract', temporary(`${megapixels} ${folder}`), '--threads', '1', '--out', out],
      temporary(`cache ${megapixels} ${folder}`),
    );
    return { cpu, stored: readdirSync(out).reduce((sum, name) => sum + statSync(join(out, name)).size, 0) };
  };
  const [few, many] = [time('few'), time('many')];
  const photos = count - Math.ceil(count / 5);
  const each = (many.cpu - few.cpu) / photos;
  const stored = (many.stored - few.stored) / photos;
  const hours = (each * millions * 1e6) / 3600;
  const cost = hours * coreHour + millions * reads;
  console.log(
    `| ${megapixels} megapixels | ${(bytes / 1e3).toFixed(0)} kB | ${(1000 * each).toFixed(1)} ms | ${((bytes * millions * 1e6) / 1e12).toFixed(1)} TB | ${hours.toFixed(0)} | ${(hours / 64).toFixed(1)} | ${((stored * millions * 1e6) / 1e9).toFixed(0)} GB | $${cost.toFixed(0)} |`,
  );
}
