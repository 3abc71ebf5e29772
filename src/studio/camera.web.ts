/** The camera of a page, and the pictures that it takes. */

import { greyCells } from '../images/greyCells.ts';
import { perceptualHash } from '../images/perceptualHash.ts';
import { say } from './texts.ts';

/** Which way a camera looks. */
export type Facing = 'user' | 'environment';

/** @throws Error whose message says what to do */
export async function openCamera(facing: Facing): Promise<MediaStream> {
  if (!navigator.mediaDevices) throw new Error(say('cameraUnsafe'));
  try {
    return await navigator.mediaDevices.getUserMedia({
      video: { facingMode: facing, width: { ideal: 640 }, height: { ideal: 480 } },
    });
  } catch (error) {
    const name = error instanceof Error ? error.name : '';
    if (name === 'NotAllowedError' || name === 'SecurityError') throw new Error(say('cameraDenied'));
    if (name === 'NotFoundError' || name === 'OverconstrainedError') throw new Error(say('cameraNone'));
    throw new Error(say('cameraBusy', { reason: error instanceof Error ? error.message : String(error) }));
  }
}

/** The frame that a video shows now, as a JPEG; undefined where it shows none yet. */
export async function frameOf(video: HTMLVideoElement): Promise<Blob | undefined> {
  const { videoWidth: width, videoHeight: height } = video;
  if (width === 0 || height === 0) return undefined;
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext('2d')?.drawImage(video, 0, 0);
  return canvas.convertToBlob({ type: 'image/jpeg', quality: 0.92 });
}

/** Bits of 64 up to which two frames say the same. */
const nearlyEqual = 3;

/** Passes over frames that are nearly equal to the last one that was kept. */
export class FrameFilter {
  #last: string | undefined;
  readonly #canvas = new OffscreenCanvas(64, 64);

  isNew(video: HTMLVideoElement): boolean {
    const context = this.#canvas.getContext('2d', { willReadFrequently: true });
    if (!context || video.videoWidth === 0) return false;
    context.drawImage(video, 0, 0, 64, 64);
    const rgba = context.getImageData(0, 0, 64, 64).data;
    const data = new Uint8Array(64 * 64 * 3);
    for (let from = 0, to = 0; to < data.length; from += 4, to += 3) data.set(rgba.subarray(from, from + 3), to);
    const hash = perceptualHash(greyCells({ width: 64, height: 64, data }));
    if (this.#last && distance(hash, this.#last) <= nearlyEqual) return false;
    this.#last = hash;
    return true;
  }
}

/** Bits in which two hashes differ. */
function distance(a: string, b: string): number {
  let bits = 0;
  for (let i = 0; i < a.length; i++)
    for (let rest = Number.parseInt(a[i], 16) ^ Number.parseInt(b[i], 16); rest > 0; rest >>= 1) bits += rest & 1;
  return bits;
}
