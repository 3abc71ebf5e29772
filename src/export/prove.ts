/** Proves an export: the classifier's own self-test, and how far its answers are from those of the original. */

import type { Card } from '../classifier/card.ts';
import { drawSelfTest, type Outputs, type Verification, verifySelfTest } from '../classifier/selfTest.ts';
import { CarafeError } from '../errors.ts';
import { type Message, message } from '../message.ts';
import { indexOfLargest, largestOf } from '../numerics/statistics.ts';
import type { Difference } from '../results/exportResult.ts';
import type { Pixels } from '../runtime/platform.ts';
import type { Original } from './forms.ts';
import type { Runner } from './runners.ts';

/** What an export was put to before it was offered. */
export interface Proof {
  readonly selfTest: Verification;
  /** On the photos that the self-test draws. */
  readonly drawn: Difference;
  /** On photos that the user gave. */
  readonly given?: Difference | undefined;
}

/**
 * Runs the self-test inside the original on the export, and compares both on its photos and on those given.
 * @throws CarafeError VERIFY_FAILED where the export does not pass
 */
export async function prove(
  { card, source }: Original,
  { original, exported }: { readonly original: Runner; readonly exported: Runner },
  photos: AsyncIterable<Pixels> | undefined,
  what: Message,
): Promise<Proof> {
  const selfTest = await verifySelfTest(card, source, (pixels) => exported.run(pixels));
  if (!selfTest.passed) throw failed(selfTest, source, what);
  const each = async (all: AsyncIterable<Pixels> | Iterable<Pixels>): Promise<Difference> => {
    const rows: { same: boolean; apart: number }[] = [];
    for await (const pixels of all) rows.push(compared(card, await original.run(pixels), await exported.run(pixels)));
    return {
      photos: rows.length,
      same: rows.filter(({ same }) => same).length,
      largest: largestOf([0, ...rows.map(({ apart }) => apart)]),
    };
  };
  const drawn = await each(card.selfTest.images.map(({ height, width }) => drawSelfTest(height, width)));
  return { selfTest, drawn, ...(photos && { given: await each(photos) }) };
}

function failed({ images, tolerance }: Verification, source: string, what: Message): CarafeError {
  const worst = largestOf(images.map(({ features }) => features));
  return new CarafeError(
    'VERIFY_FAILED',
    message`${what} of ${source} does not pass its self-test: its features are up to ${percent(worst)} off, where ${percent(tolerance.features)} may be. Nothing was written.`,
    "Choose `weights: 'float16'`, leave `weights` out, or choose another `format`.",
  );
}

function percent(share: number): string {
  return Number.isFinite(share) ? `${(100 * share).toFixed(1)}%` : 'infinitely';
}

function compared(card: Card, one: Outputs, other: Outputs): { readonly same: boolean; readonly apart: number } {
  const [from, to] = card.task === 'one-class' ? [one.score, other.score] : [one.probabilities, other.probabilities];
  const scale = card.task === 'one-class' ? Math.abs(card.threshold.value) || 1 : 1;
  const apart = Array.from(from ?? [], (value, at) => Math.abs(value - (to?.[at] ?? Number.NaN)) / scale);
  return { same: answerOf(card, one) === answerOf(card, other), apart: largestOf([0, ...apart]) };
}

/** What a classifier says of a photo, as a text that is the same only where that is. */
function answerOf(card: Card, { probabilities = new Float32Array(), unknownScore, score }: Outputs): string {
  if (card.task === 'one-class') return (score?.[0] ?? 0) <= card.threshold.value ? 'normal' : 'abnormal';
  if (card.unknown && (unknownScore?.[0] ?? 0) > card.unknown.threshold) return 'unknown';
  const { labels, task, calibration } = card;
  if (task === 'single-label') return labels[indexOfLargest(probabilities)];
  return labels.filter((_, at) => probabilities[at] >= calibration.thresholds[at]).join('\n');
}
