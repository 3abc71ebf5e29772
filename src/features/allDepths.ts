/** Features of all depths, made of what extraction keeps. */

import { toUnit } from '../backbone/depths.ts';
import type { Matrix } from '../runtime/platform.ts';

/** What `withDepths` gives for the same photos, from a network's own features [N, D] and its pooled maps [N, C]: [N, D + C]. */
export function allDepths({ rows, columns, data }: Matrix, pooled: Matrix): Matrix {
  const width = columns + pooled.columns;
  const out = new Float32Array(rows * width);
  for (let row = 0; row < rows; row++) {
    const own = out.subarray(row * width, row * width + columns);
    own.set(data.subarray(row * columns, (row + 1) * columns));
    toUnit(own);
    out.set(pooled.data.subarray(row * pooled.columns, (row + 1) * pooled.columns), row * width + columns);
  }
  return { rows, columns: width, data: out };
}
