/** Label errors, by confident learning (cleanlab). */

import * as z from 'zod';
import type { Matrix } from '../runtime/platform.ts';

/** Photos whose labels may be wrong, the likeliest first. */
export const labelErrors = z.array(
  z.object({
    path: z.string(),
    label: z.string(),
    /** The class that it looks like instead. */
    suggested: z.string(),
    /** Probabilities of both, by classifiers that had not seen the photo. */
    probability: z.object({ label: z.number(), suggested: z.number() }),
  }),
);
export type LabelErrors = z.infer<typeof labelErrors>;

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
 * Suspected wrong labels, the most confident first: a queue for a person, since many such flags are mistakes of the classifier.
 *
 * Confident learning (Northcutt, Jiang and Chuang 2021): a photo counts as a member of each class whose probability
 * reaches that class's self-confidence, the mean that its own photos give it; it is suspected where the likeliest of
 * these is not its label, and is likelier than its label: a rare class that cannot be learned has a self-confidence that half of
 * all photos reach. Ranked by the margin between label and suggestion.
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
    if (suggested >= 0 && p[suggested] > p[label])
      suspects.push({ row, label, suggested, own: p[label], other: p[suggested] });
  }
  return suspects.sort((a, b) => a.own - a.other - (b.own - b.other) || a.row - b.row);
}

/**
 * Labels to check among photos that were judged: with repeated folds by the mean of their probabilities.
 * @param rows photo of each row of probabilities
 */
export function findLabelErrors(
  probabilities: Matrix,
  rows: Int32Array,
  labels: Int32Array,
  { classes, paths }: { readonly classes: readonly string[]; readonly paths: readonly string[] },
): LabelErrors {
  const { columns, data } = probabilities;
  const photos = [...new Set(rows)];
  const places = new Map(photos.map((photo, place) => [photo, place]));
  const times = new Float64Array(photos.length);
  for (const photo of rows) times[places.get(photo) ?? 0]++;
  const means = new Float32Array(photos.length * columns);
  for (const [row, photo] of rows.entries()) {
    const place = places.get(photo) ?? 0;
    for (let c = 0; c < columns; c++) means[place * columns + c] += data[row * columns + c] / times[place];
  }
  const own = Int32Array.from(photos, (photo) => labels[photo]);
  return suspectedLabels({ rows: photos.length, columns, data: means }, own).map((suspect) => ({
    path: paths[photos[suspect.row]],
    label: classes[suspect.label],
    suggested: classes[suspect.suggested],
    probability: { label: suspect.own, suggested: suspect.other },
  }));
}
