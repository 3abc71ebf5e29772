/** Covariance of a matrix's rows, and how far to shrink it. */

import { GraphBuilder } from '../onnx/builder.ts';
import { expectTensor, float32, type OpenSession } from '../runtime/platform.ts';
import { blocksOf, gather, pick, type Rows } from './rows.ts';

export interface Covariance {
  /** [D] */
  readonly mean: Float64Array;
  /** [D, D], divided by the number of rows. */
  readonly covariance: Float64Array;
  /** The shrinkage that Ledoit and Wolf 2004 find for these rows, 0 .. 1. */
  readonly ledoitWolf: number;
}

/** Rows in one run: what is copied stays small. */
const runRows = 1024;

/**
 * Mean and covariance of some rows of a matrix, and how far to shrink it. The products are float32, about the mean, and
 * summed in float64 from run to run.
 *
 * Ledoit and Wolf's shrinkage is b^2 / d^2: d^2 = |S - m I|^2 / D with m the mean variance, and
 * b^2 = min(d^2, (1 / n^2) sum_k |x_k x_k^T - S|^2 / D), which is ((1 / n) sum_k |x_k|^4 - |S|^2) / (n D).
 */
export async function covarianceOf(
  matrix: Rows,
  rows: Int32Array,
  { openSession, threads }: { readonly openSession: OpenSession; readonly threads: number },
): Promise<Covariance> {
  const { columns } = matrix;
  const mean = meanOf(matrix, rows);
  const centre = Float32Array.from(mean);
  const sums = new Float64Array(columns * columns);
  let fourth = 0;
  const session = await openSession(productGraph(columns), { threads });
  try {
    for (let from = 0; from < rows.length; from += runRows) {
      const block = centred(matrix, rows.subarray(from, from + runRows), centre);
      const feeds = { x: float32(block, block.length / columns, columns) };
      const product = expectTensor((await session.run(feeds)).product, 'float32').data;
      for (let at = 0; at < product.length; at++) sums[at] += product[at];
      fourth += fourthPowers(block, columns);
    }
  } finally {
    await session.release();
  }
  const n = rows.length;
  for (let at = 0; at < sums.length; at++) sums[at] /= n;
  const square = sums.reduce((sum, value) => sum + value * value, 0);
  const variance = meanVariance(sums, columns);
  return { mean, covariance: sums, ledoitWolf: shrinkageOf(square, variance, columns, fourth / n, n) };
}

/** The same of fewer rows than columns, by what they have in common. */
export interface RowProducts {
  /** [D] */
  readonly mean: Float64Array;
  /** [n, D] The rows less their mean, and [n, n] their inner products. */
  readonly centred: Float32Array;
  readonly products: Float64Array;
  /** Mean variance of the columns. */
  readonly variance: number;
  /** As `Covariance` has it. */
  readonly ledoitWolf: number;
}

/** Inner products of some rows of a matrix, less their mean: the covariance has the same square sum and trace. */
export async function rowProductsOf(
  matrix: Rows,
  rows: Int32Array,
  { openSession, threads }: { readonly openSession: OpenSession; readonly threads: number },
): Promise<RowProducts> {
  const { columns } = matrix;
  const n = rows.length;
  const mean = meanOf(matrix, rows);
  const data = centred(matrix, rows, Float32Array.from(mean));
  const session = await openSession(productGraph(columns, 'rows'), { threads });
  try {
    const { product } = await session.run({ x: float32(data, n, columns) });
    const products = Float64Array.from(expectTensor(product, 'float32').data);
    let trace = 0;
    for (let i = 0; i < n; i++) trace += products[i * n + i];
    const square = products.reduce((sum, value) => sum + (value / n) ** 2, 0);
    const variance = trace / n / columns;
    const ledoitWolf = shrinkageOf(square, variance, columns, fourthPowers(data, columns) / n, n);
    return { mean, centred: data, products, variance, ledoitWolf };
  } finally {
    await session.release();
  }
}

/** (1 - share) S + share m I, with m the mean variance. Equal rows have none: the identity stands in. */
export function shrunk(covariance: Float64Array, size: number, share: number): Float64Array {
  const variance = meanVariance(covariance, size);
  const out = covariance.map((value) => (1 - share) * value);
  for (let i = 0; i < size; i++) out[i * size + i] += variance > 0 ? share * variance : 1;
  return out;
}

/** @param square the sum of the covariance's squares */
function shrinkageOf(square: number, variance: number, size: number, fourth: number, n: number): number {
  const spread = square - size * variance * variance;
  const error = (fourth - square) / n;
  return spread > 0 ? Math.min(1, Math.max(0, error / spread)) : 1;
}

function meanVariance(covariance: Float64Array, size: number): number {
  let sum = 0;
  for (let i = 0; i < size; i++) sum += covariance[i * size + i];
  return sum / size;
}

function meanOf(matrix: Rows, rows: Int32Array): Float64Array {
  const mean = new Float64Array(matrix.columns);
  for (const { rows: n, columns, data } of blocksOf(pick(matrix, rows)))
    for (let i = 0, at = 0; i < n; i++) for (let d = 0; d < columns; d++, at++) mean[d] += data[at];
  return mean.map((sum) => sum / rows.length);
}

function centred(matrix: Rows, rows: Int32Array, centre: Float32Array): Float32Array {
  const out = gather(matrix, rows).data;
  for (let at = 0; at < out.length; ) for (let d = 0; d < centre.length; d++, at++) out[at] -= centre[d];
  return out;
}

/** Sum over the rows of the fourth power of their length. */
function fourthPowers(block: Float32Array, columns: number): number {
  let sum = 0;
  for (let start = 0; start < block.length; start += columns) {
    let square = 0;
    for (let at = start; at < start + columns; at++) square += block[at] * block[at];
    sum += square * square;
  }
  return sum;
}

/** x [n, D] -> x^T x [D, D]; of rows x x^T [n, n] */
function productGraph(columns: number, of: 'columns' | 'rows' = 'columns'): Uint8Array {
  const g = new GraphBuilder();
  g.input('x', 'float32', ['n', columns]);
  const product = g.node('Gemm', ['x', 'x'], of === 'rows' ? { transB: 1 } : { transA: 1 });
  g.output(product, 'float32', of === 'rows' ? ['n', 'm'] : [columns, columns], 'product');
  return g.bytes();
}
