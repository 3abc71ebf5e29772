/** Eigenvectors of a symmetric matrix. */

/** More steps than any eigenvalue has ever needed. */
const maxSteps = 60;

/**
 * Eigenvalues and eigenvectors of a symmetric matrix: Householder's tridiagonal form, then the QL algorithm with implicit
 * shifts (Bowdler, Martin, Reinsch and Wilkinson 1968; EISPACK's tred2 and tql2). About 4 n^3 operations.
 * @param matrix [n, n], row-major; not changed
 * @returns values, the largest first, and vectors [n, n]: row k belongs to value k
 */
export function symmetricEigen(matrix: Float64Array, n: number): { values: Float64Array; vectors: Float64Array } {
  const v = matrix.slice();
  const diagonal = new Float64Array(n);
  const off = new Float64Array(n);
  tridiagonalise(v, diagonal, off, n);
  // From here on eigenvectors are rows, so that turning two of them runs along the memory.
  transpose(v, n);
  diagonalise(v, diagonal, off, n);
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => diagonal[j] - diagonal[i] || i - j);
  const vectors = new Float64Array(n * n);
  for (const [to, from] of order.entries()) vectors.set(v.subarray(from * n, (from + 1) * n), to * n);
  return { values: Float64Array.from(order, (i) => diagonal[i]), vectors };
}

/** a becomes the orthogonal Q of a = Q T Q^T; T has `diagonal`, and `off` before each of its elements. */
function tridiagonalise(a: Float64Array, diagonal: Float64Array, off: Float64Array, n: number): void {
  for (let i = n - 1; i > 0; i--) {
    const row = a.subarray(i * n, i * n + i);
    let scale = 0;
    for (const value of row) scale += Math.abs(value);
    let h = 0;
    if (i === 1 || scale === 0) off[i] = row[i - 1];
    else {
      for (let k = 0; k < i; k++) {
        row[k] /= scale;
        h += row[k] * row[k];
      }
      const last = row[i - 1];
      const g = last > 0 ? -Math.sqrt(h) : Math.sqrt(h);
      off[i] = scale * g;
      h -= last * g;
      row[i - 1] = last - g;
      reflect(a, row, off, i, h, n);
    }
    diagonal[i] = h;
  }
  off[0] = 0;
  diagonal[0] = 0;
  for (let i = 0; i < n; i++) {
    if (diagonal[i] !== 0) accumulate(a, i, n);
    diagonal[i] = a[i * n + i];
    a[i * n + i] = 1;
    for (let j = 0; j < i; j++) {
      a[j * n + i] = 0;
      a[i * n + j] = 0;
    }
  }
}

/** The leading i x i part, less what the reflection of `row` takes; column i keeps row / h. */
function reflect(a: Float64Array, row: Float64Array, off: Float64Array, i: number, h: number, n: number): void {
  const p = off.subarray(0, i).fill(0);
  // p = A row / h from the lower triangle, along rows.
  for (let j = 0; j < i; j++) {
    a[j * n + i] = row[j] / h;
    let sum = 0;
    for (let k = 0, at = j * n; k < j; k++, at++) {
      sum += a[at] * row[k];
      p[k] += a[at] * row[j];
    }
    p[j] += sum + a[j * n + j] * row[j];
  }
  let product = 0;
  for (let j = 0; j < i; j++) {
    p[j] /= h;
    product += p[j] * row[j];
  }
  const half = product / (2 * h);
  for (let j = 0; j < i; j++) p[j] -= half * row[j];
  for (let j = 0; j < i; j++) for (let k = 0, at = j * n; k <= j; k++, at++) a[at] -= row[j] * p[k] + p[j] * row[k];
}

/** Multiplies the part of Q that is there with one more reflection. */
function accumulate(a: Float64Array, i: number, n: number): void {
  const products = new Float64Array(i);
  for (let k = 0; k < i; k++) {
    const factor = a[i * n + k];
    if (factor !== 0) for (let j = 0, at = k * n; j < i; j++, at++) products[j] += factor * a[at];
  }
  for (let k = 0; k < i; k++) {
    const factor = a[k * n + i];
    if (factor !== 0) for (let j = 0, at = k * n; j < i; j++, at++) a[at] -= factor * products[j];
  }
}

function transpose(a: Float64Array, n: number): void {
  for (let i = 0; i < n; i++)
    for (let j = 0; j < i; j++) {
      const kept = a[i * n + j];
      a[i * n + j] = a[j * n + i];
      a[j * n + i] = kept;
    }
}

/** QL with implicit shifts on the tridiagonal matrix; rows of v turn with it. */
function diagonalise(v: Float64Array, d: Float64Array, e: Float64Array, n: number): void {
  e.copyWithin(0, 1);
  e[n - 1] = 0;
  for (let l = 0; l < n; l++)
    for (let step = 0; step < maxSteps; step++) {
      let m = l;
      for (; m < n - 1; m++) {
        const size = Math.abs(d[m]) + Math.abs(d[m + 1]);
        if (Math.abs(e[m]) <= Number.EPSILON * size) break;
      }
      if (m === l) break;
      chase(v, d, e, l, m, n);
    }
}

/** One implicit QL step on rows l .. m. */
function chase(v: Float64Array, d: Float64Array, e: Float64Array, l: number, m: number, n: number): void {
  const ratio = (d[l + 1] - d[l]) / (2 * e[l]);
  const radius = Math.hypot(ratio, 1);
  let g = d[m] - d[l] + e[l] / (ratio + (ratio >= 0 ? radius : -radius));
  let [s, c, p] = [1, 1, 0];
  for (let i = m - 1; i >= l; i--) {
    const f = s * e[i];
    const b = c * e[i];
    const r = Math.hypot(f, g);
    e[i + 1] = r;
    if (r === 0) {
      d[i + 1] -= p;
      e[m] = 0;
      return;
    }
    s = f / r;
    c = g / r;
    g = d[i + 1] - p;
    const twice = (d[i] - g) * s + 2 * c * b;
    p = s * twice;
    d[i + 1] = g + p;
    g = c * twice - b;
    turn(v, i, c, s, n);
  }
  d[l] -= p;
  e[l] = g;
  e[m] = 0;
}

function turn(v: Float64Array, i: number, c: number, s: number, n: number): void {
  for (let k = 0, at = i * n, next = at + n; k < n; k++, at++, next++) {
    const f = v[next];
    v[next] = s * v[at] + c * f;
    v[at] = c * v[at] - s * f;
  }
}
