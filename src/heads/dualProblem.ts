/** The dual of a linear fit (kernel trick), for fewer photos than dimensions. */

import { inverseCholesky } from '../numerics/inverseCholesky.ts';
import { resident } from '../numerics/rows.ts';
import { GraphBuilder } from '../onnx/builder.ts';
import { dataTypes } from '../onnx/model.ts';
import { type AnyTensor, expectTensor, float32, type Matrix, type Session } from '../runtime/platform.ts';
import type { FitContext, Problem } from './head.ts';
import type { Linear } from './linear.ts';

/**
 * A problem of few photos in as many features as it has photos. The weights at the minimum of a linear head are
 * sums of its photos (the representer theorem), so nothing is lost where the features are coordinates in the photos' own
 * span: with U - mean = L Q, L from the Cholesky decomposition of the Gram matrix and the rows of Q orthonormal, a head
 * W on the features L is the head W Q on U, and |W| = |W Q|. Centring is left to the bias.
 *
 * U are the photos' features at length 1: among few photos, which of them have long vectors is chance, and a long one would
 * pull at the weights more than the others. What comes out answers features as they are, of which a fit's photos have the
 * length 1 on average.
 */
export class DualProblem {
  private constructor(
    /** The features are L, [N, N]. */
    readonly problem: Problem,
    readonly full: Problem,
    /** L^-1 */
    readonly inverse: Float64Array,
    readonly mean: Float32Array,
    /** [N] Lengths of the features, |x|. */
    readonly lengths: Float64Array,
    readonly back: Session,
  ) {}

  static async open(full: Problem, { openSession, threads, signal }: FitContext): Promise<DualProblem> {
    const photos = resident(full.features);
    const { rows, columns, data } = photos;
    const lengths = lengthsOf(photos);
    const mean = new Float32Array(columns);
    for (let i = 0, at = 0; i < rows; i++)
      for (let d = 0; d < columns; d++, at++) mean[d] += data[at] / lengths[i] / rows;
    const gram = await openSession(gramGraph(columns), { threads });
    const results = await gram.run(feeds(full, lengths, mean));
    await gram.release();
    const gramMatrix = expectTensor(results.gram, 'float64').data;
    const { factor, inverse } = await inverseCholesky(gramMatrix, rows, { openSession, threads, signal });
    const features = { rows, columns: rows, data: Float32Array.from(factor) };
    const back = await openSession(backGraph(columns), { threads });
    return new DualProblem({ ...full, features }, full, inverse, mean, lengths, back);
  }

  /**
   * Heads on L as heads on U, W L^-1 (U - mean), and so on X.
   * @param weights of each head's fit, [N]
   */
  async toPrimal(heads: readonly Linear[], weights: readonly Float32Array[]): Promise<Linear[]> {
    const { rows, columns } = this.full.features;
    const { classes } = this.full;
    const stacked = new Float32Array(heads.length * classes * rows);
    for (const [k, head] of heads.entries()) stacked.set(head.weights, k * classes * rows);
    const results = await this.back.run({
      w: float32(stacked, heads.length * classes, rows),
      inverse: { type: 'float64', dims: [rows, rows], data: this.inverse },
      ...feeds(this.full, this.lengths, this.mean),
    });
    const onDirections = expectTensor(results.weights, 'float32').data;
    const shift = expectTensor(results.shift, 'float32').data;
    return heads.map(({ bias }, k) => {
      const at = k * classes;
      const length = averageLength(this.lengths, weights[k]);
      return {
        weights: onDirections.subarray(at * columns, (at + classes) * columns).map((value) => value / length),
        bias: bias.map((value, c) => value - shift[at + c]),
        inputs: columns,
        outputs: classes,
      };
    });
  }

  release(): Promise<void> {
    return this.back.release();
  }
}

/** [N] A row of zeros has no direction, and stays as it is. */
function lengthsOf({ rows, columns, data }: Matrix): Float64Array {
  return Float64Array.from({ length: rows }, (_, i) => {
    let sum = 0;
    for (let at = i * columns; at < (i + 1) * columns; at++) sum += data[at] * data[at];
    return Math.sqrt(sum) || 1;
  });
}

function averageLength(lengths: Float64Array, weights: Float32Array): number {
  let sum = 0;
  let total = 0;
  for (const [i, weight] of weights.entries()) {
    // A photo that is kept out may hold anything.
    if (weight > 0) sum += weight * lengths[i];
    total += weight;
  }
  return sum / total;
}

function feeds({ features }: Problem, lengths: Float64Array, mean: Float32Array): Record<string, AnyTensor> {
  const { rows, columns, data } = resident(features);
  return {
    x: float32(data, rows, columns),
    lengths: { type: 'float64', dims: [rows, 1], data: lengths },
    mean: float32(mean, columns),
  };
}

/** x / |x| - mean, in double precision: photos that are alike differ in the last digits. */
function centred(g: GraphBuilder, width: number): string {
  g.input('x', 'float32', ['n', width]);
  g.input('lengths', 'float64', ['n', 1]);
  g.input('mean', 'float32', [width]);
  const double = (tensor: string) => g.node('Cast', [tensor], { to: dataTypes.float64 });
  return g.node('Sub', [g.node('Div', [double('x'), 'lengths']), double('mean')]);
}

function gramGraph(width: number): Uint8Array {
  const g = new GraphBuilder();
  const x = centred(g, width);
  g.output(g.node('Gemm', [x, x], { transB: 1 }), 'float64', ['n', 'n'], 'gram');
  return g.bytes();
}

function backGraph(width: number): Uint8Array {
  const g = new GraphBuilder();
  const x = centred(g, width);
  g.input('w', 'float32', ['tc', 'n']);
  g.input('inverse', 'float64', ['n', 'n']);
  const single = (tensor: string) => g.node('Cast', [tensor], { to: dataTypes.float32 });
  const solved = g.node('MatMul', [g.node('Cast', ['w'], { to: dataTypes.float64 }), 'inverse']);
  const weights = g.node('MatMul', [solved, x]);
  const mean = g.node('Cast', ['mean'], { to: dataTypes.float64 });
  const shift = g.node('ReduceSum', [g.node('Mul', [weights, mean]), g.ints([1])], { keepdims: 0 });
  g.output(single(weights), 'float32', ['tc', width], 'weights');
  g.output(single(shift), 'float32', ['tc'], 'shift');
  return g.bytes();
}
