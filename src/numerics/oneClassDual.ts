/** The dual of the one-class support vector machine. */

/** The largest violation of the optimality conditions that is left; LIBSVM's default is a thousand times as much. */
const tolerance = 1e-6;
const mostSteps = 10_000_000;

export interface OneClassDual {
  /** [n], 0 .. 1, sum nu n */
  readonly alpha: Float64Array;
  readonly rho: number;
}

/**
 * Solves the dual of the nu-one-class support vector machine: least a^T K a / 2 with 0 <= a_i <= 1 and sum a = nu n
 * (LIBSVM's scaling; Chang and Lin 2011, section 2.4). Sequential minimal optimisation: two variables at a time, chosen
 * by second-order information (Fan, Chen and Lin 2005). Rows of the kernel are computed when they are needed and
 * forgotten, the oldest first, where they would take more than `memoryLimit` bytes.
 * @param kernel k(i, j), symmetric, positive semidefinite
 * @param nu 0 .. 1
 */
export function oneClassDual(
  n: number,
  kernel: (i: number, j: number) => number,
  nu: number,
  { memoryLimit, signal }: { readonly memoryLimit: number; readonly signal?: AbortSignal | undefined },
): OneClassDual {
  const rows = new Map<number, Float64Array>();
  const mostRows = Math.max(2, Math.floor(memoryLimit / (8 * n)));
  const rowOf = (i: number): Float64Array => {
    const known = rows.get(i);
    if (known) return known;
    signal?.throwIfAborted();
    const oldest = rows.keys().next();
    if (rows.size >= mostRows && !oldest.done) rows.delete(oldest.value);
    const row = Float64Array.from({ length: n }, (_, j) => kernel(i, j));
    rows.set(i, row);
    return row;
  };
  const diagonal = Float64Array.from({ length: n }, (_, i) => kernel(i, i));
  // As LIBSVM: the first nu n are full, one may be in part.
  const alpha = Float64Array.from({ length: n }, (_, i) => Math.min(1, Math.max(0, nu * n - i)));
  const gradient = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    if (alpha[i] === 0) continue;
    const row = rowOf(i);
    for (let j = 0; j < n; j++) gradient[j] += alpha[i] * row[j];
  }
  for (let step = 0; step < mostSteps; step++) {
    const pair = workingPair(alpha, gradient, diagonal, rowOf);
    if (!pair) break;
    const [up, down] = pair;
    const [rowUp, rowDown] = [rowOf(up), rowOf(down)];
    const curvature = Math.max(diagonal[up] + diagonal[down] - 2 * rowUp[down], 1e-12);
    const change = Math.min((gradient[down] - gradient[up]) / curvature, 1 - alpha[up], alpha[down]);
    alpha[up] = change === 1 - alpha[up] ? 1 : alpha[up] + change;
    alpha[down] = change === alpha[down] ? 0 : alpha[down] - change;
    for (let j = 0; j < n; j++) gradient[j] += change * (rowUp[j] - rowDown[j]);
  }
  return { alpha, rho: offset(alpha, gradient) };
}

/** A variable that should grow and one that should shrink; undefined where nothing is to be gained. */
function workingPair(
  alpha: Float64Array,
  gradient: Float64Array,
  diagonal: Float64Array,
  rowOf: (i: number) => Float64Array,
): [up: number, down: number] | undefined {
  let up = -1;
  for (let i = 0; i < alpha.length; i++) if (alpha[i] < 1 && (up < 0 || gradient[i] < gradient[up])) up = i;
  if (up < 0) return undefined;
  const row = rowOf(up);
  let down = -1;
  let most = 0;
  let gap = 0;
  for (let j = 0; j < alpha.length; j++) {
    const slope = gradient[j] - gradient[up];
    if (alpha[j] <= 0 || slope <= 0) continue;
    gap = Math.max(gap, slope);
    const gain = (slope * slope) / Math.max(diagonal[up] + diagonal[j] - 2 * row[j], 1e-12);
    if (gain > most) {
      most = gain;
      down = j;
    }
  }
  return gap > tolerance ? [up, down] : undefined;
}

/** The gradient of the free variables; where none is free, the middle of what the others allow. */
function offset(alpha: Float64Array, gradient: Float64Array): number {
  let free = 0;
  let sum = 0;
  let low = Number.NEGATIVE_INFINITY;
  let high = Number.POSITIVE_INFINITY;
  for (let i = 0; i < alpha.length; i++) {
    if (alpha[i] >= 1) low = Math.max(low, gradient[i]);
    else if (alpha[i] <= 0) high = Math.min(high, gradient[i]);
    else {
      free++;
      sum += gradient[i];
    }
  }
  if (free > 0) return sum / free;
  return Number.isFinite(high) ? (low + high) / 2 : low;
}
