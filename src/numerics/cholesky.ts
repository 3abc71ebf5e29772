/** Cholesky factor, and solving with it. */

/**
 * L of a symmetric positive definite matrix K = L L^T, lower triangular [n, n], row-major. A pivot that is lost in the
 * rounding, of a row that depends on those before it, becomes 1e-10 of its diagonal element: as if the row had that
 * much of its own.
 * @param matrix [n, n]; only its lower triangle is read
 * @param diagonal that pivots are held against: the matrix's own, unless it is what was left of another
 */
export function cholesky(matrix: Float64Array, n: number, diagonal?: Float64Array): Float64Array {
  const l = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      const rest = matrix[i * n + j] - dot(l, i * n, j * n, j);
      if (i > j) l[i * n + j] = rest / l[j * n + j];
      else l[i * n + i] = Math.sqrt(Math.max(rest, 1e-10 * (diagonal?.[i] ?? matrix[i * n + i]), Number.MIN_VALUE));
    }
  return l;
}

/** Four sums at a time: one alone would wait for each addition. */
function dot(values: Float64Array, a: number, b: number, length: number): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  let k = 0;
  for (; k + 3 < length; k += 4) {
    s0 += values[a + k] * values[b + k];
    s1 += values[a + k + 1] * values[b + k + 1];
    s2 += values[a + k + 2] * values[b + k + 2];
    s3 += values[a + k + 3] * values[b + k + 3];
  }
  for (; k < length; k++) s0 += values[a + k] * values[b + k];
  return s0 + s1 + s2 + s3;
}

/** Solves u L = w for each row of w [rows, n]. */
export function solveLower(l: Float64Array, n: number, w: ArrayLike<number>): Float64Array {
  const u = Float64Array.from(w);
  for (let row = 0; row < u.length; row += n)
    for (let i = n - 1; i >= 0; i--) {
      u[row + i] /= l[i * n + i];
      const value = u[row + i];
      for (let j = 0, at = i * n; j < i; j++, at++) u[row + j] -= value * l[at];
    }
  return u;
}

/** The inverse of a lower triangular matrix [n, n]: lower triangular too. */
export function invertLower(l: Float64Array, n: number): Float64Array {
  const out = new Float64Array(n * n);
  // Row i of the inverse from the rows above it, a multiple of a row at a time.
  for (let i = 0; i < n; i++) {
    const row = out.subarray(i * n, i * n + i + 1);
    for (let k = 0; k < i; k++) {
      const factor = l[i * n + k];
      if (factor !== 0) for (let j = 0, at = k * n; j <= k; j++, at++) row[j] -= factor * out[at];
    }
    const pivot = l[i * n + i];
    for (let j = 0; j < i; j++) row[j] /= pivot;
    row[i] = 1 / pivot;
  }
  return out;
}
