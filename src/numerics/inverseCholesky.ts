/** The Cholesky factor of many rows, and its inverse. */

import { GraphBuilder } from '../onnx/builder.ts';
import { type AnyTensor, expectTensor, type OpenSession, type Session } from '../runtime/platform.ts';
import { cholesky, invertLower } from './cholesky.ts';

/** Up to so many rows the products are too small to be worth handing over. */
const smallest = 128;

/** R of K = R R^T, and R^-1; both lower triangular, [n, n]. */
export interface Factored {
  readonly factor: Float64Array;
  readonly inverse: Float64Array;
}

/**
 * R and R^-1 for a symmetric positive definite matrix K = R R^T: x R^-T has K for its inner products made round. Each half
 * is taken by itself and the halves are put together by products of matrices, which are nearly all of the work and which
 * the runtime does on all cores; pivots are those of `cholesky`.
 * @param matrix [n, n]
 */
export async function inverseCholesky(
  matrix: Float64Array,
  n: number,
  { openSession, threads, signal }: InverseContext,
): Promise<Factored> {
  const session = await openSession(productGraph(), { threads });
  try {
    return await factored(matrix, n, diagonalOf(matrix, n), session, signal);
  } finally {
    await session.release();
  }
}

interface InverseContext {
  readonly openSession: OpenSession;
  readonly threads: number;
  readonly signal?: AbortSignal | undefined;
}

async function factored(
  matrix: Float64Array,
  n: number,
  diagonal: Float64Array,
  session: Session,
  signal: AbortSignal | undefined,
): Promise<Factored> {
  if (n <= smallest) {
    const factor = cholesky(matrix, n, diagonal);
    return { factor, inverse: invertLower(factor, n) };
  }
  signal?.throwIfAborted();
  const h = n >> 1;
  const r = n - h;
  const upper = await factored(block(matrix, n, 0, 0, h, h), h, diagonal.subarray(0, h), session, signal);
  // K21 = R21 R11^T, and what R21 leaves of K22 is R22 R22^T.
  const below = await product(block(matrix, n, h, 0, r, h), transposed(upper.inverse, h, h), r, h, h, session);
  const squares = await product(below, transposed(below, r, h), r, h, r, session);
  const rest = block(matrix, n, h, h, r, r).map((value, at) => value - squares[at]);
  const lower = await factored(rest, r, diagonal.subarray(h), session, signal);
  const across = await product(lower.inverse, await product(below, upper.inverse, r, h, h, session), r, r, h, session);
  return {
    factor: joined(n, upper.factor, below, lower.factor),
    inverse: joined(
      n,
      upper.inverse,
      across.map((value) => -value),
      lower.inverse,
    ),
  };
}

function diagonalOf(matrix: Float64Array, n: number): Float64Array {
  return Float64Array.from({ length: n }, (_, i) => matrix[i * n + i]);
}

/** A lower triangular matrix of its parts: above [h, h], below it [r, h], beside that [r, r]. */
function joined(n: number, first: Float64Array, below: Float64Array, second: Float64Array): Float64Array {
  const h = n >> 1;
  const r = n - h;
  const out = new Float64Array(n * n);
  for (let i = 0; i < h; i++) out.set(first.subarray(i * h, (i + 1) * h), i * n);
  for (let i = 0; i < r; i++) {
    out.set(below.subarray(i * h, (i + 1) * h), (h + i) * n);
    out.set(second.subarray(i * r, (i + 1) * r), (h + i) * n + h);
  }
  return out;
}

function block(matrix: Float64Array, n: number, row: number, column: number, rows: number, columns: number) {
  const out = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    const from = (row + i) * n + column;
    out.set(matrix.subarray(from, from + columns), i * columns);
  }
  return out;
}

function transposed(matrix: Float64Array, rows: number, columns: number): Float64Array {
  const out = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out[j * rows + i] = matrix[i * columns + j];
  return out;
}

/** a [m, k] times b [k, n]. */
async function product(a: Float64Array, b: Float64Array, m: number, k: number, n: number, session: Session) {
  const feeds: Record<string, AnyTensor> = {
    a: { type: 'float64', dims: [m, k], data: a },
    b: { type: 'float64', dims: [k, n], data: b },
  };
  return expectTensor((await session.run(feeds)).product, 'float64').data;
}

function productGraph(): Uint8Array {
  const g = new GraphBuilder();
  const a = g.input('a', 'float64', ['m', 'k']);
  const b = g.input('b', 'float64', ['k', 'n']);
  g.output(g.node('MatMul', [a, b]), 'float64', ['m', 'n'], 'product');
  return g.bytes();
}
