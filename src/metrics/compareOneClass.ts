/** Paired tests of two one-class classifiers. */

import { mean } from '../numerics/statistics.ts';
import { type Comparison, compareBySamples, compareHoldout, compareOverFolds, verdict, verdicts } from './compare.ts';

/** Scores of all photos, [N], and the threshold of each, set without it. */
interface Scores {
  readonly scores: ArrayLike<number>;
  readonly thresholds: ArrayLike<number>;
}

/** The photos on which two are compared. */
interface Compared {
  /** [N] */
  readonly normal: Uint8Array;
  readonly groups: Int32Array;
  /** Photos that are judged. */
  readonly rows: Int32Array;
  /** How many folds the photos were judged in; undefined where a part was held out. */
  readonly folds: number | undefined;
  readonly seed: number;
}

/**
 * Compares false-positive rate, abnormal photos caught and AUROC; the last two where there are abnormal photos. Each p is
 * multiplied by their number.
 */
export function compareOneClassFigures(after: Scores, before: Scores, { normal, groups, rows, folds, seed }: Compared) {
  const sides = [after, before].map(
    ({ scores, thresholds }) =>
      (row: number) =>
        scores[row] - thresholds[row],
  );
  const test = (wanted: number) => {
    const own = rows.filter((row) => normal[row] === wanted);
    const ofOwn = own.map((row) => groups[row]);
    const [second, first] = sides.map((above) => Float64Array.from(own, (row) => Number(above(row) > 0)));
    const [now, then] = wanted === 1 ? [first, second] : [second, first];
    // Fewer normal photos that are called abnormal are better, and so are more abnormal ones.
    const found =
      folds === undefined ? compareHoldout(now, then, ofOwn, seed) : compareOverFolds(now, then, ofOwn, folds);
    return { own, before: mean(first), after: mean(second), found };
  };
  const alarms = test(1);
  const caught = test(0);
  const ofRows = rows.map((row) => groups[row]);
  const areas = sides.map((above) =>
    areaOver(
      rows.map((row) => normal[row]),
      Array.from(rows, above),
    ),
  );
  const once = new Float64Array(rows.length).fill(1);
  const isAlone = alarms.own.length === 0 || caught.own.length === 0;
  const all = [
    ...(alarms.own.length > 0 ? [{ metric: 'false-positive rate' as const, ...alarms, sign: -1 }] : []),
    ...(caught.own.length > 0 ? [{ metric: 'abnormal photos caught' as const, ...caught, sign: 1 }] : []),
    ...(isAlone
      ? []
      : [
          {
            ...{ metric: 'AUROC' as const, before: areas[1](once), after: areas[0](once), sign: 1 },
            found: compareBySamples(areas[0], areas[1], ofRows, 1, seed),
          },
        ]),
  ];
  const figures = all.map(({ metric, before, after, found, sign }) => {
    const p = Math.min(1, found.p * all.length);
    const difference = sign < 0 ? negative(found.difference) : found.difference;
    return { metric, before, after, difference, p, verdict: verdicts[verdict(found.difference, p).better] };
  });
  const has = (wanted: string) => figures.some((figure) => figure.verdict === wanted);
  const worst = has('worse') ? ('worse' as const) : has('better') ? ('better' as const) : ('tie' as const);
  return { figures, verdict: worst };
}

function negative({ value, low, high }: Comparison['difference']): Comparison['difference'] {
  // Not -value: of nothing that would be minus nothing.
  return { value: 0 - value, low: 0 - high, high: 0 - low };
}

/** The area under the ROC curve where each row counts so many times; ties count half. */
function areaOver(normal: ArrayLike<number>, scores: readonly number[]): (times: Float64Array) => number {
  const order = [...scores.keys()].sort((a, b) => scores[a] - scores[b]);
  return (times) => {
    let [above, positives, negatives] = [0, 0, 0];
    for (let from = 0; from < order.length; ) {
      let [hits, others] = [0, 0];
      const score = scores[order[from]];
      for (; from < order.length && scores[order[from]] === score; from++) {
        const row = order[from];
        if (normal[row] === 1) others += times[row];
        else hits += times[row];
      }
      above += hits * (negatives + others / 2);
      positives += hits;
      negatives += others;
    }
    return above / (positives * negatives);
  };
}
