/** When a photo was taken, and by which camera, from its EXIF. */

import readExif from 'exif-reader';

/** When a photo was taken, and by which camera. */
export interface Shot {
  /** Milliseconds, by the camera's own clock: for differences between shots of one camera. */
  readonly time: number;
  /** Make, model and, where it is there, serial number. */
  readonly camera: string;
}

/** What the EXIF block of a photo says of it; undefined where it names no time or no camera, or is broken. */
export function readShot(exif: Uint8Array | undefined): Shot | undefined {
  if (!exif) return undefined;
  try {
    const { Image, Photo } = readExif(Buffer.from(exif.buffer, exif.byteOffset, exif.byteLength));
    const taken = Photo?.DateTimeOriginal;
    const time = taken instanceof Date ? taken.getTime() : Number.NaN;
    const camera = [Image?.Make, Image?.Model, Photo?.BodySerialNumber]
      .flatMap((part) => (typeof part === 'string' && part.trim() !== '' ? [part.trim()] : []))
      .join(' ')
      .slice(0, 200);
    if (!Number.isFinite(time) || camera === '') return undefined;
    const fraction = Number(`0.${/^\d+/.exec(String(Photo?.SubSecTimeOriginal ?? ''))?.[0] ?? '0'}`);
    return { time: time + Math.round(1000 * fraction), camera };
  } catch {
    // A broken block says nothing; the photo is as good without it.
    return undefined;
  }
}
