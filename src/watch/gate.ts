/** The regression gate: whether a new version may take the place of the one before. */

import { compareHoldout } from '../metrics/compare.ts';
import type { OneClassChanges, OneClassResult } from '../results/oneClassResult.ts';
import type { AnyTrainResult, TrainResult } from '../results/trainResult.ts';
import type { VersionRow } from '../results/versionsResult.ts';

export type Decision = Pick<
  VersionRow,
  'isTaken' | 'reason' | 'accuracy' | 'falsePositiveRate' | 'caught' | 'compared'
>;

/** Chance that a version that is no worse is refused. */
const level = 0.05;

/**
 * Refuses a version that is measurably worse: on all photos that neither had seen (the verdict of the comparison), or on
 * those that were there before. The second finds new photos with wrong labels: on these the version before looks wrong.
 * @param isOld whether a photo was there, unchanged, when the version before was trained
 */
export function decide(
  result: AnyTrainResult | OneClassResult,
  isOld: (path: string) => boolean,
  minAccuracy: number | undefined,
): Decision {
  const figures = figuresOf(result);
  const found = result.changes?.compared;
  const flipped = found?.flipped ?? [];
  const count = (kind: 'right' | 'wrong') => flipped.filter(({ became }) => became === kind).length;
  const compared = found && { changed: flipped.length, better: count('right'), worse: count('wrong') };
  const given = { ...figures, ...(compared && { compared }) };
  const refused = (reason: string): Decision => ({ isTaken: false, reason, ...given });
  const { accuracy } = figures;
  if (minAccuracy !== undefined && accuracy && accuracy.low < minAccuracy)
    return refused(
      `The lower end of its accuracy interval is ${percent(accuracy.low)}, below the ${percent(minAccuracy)} asked for.`,
    );
  if (found?.verdict === 'worse') return refused(`It is worse: ${worseIn(found).join(', ')}.`);
  const old = flipped.filter(({ path, became }) => became !== 'other' && isOld(path));
  const lost = old.filter(({ became }) => became === 'wrong').length;
  const gained = old.length - lost;
  if (lost > gained) {
    const outcomes = (kind: 'right' | 'wrong') => old.map(({ became }) => (became === kind ? 1 : 0));
    const groups = Int32Array.from(old.keys());
    const { p } = compareHoldout(outcomes('right'), outcomes('wrong'), groups, 0);
    if (p < level)
      return refused(
        `Of the photos that were there before, ${lost} are now classified incorrectly and ${gained} correctly: look at the labels of the new ones.`,
      );
  }
  return {
    isTaken: true,
    reason: found
      ? found.verdict === 'better'
        ? 'It is better.'
        : 'It is not measurably worse.'
      : result.changes?.notCompared === undefined
        ? 'It is the first.'
        : `It cannot be compared: ${result.changes.notCompared}.`,
    ...given,
  };
}

type Compared = NonNullable<NonNullable<TrainResult['changes']>['compared']> | NonNullable<OneClassChanges['compared']>;

/** What of it is worse, in words. */
function worseIn(found: Compared): string[] {
  const figures = 'figures' in found ? found.figures : [found];
  return figures
    .filter(({ verdict }) => verdict === 'worse')
    .map(({ metric, before, after }) => `${percent(after)} instead of ${percent(before)} (${metric})`);
}

/** How good it is by itself. */
function figuresOf(
  result: AnyTrainResult | OneClassResult,
): Pick<Decision, 'accuracy' | 'falsePositiveRate' | 'caught'> {
  if (result.task === 'single-label') return { accuracy: result.evaluation.accuracy };
  if (result.task === 'multi-label') return { accuracy: result.evaluation.exactMatch };
  const { falsePositiveRate, detection } = result.evaluation;
  if (!detection) return { falsePositiveRate };
  const { value, low, high } = detection.falseNegativeRate;
  return { falsePositiveRate, caught: { value: 1 - value, low: 1 - high, high: 1 - low } };
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)}%`;
}
