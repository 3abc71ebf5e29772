import * as z from 'zod';
import type { FitContext, Head, Problem } from '../heads/head.ts';
import type { Split } from '../split/split.ts';
import { meanAveragePrecision, truthRows } from './compareLabels.ts';
import { interval } from './evaluation.ts';
import { growCurve, type Tally } from './growCurve.ts';
import { learningCurve } from './measureCurve.ts';

/** Mean average precision against the number of training photos. */
export const labelCurve = learningCurve.extend({
  points: z.array(z.object({ photos: z.number(), meanAveragePrecision: interval })),
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
  const curve = await growCurve(head, grown, (test) => rank(truth, test, problem.classes), context);
  return (
    curve && {
      ...curve,
      points: curve.points.map(({ photos, figure }) => ({ photos, meanAveragePrecision: figure })),
    }
  );
}

/** One head's logits need no calibration to be ranked. */
function rank(truth: Uint8Array, test: Int32Array, columns: number): Tally {
  const data = new Float32Array(test.length * columns);
  const placeOf = new Map(Array.from(test, (row, place) => [row, place]));
  return {
    add(row, logits) {
      data.set(logits, (placeOf.get(row) ?? 0) * columns);
    },
    figure: () =>
      meanAveragePrecision(
        { rows: test.length, columns, data },
        truthRows(truth, test, columns),
      )(new Float64Array(test.length).fill(1)),
  };
}
