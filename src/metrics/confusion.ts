/** Confusion matrix, precision, recall, F1. */

/** A non-empty cell of the confusion matrix: photos of one class that got one answer. */
export interface ConfusionCell {
  /** Places of both classes. */
  readonly truth: number;
  readonly predicted: number;
  readonly count: number;
}

/** Up to so many classes the matrix is written whole, too. */
const wholeClasses = 100;

/** The non-empty cells, row by row (sparse: with thousands of classes nearly all are empty). */
export function confusionCells(truth: Int32Array, predicted: Int32Array): ConfusionCell[] {
  const rows = new Map<number, Map<number, number>>();
  for (const [i, label] of truth.entries()) {
    const row = rows.get(label) ?? new Map<number, number>();
    rows.set(label, row);
    row.set(predicted[i], (row.get(predicted[i]) ?? 0) + 1);
  }
  return [...rows]
    .flatMap(([label, row]) => Array.from(row, ([answer, count]) => ({ truth: label, predicted: answer, count })))
    .sort((a, b) => a.truth - b.truth || a.predicted - b.predicted);
}

/** The dense matrix counts[truth][predicted]; undefined if there are too many classes. */
export function confusionMatrix(cells: readonly ConfusionCell[], classes: number): number[][] | undefined {
  if (classes > wholeClasses) return undefined;
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (const { truth, predicted, count } of cells) counts[truth][predicted] = count;
  return counts;
}

export interface ClassFigures {
  /** Share of the answers of this class that were right; null where it was never the answer. */
  readonly precision: number | null;
  /** Share of the photos of this class that were found. */
  readonly recall: number | null;
  /** Harmonic mean of both. */
  readonly f1: number | null;
}

/** Precision, recall and F1 of each class; all null for a class without photos. */
export function classFigures(cells: readonly ConfusionCell[], classes: number): ClassFigures[] {
  const [hits, answers, photos] = [0, 1, 2].map(() => new Float64Array(classes));
  for (const { truth, predicted, count } of cells) {
    if (truth === predicted) hits[truth] += count;
    answers[predicted] += count;
    photos[truth] += count;
  }
  return Array.from(hits, (hit, label) => {
    if (photos[label] === 0) return { precision: null, recall: null, f1: null };
    return {
      precision: ratio(hit, answers[label]),
      recall: ratio(hit, photos[label]),
      f1: ratio(2 * hit, answers[label] + photos[label]),
    };
  });
}

function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}
