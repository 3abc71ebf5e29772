/** Average precision of each label, with row weights. */

import type { Matrix } from '../runtime/platform.ts';

/**
 * Average precision of each label [C], with a count for each row; NaN if no row has the label. Rows are sorted once.
 * Equal probabilities share one step, as in scikit-learn.
 * @param truth [rows, labels], 1 where the row has the label
 */
export function averagePrecisions(
  { rows, columns, data }: Matrix,
  truth: Uint8Array,
): (times: Float64Array) => number[] {
  const orders = Array.from({ length: columns }, (_, label) =>
    Uint32Array.from({ length: rows }, (_, row) => row).sort(
      (a, b) => data[b * columns + label] - data[a * columns + label],
    ),
  );
  return (times) =>
    orders.map((order, label) => {
      let [found, seen, sum, newFound] = [0, 0, 0, 0];
      for (let place = 0; place < rows; place++) {
        const row = order[place];
        const at = row * columns + label;
        seen += times[row];
        newFound += times[row] * truth[at];
        if (place + 1 < rows && data[order[place + 1] * columns + label] === data[at]) continue;
        if (newFound > 0) {
          found += newFound;
          sum += (newFound * found) / seen;
          newFound = 0;
        }
      }
      return sum / found;
    });
}
