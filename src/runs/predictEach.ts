/** Predictions for many photos, in order. */

import { CarafeError, ImageError, throwIfAborted } from '../errors.ts';
import type { Remark } from '../images/remarks.ts';
import type { FailedImage } from '../results/images.ts';
import type { Pixels } from '../runtime/platform.ts';

/** How many photos are read ahead of those in the network: enough to keep it busy, few enough for the memory. */
const lookAhead = 3;

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

export interface AtOnce {
  /** How many predictions may be under way at once; 1 unless told. They are begun in the order of the photos. */
  readonly parallel?: number;
  readonly signal?: AbortSignal | undefined;
}

/** Answers for photos in their order; decoding runs ahead of the network. A photo that cannot be read is an answer too. */
export async function* predictEach<Prediction, Read>(
  predict: (read: Read) => Promise<Prediction>,
  photos: Iterable<PhotoSource<Read>>,
  { parallel = 1, signal }: AtOnce = {},
): AsyncGenerator<PhotoAnswer<Prediction>> {
  const waiting: { path: string; outcome: Promise<Settled<Prediction>> }[] = [];
  const iterator = photos[Symbol.iterator]();
  const turns = new Turns(parallel);
  try {
    for (;;) {
      while (waiting.length < lookAhead + parallel) {
        const next = iterator.next();
        if (next.done) break;
        const { path, read } = next.value;
        waiting.push({ path, outcome: turns.take(settled(read), predict) });
      }
      const first = waiting.shift();
      if (!first) return;
      throwIfAborted(signal);
      const { path } = first;
      const outcome = await first.outcome;
      if ('value' in outcome) yield { path, prediction: outcome.value };
      else if (outcome.error instanceof ImageError)
        yield { path, code: outcome.error.code, reason: outcome.error.reason };
      else throw outcome.error;
    }
  } finally {
    turns.end();
  }
}

/** Who is next in the network, in the order of coming. */
class Turns {
  readonly #parallel: number;
  /** When each of the last ones was done, and when the last one had begun. */
  readonly #done: Promise<unknown>[] = [];
  #begun: Promise<unknown> = Promise.resolve();
  #isOver = false;

  constructor(parallel: number) {
    this.#parallel = parallel;
  }

  take<Read, Prediction>(
    read: Promise<Settled<Read>>,
    predict: (read: Read) => Promise<Prediction>,
  ): Promise<Settled<Prediction>> {
    const before = this.#done.length < this.#parallel ? undefined : this.#done.shift();
    const begun = Promise.all([read, this.#begun, before]);
    this.#begun = begun;
    const done = begun.then(([outcome]) =>
      'error' in outcome || this.#isOver ? failed(outcome) : settled(() => predict(outcome.value)),
    );
    this.#done.push(done);
    return done;
  }

  /** Nothing more is begun. */
  end(): void {
    this.#isOver = true;
  }
}

function failed(outcome: Settled<unknown>): { readonly error: unknown } {
  return { error: 'error' in outcome ? outcome.error : undefined };
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
      : `None of the ${answers.length} photos can be read; ${first.path}: ${first.reason}`,
    'Give at least one photo that can be opened.',
  );
}
