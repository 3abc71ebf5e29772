// Peak resident memory of `carafe train` on 600 and on 20,000 photos (drawn, 96 x 72 pixels), cold and warm.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { carafe, table, temporary } from './run.mjs';

const classes = 5;

/** Noise in a class's colour: small, different, and quick to decode, so that the count of photos is what is measured. */
async function draw(folder, photos) {
  for (let i = 0; i < photos; i++) {
    const label = i % classes;
    const place = join(folder, `class ${label}`);
    if (i < classes) mkdirSync(place, { recursive: true });
    const [width, height] = [96, 72];
    const pixels = Buffer.alloc(width * height * 3);
    let state = i * 2654435761 + 1;
    for (let at = 0; at < pixels.length; at++) {
      state = (Math.imul(state, 1664525) + 1013904223) | 0;
      pixels[at] = ((state >>> 24) + ((label * 97 + (at % 3) * 53) & 255)) >> 1;
    }
    writeFileSync(
      join(place, `${i}.jpg`),
      await sharp(pixels, { raw: { width, height, channels: 3 } })
        .jpeg()
        .toBuffer(),
    );
  }
}

const megabytes = (bytes) => `${Math.round(bytes / 2 ** 20)} MB`;
const rows = [];
for (const photos of [600, 20_000]) {
  const folder = temporary(`memory-${photos}`);
  await draw(folder, photos);
  const args = ['train', folder, '--out', temporary('memory')];
  const cache = temporary(`memory-cache-${photos}`);
  const [cold, warm] = [carafe(args, cache), carafe(args, cache)];
  rows.push([photos.toLocaleString('en'), cold, warm]);
}
table(
  'Peak resident memory of `carafe train`',
  ['photos', 'first run', 'again'],
  [
    ...rows.map(([name, cold, warm]) => [name, megabytes(cold.peak), megabytes(warm.peak)]),
    ['difference', megabytes(rows[1][1].peak - rows[0][1].peak), megabytes(rows[1][2].peak - rows[0][2].peak)],
  ],
);
