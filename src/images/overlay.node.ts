/** A photo with its heatmap over it. */

import sharp from 'sharp';
import { decodePhoto, readPhoto } from './decode.node.ts';
import type { Overlay } from './heatmapColours.ts';

/** A photo's long edge at most, with its heatmap on it. */
const longEdge = 1024;

/**
 * A photo with its heatmap laid over the whole of it, smoothly, in the photo's own proportions.
 * @throws ImageError where the photo cannot be read
 */
export async function overlaid(
  file: string,
  overlay: Overlay | undefined,
  edge = longEdge,
  format: 'png' | 'webp' = 'png',
) {
  const bytes = await readPhoto(file);
  const { pixels } = await decodePhoto(bytes, { resize: { rule: 'longest-edge', size: edge }, kernel: 'bilinear' });
  const size = { width: pixels.width, height: pixels.height };
  const picture = sharp(pixels.data, { raw: { ...size, channels: 3 } });
  if (overlay) {
    const raw = { width: overlay.width, height: overlay.height, channels: 4 } as const;
    const heat = sharp(overlay.data, { raw }).resize({ ...size, fit: 'fill', kernel: 'cubic' });
    picture.composite([{ input: await heat.png().toBuffer() }]);
  }
  return new Uint8Array(await (format === 'png' ? picture.png() : picture.webp({ quality: 80 })).toBuffer());
}
