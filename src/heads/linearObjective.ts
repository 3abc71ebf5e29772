/** Loss and gradient of many linear fits, as one ONNX graph. */

import type { EvaluateMany } from '../numerics/lbfgs.ts';
import { blocksOf } from '../numerics/rows.ts';
import { GraphBuilder } from '../onnx/builder.ts';
import { dataTypes } from '../onnx/model.ts';
import { type AnyTensor, expectTensor, float32, type Session } from '../runtime/platform.ts';
import type { FitContext, Problem } from './head.ts';
import { type Coordinates, turnNodes } from './preconditioner.ts';

/**
 * A loss of the logits: adds nodes for the loss of each photo, [n, t, 1], and its derivative by the logits, [n, t, C].
 * @param logits [n, t, C], for n photos and t fits
 * @param truth [n, 1, C], one at each of the photo's classes, else zero
 */
export type LogitLoss = (g: GraphBuilder, logits: string, truth: string) => { loss: string; slope: string };

/** One of the fits that are evaluated together: the objective's constants. */
export interface LinearTask extends Coordinates {
  /** Weight of each photo, [N], and their sum. */
  readonly weights: Float32Array;
  readonly total: number;
  /** Classes that cannot be learned: their parameters stay as they are. */
  readonly frozen: readonly number[];
}

/**
 * The objective of linear heads for many fits at once, in `Coordinates`:
 * sum_i w_i loss(logits_i) / sum_i w_i + penalty / 2 |W / scale|^2. X is read once a call.
 */
export class LinearObjective {
  private constructor(
    readonly problem: Problem,
    readonly session: Session,
    readonly signal: AbortSignal | undefined,
    readonly runElements: number,
  ) {}

  /**
   * @param directions V^T, [r, D]: a direction a row
   * @param runElements numbers that one run may hold in each of its intermediate tensors; 16 MB
   */
  static async open(
    problem: Problem,
    loss: LogitLoss,
    directions: Float64Array,
    { openSession, threads, signal }: FitContext,
    runElements = 4_000_000,
  ): Promise<LinearObjective> {
    const graph = objectiveGraph(problem, loss, directions);
    return new LinearObjective(problem, await openSession(graph, { threads }), signal, runElements);
  }

  /** Evaluates the tasks, by their numbers, for `minimise`. A point is P [C, D], then b [C]. */
  evaluator(tasks: readonly LinearTask[]): EvaluateMany {
    const { features, classes } = this.problem;
    const width = features.columns;
    const gradients = tasks.map(() => new Float64Array(classes * (width + 1)));
    let packedFor = '';
    let constants: Constants | undefined;
    return async (active, points) => {
      if (!constants || packedFor !== active.join()) {
        packedFor = active.join();
        constants = packConstants(
          active.map((t) => tasks[t]),
          classes,
        );
      }
      const into = active.map((t) => gradients[t].fill(0));
      const losses = await this.#evaluate(constants, points, into);
      for (const [i, t] of active.entries())
        for (const c of tasks[t].frozen) {
          into[i].fill(0, c * width, (c + 1) * width);
          into[i][classes * width + c] = 0;
        }
      return into.map((gradient, i) => ({ loss: losses[i], gradient }));
    };
  }

  /** Adds the gradients to those given; returns the losses. */
  async #evaluate(
    { photoWeights, penalty, tensors }: Constants,
    points: readonly Float64Array[],
    gradients: readonly Float64Array[],
  ): Promise<Float64Array> {
    const { features, classes } = this.problem;
    const { rows, columns: width } = features;
    const fits = points.length;
    const size = classes * width;
    const parameters = new Float32Array(fits * size);
    const bias = new Float32Array(fits * classes);
    for (const [t, point] of points.entries()) {
      parameters.set(point.subarray(0, size), t * size);
      bias.set(point.subarray(size), t * classes);
    }
    const losses = new Float64Array(fits);
    const step = Math.max(1, Math.floor(this.runElements / (fits * classes)));
    for (const { from, rows: n, data } of blocksOf(features, step)) {
      this.signal?.throwIfAborted();
      const feeds: Record<string, AnyTensor> = {
        x: float32(data, n, width),
        ...truthRows(this.problem, from, n),
        photoWeights: float32(photoWeights.subarray(from * fits, (from + n) * fits), n, fits, 1),
        // Each run adds its photos' part of the penalty.
        penalty: float32(
          Float32Array.from(penalty, (value) => (value * n) / rows),
          fits,
          1,
          1,
        ),
        parameters: float32(parameters, fits * classes, width),
        bias: float32(bias, fits, classes),
        ...tensors,
      };
      const results = await this.session.run(feeds);
      const loss = expectTensor(results.loss, 'float64').data;
      const byParameters = expectTensor(results.byParameters, 'float32').data;
      const byBias = expectTensor(results.byBias, 'float32').data;
      for (const [t, gradient] of gradients.entries()) {
        losses[t] += loss[t];
        for (let i = 0, at = t * size; i < size; i++, at++) gradient[i] += byParameters[at];
        for (let c = 0; c < classes; c++) gradient[size + c] += byBias[t * classes + c];
      }
    }
    return losses;
  }

  release(): Promise<void> {
    return this.session.release();
  }
}

/** What the graph is fed of the truth: the classes' numbers, or a row of bits a photo. */
function truthRows({ labels, truth, classes }: Problem, from: number, n: number): Record<string, AnyTensor> {
  if (!truth) return { labels: { type: 'int32', dims: [n, 1, 1], data: labels.subarray(from, from + n) } };
  return {
    truth: { type: 'uint8', dims: [n, 1, classes], data: truth.subarray(from * classes, (from + n) * classes) },
  };
}

/** The truth, float32 [n, 1, C]. */
function truthNodes(g: GraphBuilder, { truth, classes }: Problem): string {
  if (truth) return g.node('Cast', [g.input('truth', 'uint8', ['n', 1, classes])], { to: dataTypes.float32 });
  const labels = g.input('labels', 'int32', ['n', 1, 1]);
  const numbers = Int32Array.from({ length: classes }, (_, c) => c);
  const isClass = g.node('Equal', [labels, g.constant({ type: 'int32', dims: [classes], data: numbers })]);
  return g.node('Cast', [isClass], { to: dataTypes.float32 });
}

function objectiveGraph(problem: Problem, lossOfLogits: LogitLoss, directions: Float64Array): Uint8Array {
  const { features, classes } = problem;
  const width = features.columns;
  const rank = directions.length / width;
  const g = new GraphBuilder();
  g.input('x', 'float32', ['n', width]);
  g.input('photoWeights', 'float32', ['n', 't', 1]);
  g.input('penalty', 'float32', ['t', 1, 1]);
  g.input('parameters', 'float32', ['tc', width]);
  g.input('bias', 'float32', ['t', classes]);
  g.input('mean', 'float32', ['t', 1, width]);
  g.input('scale', 'float32', ['t', 1, 1]);
  g.input('stretch', 'float32', ['tc', rank]);
  g.input('biasScale', 'float32', ['t', 1]);
  const reshape = (tensor: string, shape: number[]) => g.node('Reshape', [tensor, g.ints(shape)]);
  const sum = (tensor: string, axes: number[]) => g.node('ReduceSum', [tensor, g.ints(axes)], { keepdims: 0 });
  const double = (tensor: string) => g.node('Cast', [tensor], { to: dataTypes.float64 });
  // Symmetric, so the gradient goes back through it as the parameters came.
  const turn = turnNodes(g, directions, width);

  const turned = reshape(turn('parameters', 'stretch'), [-1, classes, width]);
  const weights = g.node('Mul', [turned, 'scale']);
  const shift = sum(g.node('Mul', [weights, 'mean']), [2]);
  const bias = g.node('Sub', [g.node('Mul', ['bias', 'biasScale']), shift]);
  const products = g.node('Gemm', ['x', reshape(weights, [-1, width])], { transB: 1 });
  const logits = g.node('Add', [reshape(products, [0, -1, classes]), bias]);
  const { loss, slope } = lossOfLogits(g, logits, truthNodes(g, problem));

  // Sums of thousands go into double precision, or the line search would see the rounding.
  const data = sum(double(g.node('Mul', [loss, 'photoWeights'])), [0, 2]);
  const squares = g.node('Mul', [g.node('Mul', [turned, turned]), g.node('Mul', ['penalty', g.floats(0.5)])]);
  g.output(g.node('Add', [data, sum(double(squares), [1, 2])]), 'float64', ['t'], 'loss');

  const slopes = g.node('Mul', [slope, 'photoWeights']);
  const byBias = sum(slopes, [0]);
  const raw = g.node('Gemm', [reshape(slopes, [0, -1]), 'x'], { transA: 1 });
  const atMean = g.node('Mul', [reshape(byBias, [0, 0, 1]), 'mean']);
  const centred = g.node('Mul', [g.node('Sub', [reshape(raw, [-1, classes, width]), atMean]), 'scale']);
  const byTurned = g.node('Add', [centred, g.node('Mul', [turned, 'penalty'])]);
  g.output(turn(reshape(byTurned, [-1, width]), 'stretch'), 'float32', ['tc', width], 'byParameters');
  g.output(g.node('Mul', [byBias, 'biasScale']), 'float32', ['t', classes], 'byBias');
  return g.bytes();
}

/** What the tasks of a call share for as long as they stay together. */
interface Constants {
  /** [N, t], with a sum of 1 for each fit. */
  readonly photoWeights: Float32Array;
  readonly penalty: readonly number[];
  readonly tensors: Readonly<Record<'mean' | 'scale' | 'stretch' | 'biasScale', AnyTensor>>;
}

function packConstants(tasks: readonly LinearTask[], classes: number): Constants {
  const fits = tasks.length;
  const { weights, mean, stretch } = tasks[0];
  const photoWeights = new Float32Array(weights.length * fits);
  for (const [t, task] of tasks.entries())
    for (let i = 0; i < weights.length; i++) photoWeights[i * fits + t] = task.weights[i] / task.total;
  const means = new Float32Array(fits * mean.length);
  const stretches = new Float32Array(fits * classes * stretch.length);
  for (const [t, task] of tasks.entries()) {
    means.set(task.mean, t * mean.length);
    for (let c = 0; c < classes; c++) stretches.set(task.stretch, (t * classes + c) * stretch.length);
  }
  const scales = Float32Array.from(tasks, ({ scale }) => scale);
  const biasScales = Float32Array.from(tasks, ({ biasScale }) => biasScale);
  return {
    photoWeights,
    penalty: tasks.map(({ penalty }) => penalty),
    tensors: {
      mean: float32(means, fits, 1, mean.length),
      scale: float32(scales, fits, 1, 1),
      stretch: float32(stretches, fits * classes, stretch.length),
      biasScale: float32(biasScales, fits, 1),
    },
  };
}
