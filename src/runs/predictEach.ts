/** Answers for many photos, in order. */

import { CarafeError, ImageError } from '../errors.ts';
import type { Remark } from '../images/remarks.ts';
import type { FailedImage } from '../results/trainResult.ts';
import type { Pixels } from '../runtime/platform.ts';

/** How many photos are decoded ahead of the network: enough to keep it busy, few enough for the memory. */
const lookAhead = 4;

/** A photo's name and what reads it. */
export interface PhotoSource<Read = Pixels> {
  readonly path: string;
  readonly read: () => Promise<Read>;
}

/** What a photo's bytes are, and what its user should know of it. */
export interface AboutPhoto {
  readonly sha256: string;
  readonly remarks?: readonly Remark[] | undefined;
}

export type PhotoAnswer<Prediction> = { readonly path: string; readonly prediction: Prediction } | FailedImage;

/** Answers for photos in their order; decoding runs ahead of the network. A photo that cannot be read is an answer too. */
export async function* predictEach<Prediction, Read>(
  predict: (read: Read) => Promise<Prediction>,
  photos: Iterable<PhotoSource<Read>>,
  signal?: AbortSignal,
): AsyncGenerator<PhotoAnswer<Prediction>> {
  const waiting: { path: string; read: Promise<Settled<Read>> }[] = [];
  const iterator = photos[Symbol.iterator]();
  for (;;) {
    while (waiting.length < lookAhead) {
      const next = iterator.next();
      if (next.done) break;
      waiting.push({ path: next.value.path, read: settled(next.value.read) });
    }
    const first = waiting.shift();
    if (!first) return;
    if (signal?.aborted)
      throw new CarafeError('INTERRUPTED', 'Interrupted.', 'Start it again.', { cause: signal.reason });
    const { path, read } = first;
    const outcome = await read;
    if ('value' in outcome) yield { path, prediction: await predict(outcome.value) };
    else if (outcome.error instanceof ImageError)
      yield { path, code: outcome.error.code, reason: outcome.error.reason };
    else throw outcome.error;
  }
}

type Settled<Value> = { readonly value: Value } | { readonly error: unknown };

/**
 * What came of it, for when its turn comes. A promise that rejects while an earlier photo is in the network would have
 * nobody who hears it, and end the process.
 */
async function settled<Value>(work: () => Promise<Value>): Promise<Settled<Value>> {
  try {
    return { value: await work() };
  } catch (error) {
    return { error };
  }
}

/** @throws CarafeError ALL_IMAGES_FAILED where none could be read */
export function requireSome(answers: readonly ({ readonly path: string } | FailedImage)[]): void {
  const [first] = answers;
  if (!answers.every((answer) => 'code' in answer) || !('code' in first)) return;
  throw new CarafeError(
    'ALL_IMAGES_FAILED',
    answers.length === 1
      ? `${first.path}: ${first.reason}`
      : `None of ${answers.length} photos can be read; ${first.path}: ${first.reason}`,
    'Give at least one photo that can be opened.',
  );
}
