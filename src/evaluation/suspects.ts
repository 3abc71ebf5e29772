import type { Matrix } from '../platform.ts';

/** A photo whose label may be wrong. */
export interface Suspect {
  readonly row: number;
  readonly label: number;
  /** The class that it looks like instead. */
  readonly suggested: number;
  /** Probability of its own label, and of the suggested one. */
  readonly own: number;
  readonly other: number;
}

/**
 * Suspected wrong labels, the surest first: a queue for a person, since about one in two such flags is right.
 *
 * Confident learning (Northcutt, Jiang and Chuang 2021): a photo counts as a member of each class whose probability
 * reaches that class's self-confidence, the mean that its own photos give it; it is suspected where the likeliest of
 * these is not its label. Ranked by the margin between label and suggestion.
 * @param probabilities [N, classes], of each photo from a model that was not trained on it; calibrated or not
 */
export function suspectedLabels({ rows, columns, data }: Matrix, labels: Int32Array): Suspect[] {
  const sums = new Float64Array(columns);
  const counts = new Float64Array(columns);
  for (let row = 0; row < rows; row++) {
    sums[labels[row]] += data[row * columns + labels[row]];
    counts[labels[row]]++;
  }
  const suspects: Suspect[] = [];
  for (let row = 0; row < rows; row++) {
    const p = data.subarray(row * columns, (row + 1) * columns);
    let suggested = -1;
    for (let c = 0; c < columns; c++)
      if (counts[c] > 0 && p[c] >= sums[c] / counts[c] && (suggested < 0 || p[c] > p[suggested])) suggested = c;
    const label = labels[row];
    if (suggested >= 0 && suggested !== label)
      suspects.push({ row, label, suggested, own: p[label], other: p[suggested] });
  }
  return suspects.sort((a, b) => a.own - a.other - (b.own - b.other) || a.row - b.row);
}
