import { compareFolds } from '../evaluation/compare.ts';
import { mean } from '../numerics/statistics.ts';
import type { StudyPoint } from './study.ts';

/** Accuracy that is this much lower than with all units has collapsed. */
const collapse = 0.1;

export interface Answer {
  /** The smallest width that loses no more than the margin and is not measurably worse than all units. */
  readonly width: number;
  readonly accuracy: number;
  /** Accuracy with all units. */
  readonly full: number;
  readonly margin: number;
  /** The largest width at which accuracy is more than ten points lower than with all units; null: none is. */
  readonly collapsed: { readonly width: number; readonly accuracy: number } | null;
}

/**
 * How narrow may it be? A width will do if it, and every wider one, loses no more than the margin on average and a paired
 * test finds no difference.
 * @param points of one kind, the narrowest first; the last has all units
 * @param testToTrain photos tested on to photos trained on, in a fold
 */
export function answerOf(points: readonly StudyPoint[], margin: number, testToTrain: number): Answer {
  const widest = points[points.length - 1];
  const full = mean(widest.folds.accuracy);
  const enough = points.map(({ folds }) => {
    const { difference, better } = compareFolds(folds.accuracy, widest.folds.accuracy, testToTrain);
    return difference.value >= -margin && better !== 'second';
  });
  const first = enough.lastIndexOf(false) + 1;
  const fallen = points.filter(({ folds }) => mean(folds.accuracy) < full - collapse).at(-1);
  const chosen = points[first];
  return {
    width: chosen.width,
    accuracy: mean(chosen.folds.accuracy),
    full,
    margin,
    collapsed: fallen ? { width: fallen.width, accuracy: mean(fallen.folds.accuracy) } : null,
  };
}

/** The study's answer in one sentence. */
export function sentenceOf(answer: Answer | undefined, columns: number, classes: number): string {
  if (!answer) return 'How narrow the bottleneck may be cannot be measured on these photos.';
  const { width, accuracy, full, margin, collapsed } = answer;
  const percent = (value: number) => `${(100 * value).toFixed(1)}%`;
  const end = collapsed
    ? ` At ${collapsed.width} ${collapsed.width === 1 ? 'number' : 'numbers'} it has fallen to ${percent(collapsed.accuracy)}.`
    : ' Even one number does not bring it down by ten points.';
  if (width === columns)
    return `All ${columns.toLocaleString('en')} numbers are needed to be sure of ${percent(full)}: each narrower bottleneck that was measured, or a wider one than it, loses more than ${(100 * margin).toFixed(1)} points or is measurably worse.${end}`;
  const times = Math.round(columns / width);
  return `${width.toLocaleString('en')} ${width === 1 ? 'number does' : 'numbers do'} as well as all ${columns.toLocaleString('en')}: ${percent(accuracy)} against ${percent(full)} right on ${classes} classes, with features ${times} times smaller.${end}`;
}
