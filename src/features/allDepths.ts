/** Features of all depths, made of what extraction keeps. */

import { toUnit } from '../backbone/depths.ts';
import { derived, type Rows, rowsAt } from '../numerics/rows.ts';

/** What `withDepths` gives for the same photos, from a network's own features [N, D] and its pooled maps [N, C]: [N, D + C]. */
export function allDepths(features: Rows, pooled: Rows): Rows {
  const { columns } = features;
  const width = columns + pooled.columns;
  return derived([features, pooled], width, (from, target) => {
    const count = target.length / width;
    const [own, other] = [features, pooled].map((table) => rowsAt(table, from, count));
    for (let row = 0; row < count; row++) {
      const into = target.subarray(row * width, row * width + columns);
      into.set(own.subarray(row * columns, (row + 1) * columns));
      toUnit(into);
      target.set(other.subarray(row * pooled.columns, (row + 1) * pooled.columns), row * width + columns);
    }
  });
}
