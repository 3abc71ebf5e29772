import sharp from 'sharp';
import { stream } from './fixture.ts';

/** A drawn 160-pixel WebP for each path; a dozen drawings serve them all. */
export async function thumbnails(paths: readonly string[]): Promise<Map<string, Uint8Array>> {
  const drawings = await Promise.all(Array.from({ length: 12 }, (_, i) => draw(i)));
  return new Map(paths.map((path, i) => [path, drawings[i % drawings.length]!]));
}

function draw(i: number): Promise<Uint8Array> {
  const random = stream(i + 1);
  const hue = Math.floor(random() * 360);
  const petals = Array.from({ length: 9 }, (_, k) => {
    const turn = (k * 360) / 9 + random() * 14;
    return `<ellipse cx="80" cy="34" rx="13" ry="27" transform="rotate(${turn} 80 62)" fill="hsl(${hue} 70% ${70 + random() * 15}%)"/>`;
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="160" height="120"><rect width="160" height="120" fill="hsl(${90 + random() * 60} 30% ${28 + random() * 20}%)"/><g transform="translate(${random() * 40 - 20} ${random() * 24 - 12})">${petals.join('')}<circle cx="80" cy="62" r="14" fill="hsl(45 85% 55%)"/></g></svg>`;
  return sharp(Buffer.from(svg)).webp({ quality: 60 }).toBuffer();
}
