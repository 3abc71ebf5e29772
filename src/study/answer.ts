import { narrowestEnough } from '../evaluation/narrowest.ts';
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
 * How narrow may it be, and where does accuracy collapse? By the rule of evaluation/narrowest.ts.
 * @param points of one kind, the narrowest first; the last has all units, on the same folds or on more
 * @param testToTrain photos tested on to photos trained on, in a fold
 */
export function answerOf(points: readonly StudyPoint[], margin: number, testToTrain: number): Answer {
  const figures = points.map(({ folds }) => folds.accuracy.slice(0, points[0].folds.accuracy.length));
  const full = mean(figures[figures.length - 1]);
  const chosen = points[narrowestEnough(figures, margin, testToTrain)];
  const fallen = points.filter(({ folds }) => mean(folds.accuracy) < full - collapse).at(-1);
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
  const lost = Number((100 * margin).toFixed(2));
  const allowed = `${lost} ${lost === 1 ? 'point' : 'points'}`;
  if (width === columns)
    return `All ${columns.toLocaleString('en')} numbers are needed to be sure of ${percent(full)}: with the ups and downs of chance evened out, every narrower bottleneck that was measured loses more than ${allowed} or is measurably worse.${end}`;
  const times = Math.round(columns / width);
  return `${width.toLocaleString('en')} ${width === 1 ? 'number does' : 'numbers do'} as well as all ${columns.toLocaleString('en')}, within ${allowed}: ${percent(accuracy)} against ${percent(full)} right on ${classes} classes, with features ${times} times smaller.${end}`;
}
