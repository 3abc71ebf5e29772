/** Cross-validates one-class heads and sets their conformal threshold. */

import type { OneClassContext, OneClassHead } from '../heads/oneClass/oneClassHead.ts';
import { type Heatmap, scoreEach } from '../heads/oneClass/score.ts';
import { type ConformalThreshold, conformalThreshold, type Line } from '../metrics/conformalThreshold.ts';
import { partOf } from '../numerics/progress.ts';
import { largestOf, quantile } from '../numerics/statistics.ts';
import { findSuspects } from './findSuspects.ts';
import type { OneClassProblem } from './oneClassProblem.ts';

/** False-positive rates for which the share of abnormal photos caught is reported. */
const alarmRates = [0.01, 0.02, 0.05, 0.1];

/** The head for the file, and out-of-fold scores of heads made in the same way. */
export interface OneClassCrossValidated<Fitted> {
  /** For the file, fitted on all normal photos. */
  readonly fitted: Fitted;
  /** [N] Out-of-fold score of each photo; without folds, the score by the file's head. */
  readonly scores: Float32Array;
  readonly threshold: ConformalThreshold;
  /** Normal photos that stand apart, the most suspect first. */
  readonly suspects: readonly number[];
  /** The threshold as it would be without the suspects' scores, where it is one of them. */
  readonly withoutSuspects?: ConformalThreshold | undefined;
  /** [N] Threshold for each photo, from the scores of the other folds' normal photos. */
  readonly thresholds: Float64Array;
  /** The same for other shares of false alarms, ascending. */
  readonly lines: readonly Line[];
  /** What a place of a normal photo usually has at most, and the highest place of nearly every one; of heads with heatmaps. */
  readonly places?: { readonly usual: number; readonly high: number } | undefined;
  /** Heatmaps of some photos, by the heads of their folds. */
  readonly heatmaps: (rows: Int32Array) => Promise<ReadonlyMap<number, Heatmap>>;
}

/**
 * Cross-validates a one-class head: fits on the normal photos outside each fold, scores the fold, and fits once more on all
 * for the file. The conformal threshold comes from the scores of held-out normal photos.
 */
export async function crossValidateOneClass<Settings, Fitted>(
  head: OneClassHead<Settings, Fitted>,
  settings: Settings,
  problem: OneClassProblem,
  context: OneClassContext,
): Promise<OneClassCrossValidated<Fitted>> {
  const { inputs, fold, folds, groups, falsePositiveRate } = problem;
  const normal = problem.normal.map((one, row) => (fold[row] < 0 ? 0 : one));
  const rowsWhere = (keep: (row: number) => boolean) => Int32Array.from(normal.keys()).filter(keep);
  // One fit for the file, and two a fold: for its scores, and for suspects.
  const parts = 1 + 2 * folds;
  const during = (part: number) => ({ ...context, progress: partOf(context.progress, part, parts) });
  const learn = (rows: Int32Array, part: number) => head.fit(inputs, rows, settings, during(part));
  const fitted = await learn(
    rowsWhere((row) => normal[row] === 1),
    0,
  );
  const quiet = { ...context, progress: undefined };
  const scores = new Float32Array(normal.length);
  const ofFold: Fitted[] = [];
  const usual: number[] = [];
  const highest: number[] = [];
  for (let k = 0; k < Math.max(1, folds); k++) {
    const others = rowsWhere((row) => normal[row] === 1 && fold[row] !== k);
    ofFold.push(folds > 0 && others.length > 0 ? await learn(others, k + 1) : fitted);
    const asked = rowsWhere((row) => folds === 0 || fold[row] === k);
    await scoreEach(head, ofFold[k], inputs, asked, quiet, (i, score, heatmap) => {
      scores[asked[i]] = score;
      if (!heatmap || normal[asked[i]] === 0) return;
      usual.push(quantile(heatmap.data, 0.95));
      highest.push(largestOf(heatmap.data));
    });
  }
  const kept = rowsWhere((row) => fold[row] < 0);
  if (folds > 0)
    await scoreEach(head, fitted, inputs, kept, quiet, (i, score) => {
      scores[kept[i]] = score;
    });
  const limit = (keep: (row: number) => boolean, share = falsePositiveRate) => {
    const rows = rowsWhere((row) => normal[row] === 1 && keep(row));
    const separate = new Set(rows.map((row) => groups[row])).size;
    return conformalThreshold(
      Array.from(rows, (row) => scores[row]),
      share,
      separate,
    );
  };
  const lineOf = (share: number): Line => {
    const whole = limit(() => true, share);
    const limits = ofFold.map((_, k) => limit((row) => folds < 2 || fold[row] !== k, share).threshold);
    const thresholds = Float64Array.from(fold, (k) => (k < 0 ? whole.threshold : limits[folds > 0 ? k : 0]));
    return { ...whole, target: share, thresholds };
  };
  const { thresholds, ...threshold } = lineOf(falsePositiveRate);
  const suspects =
    folds > 0 ? await findSuspects(head, settings, { ...problem, normal }, scores, (k) => during(folds + 1 + k)) : [];
  const isSuspect = new Set(suspects);
  return {
    fitted,
    scores,
    threshold,
    suspects,
    withoutSuspects: suspects.some((row) => scores[row] === threshold.threshold)
      ? limit((row) => !isSuspect.has(row))
      : undefined,
    thresholds,
    lines: [...new Set([falsePositiveRate, ...alarmRates])].sort((a, b) => a - b).map(lineOf),
    places:
      usual.length > 0
        ? { usual: quantile(usual, 0.5), high: conformalThreshold(highest, falsePositiveRate).threshold }
        : undefined,
    async heatmaps(rows) {
      const found = new Map<number, Heatmap>();
      for (const [k, one] of [...ofFold.entries(), [-1, fitted] as const]) {
        const own = rows.filter((row) => (folds === 0 ? k === 0 : fold[row] === k));
        await scoreEach(head, one, inputs, own, quiet, (i, _, heatmap) => {
          if (heatmap) found.set(own[i], { ...heatmap, data: heatmap.data.slice() });
        });
      }
      return found;
    },
  };
}
