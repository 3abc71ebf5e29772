/** Decodes photos without holding the caller's thread, whatever their format. */

import { type CarafeError, errorOf, ImageError, type ImageFailureCode, type PlainError } from '../errors.ts';
import { brokenThread, startThread, type Thread } from '../runtime/thread.node.ts';
import { type DecodedPhoto, decodePhoto } from './decode.node.ts';
import { bitmapDecoderOf } from './formats/bitmaps.ts';
import { fileKind } from './formats/fileKind.ts';
import { jpegComponents } from './formats/jpeg.ts';
import { type Limits, usualLimits } from './limits.ts';
import type { Resizing } from './targetSize.ts';

export interface ToDecoder {
  readonly id: number;
  readonly bytes: Uint8Array;
  readonly resizing: Resizing;
  readonly limits: Partial<Limits>;
}

export type FromDecoder =
  | { readonly kind: 'decoded'; readonly id: number; readonly photo: DecodedPhoto }
  | { readonly kind: 'refused'; readonly id: number; readonly code: ImageFailureCode; readonly reason: string }
  | { readonly kind: 'failed'; readonly id: number; readonly error: PlainError };

/**
 * The same as `decodePhoto`. sharp decodes in threads of its own; what JavaScript or WebAssembly decodes goes to a worker thread: a
 * large bitmap would hold the caller's for a second.
 * @throws ImageError as `decodePhoto` does; CarafeError INTERNAL where the thread breaks
 */
export async function decodeAside(
  bytes: Uint8Array,
  { resize, kernel }: Resizing,
  { maxPixels = usualLimits.maxPixels }: Partial<Limits> = {},
): Promise<DecodedPhoto> {
  const decode = holdsThread(bytes) ? decodeInThread : decodePhoto;
  // Callers have more in these, which a thread need not be sent.
  return decode(bytes, { resize, kernel }, { maxPixels });
}

function holdsThread(bytes: Uint8Array): boolean {
  const format = fileKind(bytes);
  // Inks and further bands are turned into colours here.
  if (format === 'JPEG') return jpegComponents(bytes) === 4;
  return format === 'HEIC' || format === 'TIFF' || bitmapDecoderOf(format) !== undefined;
}

interface Waiting {
  readonly resolve: (photo: DecodedPhoto) => void;
  readonly reject: (error: ImageError | CarafeError) => void;
}

interface Decoder {
  readonly thread: Thread<ToDecoder>;
  readonly waiting: Map<number, Waiting>;
}

/** One for the process: such photos are few. It is started for the first of them, and keeps no process alive. */
let decoder: Decoder | undefined;
let ids = 0;

function decodeInThread(bytes: Uint8Array, resizing: Resizing, limits: Partial<Limits>): Promise<DecodedPhoto> {
  decoder ??= startDecoder();
  const { thread, waiting } = decoder;
  return new Promise((resolve, reject) => {
    const id = ids++;
    waiting.set(id, { resolve, reject });
    thread.holdProcess(true);
    // A photo may be a small part of a large form, which would be copied whole.
    const own = Uint8Array.from(bytes);
    thread.say({ id, bytes: own, resizing, limits }, [own.buffer]);
  });
}

function startDecoder(): Decoder {
  const waiting = new Map<number, Waiting>();
  const thread = startThread<ToDecoder, FromDecoder>(import.meta.url, {
    hear: (message) => {
      const photo = waiting.get(message.id);
      waiting.delete(message.id);
      if (message.kind === 'decoded') photo?.resolve(message.photo);
      else if (message.kind === 'refused') photo?.reject(new ImageError(message.code, message.reason));
      else photo?.reject(errorOf(message.error));
      if (waiting.size === 0) thread.holdProcess(false);
    },
    ended: (cause) => {
      if (decoder?.thread === thread) decoder = undefined;
      for (const { reject } of waiting.values()) reject(brokenThread(cause, 'Try again, with a smaller photo.'));
      waiting.clear();
    },
  });
  return { thread, waiting };
}
