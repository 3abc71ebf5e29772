import * as z from 'zod';
import type { FitContext, Head, Problem } from '../heads/head.ts';
import { mean } from '../numerics/statistics.ts';
import type { Matrix } from '../platform.ts';
import type { Split } from '../split/split.ts';
import { compareRankings, meanAveragePrecision, truthRows } from './compareLabels.ts';
import { type Interval, range } from './evaluation.ts';
import { type Doubling, growCurve, type Tally } from './growCurve.ts';
import { learningCurve } from './measureCurve.ts';

/** Mean average precision against the number of training photos. */
export const labelCurve = learningCurve.extend({
  points: z.array(z.object({ photos: z.number(), meanAveragePrecision: range })),
});
export type LabelCurve = z.infer<typeof labelCurve>;

/**
 * As `measureCurve`, for several labels a photo: mean average precision against the number of training photos. These are
 * drawn by chance alone, since combinations of labels are too many to be drawn in proportion.
 * @param truth [N, labels], 1 where the photo has the label
 */
export async function measureLabelCurve<Settings, Fitted>(
  head: Head<Settings, Fitted>,
  settings: Settings,
  problem: Problem,
  truth: Uint8Array,
  split: Split,
  groups: Int32Array,
  context: FitContext,
): Promise<LabelCurve | undefined> {
  const grown = { settings, problem, split, groups, strata: new Int32Array(groups.length) };
  const curve = await growCurve(
    head,
    grown,
    (test) => rank(truth, test, problem.classes),
    context,
    (doublings) => gainOf(doublings, truth, groups, context.seed),
  );
  return (
    curve && {
      ...curve,
      points: curve.points.map(({ photos, figure }) => ({ photos, meanAveragePrecision: figure })),
    }
  );
}

interface Ranked extends Tally {
  readonly ranked: Matrix;
}

/** As if all repeats had been judged by the same photos: the mean of their intervals. */
function gainOf(doublings: readonly Doubling<Ranked>[], truth: Uint8Array, groups: Int32Array, seed: number): Interval {
  const gains = doublings.map(({ test, half, whole }) => {
    const own = test.map((row) => groups[row]);
    return compareRankings(whole.ranked, half.ranked, truthRows(truth, test, whole.ranked.columns), own, seed)
      .difference;
  });
  const of = (end: keyof Interval) => mean(gains.map((gain) => gain[end]));
  // Rankings that are all equal say no more than that hardly a photo is ranked differently (rule of three).
  const photos = new Set(doublings.flatMap(({ test }) => Array.from(test, (row) => groups[row]))).size;
  return { value: of('value'), low: of('low'), high: Math.max(of('high'), 3 / photos) };
}

/** One head's logits need no calibration to be ranked. */
function rank(truth: Uint8Array, test: Int32Array, columns: number): Ranked {
  const data = new Float32Array(test.length * columns);
  const placeOf = new Map(Array.from(test, (row, place) => [row, place]));
  return {
    add(row, logits) {
      data.set(logits, (placeOf.get(row) ?? 0) * columns);
    },
    ranked: { rows: test.length, columns, data },
    figure: () =>
      meanAveragePrecision(
        { rows: test.length, columns, data },
        truthRows(truth, test, columns),
      )(new Float64Array(test.length).fill(1)),
  };
}
