/** The camera of a page, and the pictures that it takes. */

import { greyCells } from '../images/greyCells.ts';
import { perceptualHash } from '../images/perceptualHash.ts';
import type { Pixels } from '../runtime/platform.ts';
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

/** More than networks look at, and little to hand over. */
const frameEdge = 256;

/** Takes what a video shows now, small enough for a live answer. */
export class FrameTaker {
  readonly #canvas = new OffscreenCanvas(frameEdge, frameEdge);

  /** Undefined where it shows none yet. */
  take(video: HTMLVideoElement): Pixels | undefined {
    const { videoWidth, videoHeight } = video;
    if (videoWidth === 0 || videoHeight === 0) return undefined;
    const shrink = Math.min(1, frameEdge / Math.min(videoWidth, videoHeight));
    const [width, height] = [Math.round(videoWidth * shrink), Math.round(videoHeight * shrink)];
    if (this.#canvas.width !== width || this.#canvas.height !== height) Object.assign(this.#canvas, { width, height });
    return pixelsOf(this.#canvas, video);
  }
}

/** What a canvas shows once a video is drawn over all of it. */
function pixelsOf(canvas: OffscreenCanvas, video: HTMLVideoElement): Pixels | undefined {
  const { width, height } = canvas;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) return undefined;
  context.drawImage(video, 0, 0, width, height);
  const rgba = context.getImageData(0, 0, width, height).data;
  const data = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; to < data.length; from += 4) {
    data[to++] = rgba[from];
    data[to++] = rgba[from + 1];
    data[to++] = rgba[from + 2];
  }
  return { width, height, data };
}

/** The frame that a video shows now, as a JPEG; undefined where it shows none yet. */
export async function shotOf(video: HTMLVideoElement): Promise<Blob | undefined> {
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
    const pixels = video.videoWidth > 0 ? pixelsOf(this.#canvas, video) : undefined;
    if (!pixels) return false;
    const hash = perceptualHash(greyCells(pixels));
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
