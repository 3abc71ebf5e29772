/** counts[truth][predicted]. */
export function confusionMatrix(truth: Int32Array, predicted: Int32Array, classes: number): number[][] {
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let i = 0; i < truth.length; i++) counts[truth[i]][predicted[i]]++;
  return counts;
}

export interface ClassFigures {
  /** Share of the answers of this class that were right; 0 where it was never the answer. */
  readonly precision: number;
  /** Share of the photos of this class that were found; 0 where there are none. */
  readonly recall: number;
  /** Harmonic mean of both. */
  readonly f1: number;
}

/** Precision, recall and F1 of each class, from counts[truth][predicted]; what is undefined is 0, as in scikit-learn. */
export function classFigures(counts: readonly (readonly number[])[]): ClassFigures[] {
  return counts.map((row, label) => {
    const hits = row[label];
    const answers = counts.reduce((sum, other) => sum + other[label], 0);
    const photos = row.reduce((sum, n) => sum + n, 0);
    return { precision: ratio(hits, answers), recall: ratio(hits, photos), f1: ratio(2 * hits, answers + photos) };
  });
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
