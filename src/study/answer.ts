/** How narrow the bottleneck may be, and whether the photos can tell. */

import { compareFolds } from '../metrics/compare.ts';
import type { Interval } from '../metrics/evaluation.ts';
import { foldShare } from '../metrics/intervals.ts';
import { narrowestNonInferior } from '../metrics/nonInferiority.ts';
import { mean } from '../numerics/statistics.ts';
import type { StudyPoint } from './study.ts';

/** Accuracy that is this much lower than with all units has collapsed. */
const collapse = 0.1;

/** What an answer stands on. */
export interface Terms {
  /** Accuracy that a narrow bottleneck may lose, as a fraction. */
  readonly margin: number;
  /** Photos tested on to photos trained on, in a fold. */
  readonly testToTrain: number;
  /** Separate photos that were judged; equal ones count once. */
  readonly photos: number;
  /** Accuracy of naming the most frequent class whatever the photo shows. */
  readonly chance: number;
}

export interface Answer {
  /**
   * enough: `width` will do. none: none of those measured will, and all units are no width of this kind. So few photos
   * cannot tell, chance: since all units are not measurably better than chance; few: since a collapse could pass for a tie.
   */
  readonly verdict: 'enough' | 'none' | 'chance' | 'few';
  /** The smallest width that loses no more than the margin and is not measurably worse than all units; null unless enough. */
  readonly width: number | null;
  readonly accuracy: number | null;
  /** Accuracy with all units. */
  readonly full: number;
  readonly margin: number;
  /** `width` held against all units; where that is all units, or null, the widest below them that was measured. */
  readonly compared: {
    readonly width: number;
    readonly accuracy: number;
    /** Accuracy less that of all units, paired, its 95% interval no narrower than so few photos allow. */
    readonly difference: Interval;
  };
  /** The largest width at which accuracy is more than ten points lower than with all units; null: none is. */
  readonly collapsed: { readonly width: number; readonly accuracy: number } | null;
}

/**
 * How narrow may it be, and where does accuracy collapse? By the rule of evaluation/narrowest.ts.
 * @param points of one kind, the narrowest first, at least one
 * @param all units, on the same folds or on more
 * @param isWhole whether all units are this kind's own widest point: all principal components are all units, turned
 */
export function answerOf(points: readonly StudyPoint[], all: StudyPoint, isWhole: boolean, terms: Terms): Answer {
  const { margin, testToTrain, photos, chance } = terms;
  const figures = [...points, all].map(({ folds }) => folds.accuracy.slice(0, points[0].folds.accuracy.length));
  const widest = figures[points.length];
  const full = mean(widest);
  const place = narrowestNonInferior(figures, margin, testToTrain);
  const comparedAt = Math.min(place, points.length - 1);
  const difference = compareFolds(figures[comparedAt], widest, testToTrain, photos).difference;
  const isEnough = place < points.length || isWhole;
  const verdict =
    foldShare(widest, testToTrain, photos).low <= chance
      ? 'chance'
      : difference.low < -collapse && difference.high >= 0
        ? 'few'
        : isEnough
          ? 'enough'
          : 'none';
  const fallen = points.filter((_, i) => mean(figures[i]) < full - collapse).at(-1);
  const accuracyOf = ({ folds }: StudyPoint) => mean(folds.accuracy);
  return {
    verdict,
    width: verdict === 'enough' ? (points[place] ?? all).width : null,
    accuracy: verdict === 'enough' ? mean(figures[place]) : null,
    full,
    margin,
    compared: { width: points[comparedAt].width, accuracy: accuracyOf(points[comparedAt]), difference },
    collapsed: fallen ? { width: fallen.width, accuracy: accuracyOf(fallen) } : null,
  };
}

/** The study's answer in one or two sentences. */
export function sentenceOf(
  answer: Answer | undefined,
  columns: number,
  classes: number,
  { photos, chance }: Pick<Terms, 'photos' | 'chance'>,
): string {
  if (!answer) return 'These photos cannot show how narrow the bottleneck may be.';
  const { verdict, width, accuracy, full, margin, compared, collapsed } = answer;
  const percent = (value: number) => `${(100 * value).toFixed(1)}%`;
  const numbers = (value: number) => `${value.toLocaleString('en')} ${value === 1 ? 'number' : 'numbers'}`;
  const all = columns.toLocaleString('en');
  const between = `between ${signed(compared.difference.low)} and ${signed(compared.difference.high)} points`;
  const few = `${photos.toLocaleString('en')} photos`;
  const untold = `${few} cannot show how narrow the bottleneck may be:`;
  if (verdict === 'chance')
    return `${untold} all ${all} numbers get ${percent(full)} right, which is not measurably better than naming the most frequent class every time (${percent(chance)}).`;
  if (verdict === 'few')
    return `${untold} ${numbers(compared.width)} got ${percent(compared.accuracy)} right and all ${all} got ${percent(full)}, so the difference may be anything ${between}.`;
  const end = collapsed
    ? ` At ${numbers(collapsed.width)} it has fallen to ${percent(collapsed.accuracy)}.`
    : ' Even a single number costs less than ten points.';
  const lost = Number((100 * margin).toFixed(2));
  const allowed = `${lost} ${lost === 1 ? 'point' : 'points'}`;
  if (width === null || accuracy === null || width === columns)
    return `All ${all} numbers are needed for ${percent(full)}: with chance fluctuations evened out, every narrower bottleneck measured loses more than ${allowed} or is measurably worse. As far as ${few} can tell, ${numbers(compared.width)} ${compared.width === 1 ? 'differs' : 'differ'} by ${between}.${end}`;
  const times = Math.round(columns / width);
  return `${numbers(width)} ${width === 1 ? 'does' : 'do'} as well as all ${all}, within ${allowed}: ${percent(accuracy)} against ${percent(full)} right on ${classes} classes, with features ${times} times smaller. As far as ${few} can tell, the difference lies ${between}.${end}`;
}

function signed(share: number): string {
  const rounded = (100 * Math.abs(share)).toFixed(1);
  return Number(rounded) === 0 ? '0' : `${share < 0 ? '−' : '+'}${rounded}`;
}
