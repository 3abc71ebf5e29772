/** Coordinates in which a linear fit is well-conditioned. */

import { principalComponents } from '../numerics/pca.ts';
import { Random } from '../numerics/random.ts';
import { blocksOf, gather, type Rows } from '../numerics/rows.ts';
import { GraphBuilder } from '../onnx/builder.ts';
import { expectTensor, float32, type Matrix, type Session } from '../runtime/platform.ts';
import type { FitContext, Problem } from './head.ts';
import { type Linear, meanLogits } from './linear.ts';

/** What a fit's own photos say of the features and the classes. */
export interface Moments {
  /** Sum of the photo weights. */
  readonly total: number;
  /** Part of it that each class has, [C]. */
  readonly share: Float64Array;
  /** Mean of the features, [D], and the square root of the mean squared distance from it. */
  readonly mean: Float64Array;
  readonly spread: number;
}

/**
 * The coordinates in which a fit is optimised: logits are W (x - mean) + biasScale b with
 * W = scale P (I + V diag(stretch) V^T), for the parameters P [C, D] and b [C].
 */
export interface Coordinates {
  readonly mean: Float64Array;
  readonly scale: number;
  /** [r] */
  readonly stretch: Float64Array;
  readonly biasScale: number;
  /** The objective's penalty is penalty / 2 |W / scale|^2. */
  readonly penalty: number;
}

/** Directions along which the features are widest, and photos that tell them. */
const directionCount = 32;
const samplePhotos = 2048;

/** Turns fitted heads into parameters and back. */
export class Preconditioner {
  readonly #moments = new Map<number, Moments>();
  readonly #squares: Float64Array;

  private constructor(
    readonly problem: Problem,
    /** V^T, [r, D]: a direction a row; and the features' variance along each. */
    readonly directions: Float64Array,
    readonly variances: Float64Array,
    readonly sums: Session,
    readonly turns: Session,
  ) {
    this.#squares = rowSquares(problem.features);
  }

  /** @param weights photo weights of fits; the directions are taken from the photos that some fit uses */
  static async open(problem: Problem, weights: readonly Float32Array[], context: FitContext): Promise<Preconditioner> {
    const { columns: width } = problem.features;
    const { openSession, threads, seed } = context;
    const sample = sampleRows(problem.features, weights, seed);
    const { components, variances } = await principalComponents(sample, directionCount, {
      ...{ openSession, threads, seed },
      passes: 2,
    });
    const sums = await openSession(sumGraph(width), { threads });
    const turns = await openSession(turnGraph(components, width), { threads });
    return new Preconditioner(problem, components, variances, sums, turns);
  }

  /** What the rows of a training part say, found once. */
  async moments(part: number, weights: Float32Array): Promise<Moments> {
    const known = this.#moments.get(part) ?? (await measure(this.problem, weights, this.#squares, this.sums));
    this.#moments.set(part, known);
    return known;
  }

  /**
   * Coordinates in which the second derivative is about 1 in every direction. For weights W / spread it is
   * curvature v + l2 where the features, over their spread, have variance v; what variance the directions leave is
   * shared by the others.
   */
  choose({ mean, spread }: Moments, l2: number, curvature: number): Coordinates {
    const parts = this.variances.map((variance) => variance / spread ** 2);
    const left = 1 - parts.reduce((sum, part) => sum + part, 0);
    const others = Math.max(0, left) / Math.max(1, mean.length - parts.length);
    const rest = curvature * others + l2;
    return {
      mean,
      scale: 1 / (spread * Math.sqrt(rest)),
      stretch: parts.map((part) => Math.sqrt(rest / (curvature * part + l2)) - 1),
      biasScale: 1 / Math.sqrt(curvature),
      penalty: l2 / rest,
    };
  }

  async toPoints(heads: readonly Linear[], coordinates: readonly Coordinates[]): Promise<Float64Array[]> {
    const scaled = heads.map(({ weights }, t) => weights.map((weight) => weight / coordinates[t].scale));
    const turned = await this.#turn(
      scaled,
      coordinates.map(({ stretch }) => stretch.map((by) => 1 / (1 + by) - 1)),
    );
    return heads.map(({ weights, bias }, t) => {
      const { mean, biasScale } = coordinates[t];
      const shift = meanLogits(mean, weights, bias.length);
      const point = new Float64Array(weights.length + bias.length);
      point.set(turned[t]);
      for (const [c, value] of bias.entries()) point[weights.length + c] = (value + shift[c]) / biasScale;
      return point;
    });
  }

  async toHeads(points: readonly Float64Array[], coordinates: readonly Coordinates[]): Promise<Linear[]> {
    const { features, classes } = this.problem;
    const size = features.columns * classes;
    const turned = await this.#turn(
      points.map((point) => Float32Array.from(point.subarray(0, size))),
      coordinates.map(({ stretch }) => stretch),
    );
    return turned.map((u, t) => {
      const { mean, scale, biasScale } = coordinates[t];
      const weights = u.map((value) => value * scale);
      const shift = meanLogits(mean, weights, classes);
      const bias = Float32Array.from(shift, (value, c) => points[t][size + c] * biasScale - value);
      return { weights, bias, inputs: features.columns, outputs: classes };
    });
  }

  /** m (I + V diag(stretch) V^T) for each matrix [C, D]. */
  async #turn(matrices: readonly Float32Array[], stretches: readonly Float64Array[]): Promise<Float32Array[]> {
    const { features, classes } = this.problem;
    const size = classes * features.columns;
    const rank = this.variances.length;
    const stacked = new Float32Array(matrices.length * size);
    const rows = new Float32Array(matrices.length * classes * rank);
    for (const [t, matrix] of matrices.entries()) {
      stacked.set(matrix, t * size);
      for (let c = 0; c < classes; c++) rows.set(stretches[t], (t * classes + c) * rank);
    }
    const results = await this.turns.run({
      matrix: float32(stacked, matrices.length * classes, features.columns),
      stretch: float32(rows, matrices.length * classes, rank),
    });
    const turned = expectTensor(results.turned, 'float32').data;
    return matrices.map((_, t) => turned.subarray(t * size, (t + 1) * size));
  }

  async release(): Promise<void> {
    await Promise.all([this.sums.release(), this.turns.release()]);
  }
}

/** Rows that some fit uses, evenly drawn. */
function sampleRows(features: Rows, weights: readonly Float32Array[], seed: number): Matrix {
  const used: number[] = [];
  for (let i = 0; i < features.rows; i++) if (weights.some((fit) => fit[i] > 0)) used.push(i);
  const chosen = new Random(`${seed}/linear coordinates`)
    .shuffle(used)
    .slice(0, samplePhotos)
    .sort((a, b) => a - b);
  return gather(features, chosen);
}

async function measure(
  { features, labels, truth, classes }: Problem,
  weights: Float32Array,
  squares: Float64Array,
  session: Session,
): Promise<Moments> {
  const { rows, columns } = features;
  const sum = new Float64Array(columns);
  for (const { from, rows: n, data } of blocksOf(features)) {
    const feeds = { x: float32(data, n, columns), weights: float32(weights.subarray(from, from + n), 1, n) };
    const part = expectTensor((await session.run(feeds)).sum, 'float32').data;
    for (let d = 0; d < columns; d++) sum[d] += part[d];
  }
  const share = new Float64Array(classes);
  let total = 0;
  let square = 0;
  for (let i = 0; i < rows; i++) {
    if (truth) for (let c = 0; c < classes; c++) share[c] += weights[i] * truth[i * classes + c];
    else share[labels[i]] += weights[i];
    total += weights[i];
    // A photo that is kept out may hold anything.
    if (weights[i] > 0) square += weights[i] * squares[i];
  }
  const mean = sum.map((value) => value / total);
  const distance = square / total - mean.reduce((all, value) => all + value * value, 0);
  return {
    total,
    share: share.map((value) => value / total),
    mean,
    // Photos that are all alike have no spread; any positive number does.
    spread: Math.sqrt(distance > 1e-12 * (square / total) ? distance : 1),
  };
}

function rowSquares(features: Rows): Float64Array {
  const squares = new Float64Array(features.rows);
  for (const { from, rows, columns, data } of blocksOf(features))
    for (let i = 0, at = 0; i < rows; i++) {
      let sum = 0;
      for (const end = at + columns; at < end; at++) sum += data[at] * data[at];
      squares[from + i] = sum;
    }
  return squares;
}

function sumGraph(width: number): Uint8Array {
  const g = new GraphBuilder();
  g.input('x', 'float32', ['n', width]);
  g.input('weights', 'float32', [1, 'n']);
  g.output(g.node('MatMul', ['weights', 'x']), 'float32', [1, width], 'sum');
  return g.bytes();
}

function turnGraph(directions: Float64Array, width: number): Uint8Array {
  const g = new GraphBuilder();
  g.input('matrix', 'float32', ['c', width]);
  g.input('stretch', 'float32', ['c', directions.length / width]);
  g.output(turnNodes(g, directions, width)('matrix', 'stretch'), 'float32', ['c', width], 'turned');
  return g.bytes();
}

/** Nodes for m (I + V diag(stretch) V^T), each row of m with a row of stretch. */
export function turnNodes(g: GraphBuilder, directions: Float64Array, width: number) {
  const v = g.floats(Float32Array.from(directions), [directions.length / width, width]);
  return (matrix: string, stretch: string): string => {
    const along = g.node('Mul', [g.node('Gemm', [matrix, v], { transB: 1 }), stretch]);
    return g.node('Add', [matrix, g.node('MatMul', [along, v])]);
  };
}
