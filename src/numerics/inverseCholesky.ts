/** The inverse of its factor, for many rows. */

import { GraphBuilder } from '../onnx/builder.ts';
import { type AnyTensor, expectTensor, type OpenSession, type Session } from '../runtime/platform.ts';
import { cholesky, invertLower } from './cholesky.ts';

/** Up to so many rows the products are too small to be worth handing over. */
const smallest = 128;

/**
 * R^-1 for a symmetric positive definite matrix K = R R^T, lower triangular [n, n]: x R^-T has K for its inner products
 * made round. Each half is taken by itself and the halves are put together by products of matrices, which are nearly all
 * of the work and which the runtime does on all cores; pivots are those of `cholesky`.
 * @param matrix [n, n]
 */
export async function inverseCholesky(
  matrix: Float64Array,
  n: number,
  { openSession, threads, signal }: InverseContext,
): Promise<Float64Array> {
  const session = await openSession(productGraph(), { threads });
  const diagonal = Float64Array.from({ length: n }, (_, i) => matrix[i * n + i]);
  try {
    return await inverse(matrix, n, diagonal, session, signal);
  } finally {
    await session.release();
  }
}

interface InverseContext {
  readonly openSession: OpenSession;
  readonly threads: number;
  readonly signal?: AbortSignal | undefined;
}

async function inverse(
  matrix: Float64Array,
  n: number,
  diagonal: Float64Array,
  session: Session,
  signal: AbortSignal | undefined,
): Promise<Float64Array> {
  if (n <= smallest) return invertLower(cholesky(matrix, n, diagonal), n);
  signal?.throwIfAborted();
  const h = n >> 1;
  const r = n - h;
  const first = await inverse(block(matrix, n, 0, 0, h, h), h, diagonal.subarray(0, h), session, signal);
  // K21 = R21 R11^T, and what R21 leaves of K22 is R22 R22^T.
  const below = await product(block(matrix, n, h, 0, r, h), transposed(first, h, h), r, h, h, session);
  const squares = await product(below, transposed(below, r, h), r, h, r, session);
  const rest = block(matrix, n, h, h, r, r).map((value, at) => value - squares[at]);
  const second = await inverse(rest, r, diagonal.subarray(h), session, signal);
  const across = await product(second, await product(below, first, r, h, h, session), r, r, h, session);
  const out = new Float64Array(n * n);
  for (let i = 0; i < h; i++) out.set(first.subarray(i * h, (i + 1) * h), i * n);
  for (let i = 0; i < r; i++) {
    const row = (h + i) * n;
    for (let j = 0; j < h; j++) out[row + j] = -across[i * h + j];
    out.set(second.subarray(i * r, (i + 1) * r), row + h);
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
