/** Nyström features of the RBF kernel. */

import { inverseCholesky } from '../numerics/inverseCholesky.ts';
import { Random } from '../numerics/random.ts';
import { blocksOf, gather, pick, type Rows } from '../numerics/rows.ts';
import { GraphBuilder } from '../onnx/builder.ts';
import { expectTensor, float32, type Matrix } from '../runtime/platform.ts';
import { usedRows } from './direction.ts';
import { squaredDistanceNodes } from './distances.ts';
import type { FitContext } from './head.ts';

/** Photos that a kernel compares with: k(x, l) = exp(-gamma |x - l|^2). */
export interface Landmarks {
  /** [count, width], less the centre. */
  readonly data: Float32Array;
  /** [width]: taken off the features first, so that distances are not lost in the rounding. */
  readonly centre: Float32Array;
  readonly count: number;
  readonly width: number;
  readonly gamma: number;
}

const rowsInRun = 1024;

/**
 * Features in which a linear head is a kernel machine (Nystroem; Williams and Seeger 2001): phi(x) = k(x, L) R^-T with
 * k(L, L) = R R^T for landmarks L drawn among the photos. Exact where every photo is a landmark.
 */
export class KernelMap {
  private constructor(
    readonly landmarks: Landmarks,
    /** R^-1 */
    readonly inverse: Float32Array,
    /** phi of all photos, [N, landmarks]. */
    readonly mapped: Matrix,
  ) {}

  /**
   * @param weights landmarks are drawn among the photos that have one
   * @param options gamma times the mean squared distance of the photos from their mean; landmarks at most
   */
  static async open(
    features: Rows,
    weights: Float32Array,
    options: { readonly gamma: number; readonly landmarks: number },
    context: FitContext,
  ): Promise<KernelMap> {
    const landmarks = drawLandmarks(features, weights, options, context.seed);
    const { count, data, centre, width } = landmarks;
    const kernels = await kernel(
      landmarks,
      undefined,
      { rows: count, columns: width, data: uncentred(data, centre) },
      context,
    );
    // A little is added to the diagonal, as equal photos and float32 kernels would make it singular.
    const gram = Float64Array.from(kernels.data);
    for (let i = 0; i < count; i++) gram[i * count + i] += 1e-5;
    const inverse = Float32Array.from((await inverseCholesky(gram, count, context)).inverse);
    const mapped = await kernel(landmarks, inverse, features, context);
    return new KernelMap(landmarks, inverse, mapped);
  }

  /** Weights [C, landmarks] of phi as weights of the kernels themselves. */
  toKernelWeights(weights: Float32Array): Float32Array {
    const { count } = this.landmarks;
    const sums = new Float64Array(weights.length);
    for (let row = 0; row < weights.length; row += count)
      for (let i = 0; i < count; i++)
        for (let j = 0, at = i * count; j <= i; j++, at++) sums[row + j] += weights[row + i] * this.inverse[at];
    return Float32Array.from(sums);
  }
}

/** Adds k(x, l) for every landmark: features [N, D] -> [N, landmarks]. */
export function kernelNodes({ data, centre, count, gamma }: Landmarks, g: GraphBuilder, features: string): string {
  const x = g.node('Sub', [features, g.floats(centre)]);
  const distances = squaredDistanceNodes(g, x, data, count);
  return g.node('Exp', [g.node('Mul', [distances, g.floats(-gamma)])]);
}

/** k(x, L), or k(x, L) m^T with m [landmarks, landmarks], for all rows. */
async function kernel(
  landmarks: Landmarks,
  matrix: Float32Array | undefined,
  features: Rows,
  { openSession, threads, signal }: FitContext,
): Promise<Matrix> {
  const { count } = landmarks;
  const { rows, columns } = features;
  const g = new GraphBuilder();
  g.input('x', 'float32', ['n', columns]);
  const kernels = kernelNodes(landmarks, g, 'x');
  const mapped = matrix ? g.node('Gemm', [kernels, g.floats(matrix, [count, count])], { transB: 1 }) : kernels;
  g.output(mapped, 'float32', ['n', count], 'mapped');
  const session = await openSession(g.bytes(), { threads });
  const out = new Float32Array(rows * count);
  for (const { from, rows: n, data } of blocksOf(features, rowsInRun)) {
    signal?.throwIfAborted();
    const x = float32(data, n, columns);
    out.set(expectTensor((await session.run({ x })).mapped, 'float32').data, from * count);
  }
  await session.release();
  return { rows, columns: count, data: out };
}

function drawLandmarks(
  features: Rows,
  weights: Float32Array,
  { gamma, landmarks }: { readonly gamma: number; readonly landmarks: number },
  seed: number,
): Landmarks {
  const { columns } = features;
  const used = usedRows([weights]);
  const centre = new Float64Array(columns);
  for (const { data } of blocksOf(pick(features, used)))
    for (let at = 0; at < data.length; ) for (let d = 0; d < columns; d++, at++) centre[d] += data[at] / used.length;
  let squares = 0;
  for (const { data } of blocksOf(pick(features, used)))
    for (let at = 0; at < data.length; )
      for (let d = 0; d < columns; d++, at++) squares += (data[at] - centre[d]) ** 2 / used.length;
  const chosen = new Random(`${seed}/landmarks`)
    .shuffle(used)
    .slice(0, landmarks)
    .sort((a, b) => a - b);
  const drawn = gather(features, chosen).data.map((value, at) => value - centre[at % columns]);
  const spread = squares > 0 ? squares : 1;
  return {
    data: drawn,
    centre: Float32Array.from(centre),
    count: chosen.length,
    width: columns,
    gamma: gamma / spread,
  };
}

function uncentred(data: Float32Array, centre: Float32Array): Float32Array {
  return data.map((value, at) => value + centre[at % centre.length]);
}
