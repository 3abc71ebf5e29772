import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { Random } from '../src/numerics/random.ts';

const shapes: Record<string, (x: number, y: number, r: number) => string> = {
  circle: (x, y, r) => `<circle cx="${x}" cy="${y}" r="${r}"/>`,
  cross: (x, y, r) =>
    `<path d="M${x - r} ${y - r}L${x + r} ${y + r}M${x + r} ${y - r}L${x - r} ${y + r}" stroke-width="${r / 2}"/>`,
  square: (x, y, r) => `<rect x="${x - r}" y="${y - r}" width="${2 * r}" height="${2 * r}"/>`,
};

/** Writes a small image set: `folder/circle/0.jpg` and so on, three classes, some of them hard to tell. */
export async function drawImageSet(folder: string, perClass: number, from = 0): Promise<void> {
  for (const [label, shape] of Object.entries(shapes)) {
    mkdirSync(join(folder, label), { recursive: true });
    for (let i = from; i < from + perClass; i++)
      writeFileSync(join(folder, label, `${i}.jpg`), await drawPhoto(shape, `${label} ${i}`));
  }
}

/**
 * Writes `folder/0.jpg` and so on and a list `folder/photos.jsonl`: each photo shows each of the three shapes or not; the
 * cross is rare. Gives the list's path.
 */
export async function drawLabelledPhotos(folder: string, count: number): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const chance: Record<string, number> = { circle: 0.5, cross: 0.25, square: 0.4 };
  const lines: string[] = [];
  for (let i = 0; i < count; i++) {
    const random = new Random(`labels ${i}`);
    const labels = Object.keys(shapes).filter((label) => random.uniform() < chance[label]);
    const all = (x: number, y: number, r: number) =>
      labels.map((label, k) => shapes[label](x + (k - 1) * r, y + (k % 2) * r, r * 0.6)).join('');
    writeFileSync(join(folder, `${i}.jpg`), await drawPhoto(all, `labels ${i}`));
    lines.push(JSON.stringify({ path: `${i}.jpg`, labels }));
  }
  const list = join(folder, 'photos.jsonl');
  writeFileSync(list, lines.join('\n'));
  return list;
}

async function drawPhoto(shape: (x: number, y: number, r: number) => string, seed: string): Promise<Buffer> {
  const random = new Random(seed);
  const between = (low: number, high: number) => low + random.uniform() * (high - low);
  const colour = () => `hsl(${random.int(360)} ${20 + random.int(60)}% ${20 + random.int(60)}%)`;
  const [width, height] = random.uniform() < 0.7 ? [160, 120] : [120, 150];
  const r = between(14, 42);
  const clutter = Array.from({ length: 5 }, () => {
    const [x, y] = [between(0, width), between(0, height)];
    return `<ellipse cx="${x}" cy="${y}" rx="${between(4, 30)}" ry="${between(4, 30)}" fill="${colour()}" opacity="0.5"/>`;
  });
  const ink = colour();
  const drawing = shape(between(r, width - r), between(r, height - r), r);
  const turn = `rotate(${between(-40, 40)} ${width / 2} ${height / 2})`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
    <rect width="100%" height="100%" fill="${colour()}"/>${clutter.join('')}
    <g fill="${ink}" stroke="${ink}" transform="${turn}">${drawing}</g></svg>`;
  return sharp(Buffer.from(svg)).flatten().jpeg({ quality: 70 }).toBuffer();
}
