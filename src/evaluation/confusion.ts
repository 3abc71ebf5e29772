/** counts[truth][predicted]. */
export function confusionMatrix(truth: Int32Array, predicted: Int32Array, classes: number): number[][] {
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let i = 0; i < truth.length; i++) counts[truth[i]][predicted[i]]++;
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

/** Precision, recall and F1 of each class, from counts[truth][predicted]; all null for a class of which there is no photo. */
export function classFigures(counts: readonly (readonly number[])[]): ClassFigures[] {
  const answered = new Float64Array(counts.length);
  for (const row of counts) for (let label = 0; label < row.length; label++) answered[label] += row[label];
  return counts.map((row, label) => {
    const hits = row[label];
    const answers = answered[label];
    const photos = row.reduce((sum, n) => sum + n, 0);
    if (photos === 0) return { precision: null, recall: null, f1: null };
    return { precision: ratio(hits, answers), recall: ratio(hits, photos), f1: ratio(2 * hits, answers + photos) };
  });
}

function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}
