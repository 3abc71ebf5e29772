/** Principal components of a large matrix. */

import { GraphBuilder } from '../onnx/builder.ts';
import { expectTensor, float32, type OpenSession, type Session } from '../runtime/platform.ts';
import { cholesky, invertLower } from './cholesky.ts';
import { symmetricEigen } from './eigen.ts';
import { Random } from './random.ts';
import { blocksOf, type Rows, resident } from './rows.ts';

export interface PrincipalComponents {
  /** [D] */
  readonly mean: Float64Array;
  /** [count, D], orthonormal rows, the widest first. */
  readonly components: Float64Array;
  /** Variance along each component (divides by the number of rows). */
  readonly variances: Float64Array;
}

export interface PcaOptions {
  readonly openSession: OpenSession;
  readonly threads: number;
  readonly seed: string | number;
  /** Passes over the rows; more are more exact where the spectrum falls slowly. */
  readonly passes?: number;
}

/**
 * The leading principal components of a matrix's rows, by randomised subspace iteration (Halko, Martinsson
 * and Tropp 2011, algorithm 4.4, then a Rayleigh-Ritz step, with a tenth more directions than asked for); of few rows
 * from the products of the rows with each other, where that is less work.
 * @param count components wanted; fewer come back where the rows or columns are fewer
 */
export async function principalComponents(
  matrix: Rows,
  count: number,
  options: PcaOptions,
): Promise<PrincipalComponents> {
  const { openSession, threads, seed, passes = 4 } = options;
  const { rows, columns } = matrix;
  const wanted = Math.max(1, Math.min(count, columns, rows));
  const size = Math.min(columns, rows, wanted + Math.max(4, Math.ceil(wanted / 10)));
  if (4 * rows ** 3 <= 2 * (passes + 1) * size * size * columns) return componentsOfFew(matrix, wanted, options);
  const session = await openSession(productGraph(columns), { threads });
  const products = await Products.open(options);
  try {
    const mean = columnMean(matrix);
    const random = new Random(`${seed}/principal components`);
    let basis: Float64Array = new Float64Array(size * columns);
    for (let at = 0; at < basis.length; at++) basis[at] = random.normal();
    for (let pass = 0; pass < passes; pass++) {
      // Directions that were just drawn are as good as orthogonal.
      if (pass > 0) basis = await orthonormal(basis, size, columns, products);
      basis = await covarianceTimes(session, matrix, mean, basis, size);
    }
    basis = await orthonormal(basis, size, columns, products);
    const image = await covarianceTimes(session, matrix, mean, basis, size);
    const { values, vectors } = symmetricEigen(await innerProducts(basis, image, size, products), size);
    return {
      mean,
      components: await products.of(vectors.subarray(0, wanted * size), basis, size, false),
      variances: values.slice(0, wanted).map((value) => Math.max(0, value)),
    };
  } finally {
    await Promise.all([session.release(), products.release()]);
  }
}

/** From the eigenvectors of the rows' inner products: component k is sum_i u_ki (x_i - mean), made of length 1. */
async function componentsOfFew(matrix: Rows, wanted: number, options: PcaOptions): Promise<PrincipalComponents> {
  const { rows, columns, data } = resident(matrix);
  const mean = columnMean(matrix);
  const centred = new Float64Array(rows * columns);
  for (let row = 0, at = 0; row < rows; row++) for (let d = 0; d < columns; d++, at++) centred[at] = data[at] - mean[d];
  const products = await Products.open(options);
  try {
    const { values, vectors } = symmetricEigen(await innerProducts(centred, centred, rows, products), rows);
    const components = await products.of(vectors.subarray(0, wanted * rows), centred, rows, false);
    const variances = values.slice(0, wanted).map((value) => Math.max(0, value) / rows);
    // What is left of directions in which nothing varies is rounding: they stay zero.
    for (let k = 0; k < wanted; k++)
      if (variances[k] <= 1e-12 * variances[0]) components.fill(0, k * columns, (k + 1) * columns);
      else normalise(components, k * columns, columns);
    return { mean, components, variances };
  } finally {
    await products.release();
  }
}

function columnMean(matrix: Rows): Float64Array {
  const mean = new Float64Array(matrix.columns);
  for (const { rows, columns, data } of blocksOf(matrix))
    for (let row = 0, at = 0; row < rows; row++) for (let d = 0; d < columns; d++, at++) mean[d] += data[at];
  return mean.map((sum) => sum / matrix.rows);
}

/** x [n, D] and basis rows b [r, D], the mean's place along them m [r] -> x^T z with z = x b^T - m, and z's column sums. */
function productGraph(columns: number): Uint8Array {
  const g = new GraphBuilder();
  g.input('x', 'float32', ['n', columns]);
  g.input('basis', 'float32', ['r', columns]);
  g.input('shift', 'float32', ['r']);
  const z = g.node('Gemm', ['x', 'basis', 'shift'], { transB: 1 });
  g.output(g.node('Gemm', [z, 'x'], { transA: 1 }), 'float32', ['r', columns], 'product');
  g.output(g.node('ReduceSum', [z, g.ints([0])], { keepdims: 0 }), 'float32', ['r'], 'sums');
  return g.bytes();
}

/** basis . covariance, [size, columns]. */
async function covarianceTimes(
  session: Session,
  matrix: Rows,
  mean: Float64Array,
  basis: Float64Array,
  size: number,
): Promise<Float64Array> {
  const { rows, columns } = matrix;
  const shift = Float32Array.from({ length: size }, (_, k) => -dot(basis, k * columns, mean, 0, columns));
  const feeds = { basis: float32(Float32Array.from(basis), size, columns), shift: float32(shift, size) };
  const out = new Float64Array(size * columns);
  for (const block of blocksOf(matrix)) {
    const results = await session.run({ ...feeds, x: float32(block.data, block.rows, columns) });
    const product = expectTensor(results.product, 'float32').data;
    const sums = expectTensor(results.sums, 'float32').data;
    for (let k = 0, at = 0; k < size; k++)
      for (let d = 0; d < columns; d++, at++) out[at] += (product[at] - sums[k] * mean[d]) / rows;
  }
  return out;
}

/** Pivots of unit rows from which on two rounds of Cholesky's way are as exact as Gram-Schmidt. */
const leastPivot = 1e-5;

/**
 * Orthonormal rows that span the same: R^-1 rows with R R^T their inner products, twice (CholeskyQR2: Yamamoto and others
 * 2015), which the runtime does fast; rows that nearly depend on each other by Gram-Schmidt.
 */
async function orthonormal(
  rows: Float64Array,
  count: number,
  columns: number,
  products: Products,
): Promise<Float64Array> {
  let found = rows;
  for (let round = 0; round < 2; round++) {
    for (let k = 0; k < count; k++) normalise(found, k * columns, columns);
    const inner = await innerProducts(found, found, count, products);
    const factor = cholesky(inner, count);
    let least = 1;
    for (let k = 0; k < count; k++) least = Math.min(least, factor[k * count + k]);
    if (!(least > leastPivot)) {
      orthonormalise(found, count, columns);
      return found;
    }
    found = await products.of(invertLower(factor, count), found, count, false);
  }
  return found;
}

/** Orthonormal rows, in place: Gram-Schmidt, twice, since once is not enough (Kahan and Parlett). */
function orthonormalise(rows: Float64Array, count: number, columns: number): void {
  for (let k = 0; k < count; k++) {
    const at = k * columns;
    for (let round = 0; round < 2; round++) {
      normalise(rows, at, columns);
      for (let other = 0; other < k; other += 4) takeOff(rows, k, other, Math.min(k, other + 4), columns);
    }
    normalise(rows, at, columns);
  }
}

/** Takes the parts along rows [from, to), four at the most, off row k; four at a time, since memory is what this waits for. */
function takeOff(rows: Float64Array, k: number, from: number, to: number, columns: number): void {
  const at = k * columns;
  const [a, b, c, e] = [0, 1, 2, 3].map((i) => Math.min(from + i, to - 1) * columns);
  let [alongA, alongB, alongC, alongE] = [0, 0, 0, 0];
  for (let d = 0; d < columns; d++) {
    const value = rows[at + d];
    alongA += value * rows[a + d];
    alongB += value * rows[b + d];
    alongC += value * rows[c + d];
    alongE += value * rows[e + d];
  }
  // Rows that are missing were read as the last one again.
  if (from + 1 >= to) alongB = 0;
  if (from + 2 >= to) alongC = 0;
  if (from + 3 >= to) alongE = 0;
  for (let d = 0; d < columns; d++)
    rows[at + d] -= alongA * rows[a + d] + alongB * rows[b + d] + alongC * rows[c + d] + alongE * rows[e + d];
}

/** A row of zeros, of a space that is exhausted, stays zero. */
function normalise(rows: Float64Array, at: number, columns: number): void {
  const length = Math.sqrt(dot(rows, at, rows, at, columns));
  const factor = length > 0 ? 1 / length : 0;
  for (let d = 0; d < columns; d++) rows[at + d] *= factor;
}

/** a b^T of two [size, columns], made symmetric. */
async function innerProducts(a: Float64Array, b: Float64Array, size: number, products: Products) {
  const all = await products.of(a, b, a.length / size, true);
  return all.map((value, at) => (value + all[(at % size) * size + Math.floor(at / size)]) / 2);
}

/** Products of matrices in double precision. */
class Products {
  private constructor(
    readonly plain: Session,
    readonly transposed: Session,
  ) {}

  static async open({ openSession, threads }: PcaOptions): Promise<Products> {
    const [plain, transposed] = [0, 1].map((transB) => {
      const g = new GraphBuilder();
      const b = g.input('b', 'float64', transB === 1 ? ['n', 'inner'] : ['inner', 'n']);
      g.output(g.node('Gemm', [g.input('a', 'float64', ['m', 'inner']), b], { transB }), 'float64', ['m', 'n'], 'y');
      return openSession(g.bytes(), { threads });
    });
    return new Products(await plain, await transposed);
  }

  /** a [m, inner] . b [inner, n], or b [n, inner] transposed. */
  async of(a: Float64Array, b: Float64Array, inner: number, isTransposed: boolean): Promise<Float64Array> {
    const [m, n] = [a.length / inner, b.length / inner];
    const { y } = await (isTransposed ? this.transposed : this.plain).run({
      a: { type: 'float64', dims: [m, inner], data: a },
      b: { type: 'float64', dims: isTransposed ? [n, inner] : [inner, n], data: b },
    });
    return expectTensor(y, 'float64').data;
  }

  async release(): Promise<void> {
    await Promise.all([this.plain.release(), this.transposed.release()]);
  }
}

function dot(a: Float64Array, aAt: number, b: Float64Array, bAt: number, length: number): number {
  let sum = 0;
  for (let d = 0; d < length; d++) sum += a[aAt + d] * b[bAt + d];
  return sum;
}
