/** Contaminated normals: photos among the normal ones that may be abnormal. */

import type { OneClassContext, OneClassHead } from '../heads/oneClass/oneClassHead.ts';
import { scoresOf } from '../heads/oneClass/score.ts';
import { quantile } from '../numerics/statistics.ts';
import type { OneClassProblem } from './oneClassProblem.ts';

/** Share of the normal photos that suspects are not compared with: a tenth of abnormal ones lies mostly inside it. */
const setAside = 0.2;

/**
 * Contaminated normals: photos among the normal ones that may be abnormal, the least normal first. A head trained on
 * abnormal photos finds similar ones normal, so the least normal photos are set aside, and all are scored again by heads
 * trained on the rest of the other folds.
 * @param scores [N] out-of-fold score of each photo
 */
export async function findSuspects<Settings, Fitted>(
  head: OneClassHead<Settings, Fitted>,
  settings: Settings,
  { inputs, normal, fold, folds }: Omit<OneClassProblem, 'falsePositiveRate'>,
  scores: Float32Array,
  contextOf: (fold: number) => OneClassContext,
): Promise<number[]> {
  const rows = Int32Array.from(normal.keys()).filter((row) => normal[row] === 1);
  const order = rows.toSorted((a, b) => scores[b] - scores[a]);
  const aside = new Set(order.subarray(0, Math.floor(setAside * rows.length)));
  const again = scores.slice();
  for (let k = 0; k < folds; k++) {
    const others = rows.filter((row) => fold[row] !== k);
    const learned = others.filter((row) => !aside.has(row));
    // Where groups are few and uneven, too little may be left to learn from.
    if (learned.length < others.length / 2) continue;
    const own = rows.filter((row) => fold[row] === k);
    const context = contextOf(k);
    const fitted = await head.fit(inputs, learned, settings, context);
    const found = await scoresOf(head, fitted, inputs, own, context);
    for (const [i, row] of own.entries()) again[row] = found[i];
  }
  return standingApart(again, normal).sort((a, b) => scores[b] - scores[a]);
}

/**
 * Outliers among the normal photos: above the upper fence of Tukey's box plot, 1.5 interquartile ranges above the upper
 * quartile, which is robust to a tenth of wrong photos.
 */
export function standingApart(scores: Float32Array, normal: Uint8Array): number[] {
  const rows = [...normal.keys()].filter((row) => normal[row] === 1);
  const own = rows.map((row) => scores[row]);
  const [lower, upper] = [quantile(own, 0.25), quantile(own, 0.75)];
  const fence = upper + 1.5 * (upper - lower);
  return rows.filter((row) => scores[row] > fence);
}
