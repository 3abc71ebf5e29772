/** The dual of a linear fit (kernel trick), for fewer photos than dimensions. */

import { firstRows } from '../features/mapTable.ts';
import { inverseCholesky } from '../numerics/inverseCholesky.ts';
import { type Rows, resident } from '../numerics/rows.ts';
import { GraphBuilder } from '../onnx/builder.ts';
import { dataTypes } from '../onnx/model.ts';
import { type AnyTensor, expectTensor, float32, type Matrix, type Session } from '../runtime/platform.ts';
import type { FitContext, Problem, VisitLogits } from './head.ts';
import { type Linear, linearToGraph, meanLogits, stackLinear } from './linear.ts';
import { predictEachLogits } from './predictLogits.ts';

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
    readonly span: Span,
    readonly back: Session,
  ) {}

  static async open(full: Problem, context: FitContext): Promise<DualProblem> {
    const span = await spanOf(full.features, context);
    const { openSession, threads } = context;
    const back = await openSession(backGraph(full.features.columns), { threads });
    return new DualProblem({ ...full, features: span.coordinates }, full, span, back);
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
    const { inverse, lengths } = this.span;
    const results = await this.back.run({
      w: float32(stacked, heads.length * classes, rows),
      inverse: { type: 'float64', dims: [rows, rows], data: inverse },
      ...feeds(resident(this.full.features), this.span),
    });
    const onDirections = expectTensor(results.weights, 'float32').data;
    const shift = expectTensor(results.shift, 'float32').data;
    return heads.map(({ bias }, k) => {
      const at = k * classes;
      const length = averageLength(lengths, weights[k]);
      const own = onDirections.slice(at * columns, (at + classes) * columns);
      for (let d = 0; d < own.length; d++) own[d] /= length;
      return {
        weights: own,
        bias: bias.map((value, c) => value - shift[at + c]),
        inputs: columns,
        outputs: classes,
      };
    });
  }

  /**
   * The logits of photos by heads on L, which are those of `toPrimal`'s heads: |x| / length of (L_i W + m W) + b - m W, where m is
   * the mean's own part in the span.
   */
  async eachLogits(
    heads: readonly Linear[],
    weights: readonly Float32Array[],
    context: FitContext,
    visit: VisitLogits,
  ): Promise<void> {
    const { coordinates, lengths } = this.span;
    const scales = weights.map((own) => averageLength(lengths, own));
    const shifts = heads.map((head) => meanLogits(this.span.meanAlong, head.weights, head.outputs));
    const photos = firstRows({ features: coordinates }, this.full.photos ?? coordinates.rows);
    await predictEachLogits(onSpan, heads, photos, context, (k, row, logits) => {
      const by = lengths[row] / scales[k];
      const { bias } = heads[k];
      for (let c = 0; c < logits.length; c++)
        logits[c] = by * (logits[c] - bias[c] + shifts[k][c]) + bias[c] - shifts[k][c];
      visit(k, row, logits);
    });
  }

  release(): Promise<void> {
    return this.back.release();
  }
}

const onSpan = { needs: 'pooled', toGraph: linearToGraph, stack: stackLinear } as const;

/** What the features alone say, whatever their labels are. */
interface Span {
  /** L, [N, N] */
  readonly coordinates: Matrix;
  /** L^-1 */
  readonly inverse: Float64Array;
  readonly mean: Float32Array;
  /** [N] Q mean: the mean's own coordinates. */
  readonly meanAlong: Float64Array;
  /** [N] Lengths of the features, |x|. */
  readonly lengths: Float64Array;
}

/** Of features that are still in use: a run fits one set of them many times, and decomposing it is most of a small fit. */
const known = new WeakMap<Rows, Promise<Span>>();

function spanOf(features: Rows, context: FitContext): Promise<Span> {
  const before = known.get(features);
  if (before) return before;
  const span = findSpan(features, context);
  known.set(features, span);
  // What was interrupted is found anew.
  span.catch(() => known.delete(features));
  return span;
}

async function findSpan(table: Rows, { openSession, threads, signal }: FitContext): Promise<Span> {
  const features = resident(table);
  const { rows, columns, data } = features;
  const lengths = lengthsOf(features);
  const mean = new Float32Array(columns);
  for (let i = 0, at = 0; i < rows; i++)
    for (let d = 0; d < columns; d++, at++) mean[d] += data[at] / lengths[i] / rows;
  const session = await openSession(gramGraph(columns), { threads });
  const { gram } = await session.run(feeds(features, { lengths, mean }));
  await session.release();
  const products = expectTensor(gram, 'float64').data;
  const { factor, inverse } = await inverseCholesky(products, rows, { openSession, threads, signal });
  const coordinates = { rows, columns: rows, data: Float32Array.from(factor) };
  return { coordinates, inverse, mean, meanAlong: alongRows(features, { lengths, mean, inverse }), lengths };
}

/** L^-1 (U - mean) mean, [N] */
function alongRows(
  { rows, columns, data }: Matrix,
  { lengths, mean, inverse }: Pick<Span, 'lengths' | 'mean' | 'inverse'>,
): Float64Array {
  const square = mean.reduce((sum, value) => sum + value * value, 0);
  const products = new Float64Array(rows);
  for (let i = 0, at = 0; i < rows; i++) {
    let sum = 0;
    for (let d = 0; d < columns; d++, at++) sum += data[at] * mean[d];
    products[i] = sum / lengths[i] - square;
  }
  const along = new Float64Array(rows);
  for (let i = 0; i < rows; i++) for (let k = 0; k <= i; k++) along[i] += inverse[i * rows + k] * products[k];
  return along;
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

function feeds(
  { rows, columns, data }: Matrix,
  { lengths, mean }: Pick<Span, 'lengths' | 'mean'>,
): Record<string, AnyTensor> {
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
