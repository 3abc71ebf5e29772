/** Minibatch training of many fits at once. */

import { type AdamMoments, type AdamOptions, adamMoments, adamStep } from '../numerics/adam.ts';
import { Random } from '../numerics/random.ts';
import { type AnyTensor, expectTensor, float32, type Session } from '../runtime/platform.ts';
import { usedRows } from './direction.ts';
import type { FitContext, FitJob, Problem } from './head.ts';

/** A network for minibatches, with the parameters of many jobs side by side. */
export interface Network {
  /** Of each parameter: its shape for one job, and the values that it starts from. */
  readonly parameters: readonly NetworkParameter[];
  /**
   * Graph of the gradients. In: `x`, the batch; `labels` int32 [n, 1]; `photoWeights` float32 [t, n, 1]; and each
   * parameter for t jobs, [t, ...shape]. Out: `by/NAME` for each parameter, the derivative of
   * sum photoWeights * loss, of the same shape.
   */
  readonly graph: Uint8Array;
  /** Some of the photos as a batch; it holds until the next one is asked for. */
  batch(rows: readonly number[]): AnyTensor;
}

export interface NetworkParameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly start: (random: Random) => Float32Array;
}

/** One job's parameters, by name, and where its training stands. */
export interface Trained {
  readonly parameters: Readonly<Record<string, Float32Array>>;
  readonly moments: Readonly<Record<string, AdamMoments>>;
  readonly steps: number;
  readonly epochs: number;
}

export interface TrainingOptions extends AdamOptions {
  readonly batchSize: number;
  /**
   * Steps of an epoch up to which the rate holds; where more photos make more of them, it falls with the root of their
   * number, so that an epoch's noise stays what it is. Undefined: it always holds.
   */
  readonly fullSteps?: number;
}

/**
 * Trains jobs together by Adam. All see the same batches, in which each has its own photo weights, so a batch is read
 * once for all folds. The order of an epoch comes from the seed and the epoch's number: to train on for two epochs more
 * is to have trained two more from the start.
 */
export class MinibatchTrainer {
  #session: Session | undefined;

  constructor(
    readonly problem: Problem,
    readonly network: Network,
    readonly options: TrainingOptions,
    readonly context: FitContext,
  ) {}

  /** Trains until `epochs`; `starts` holds what was trained less, or undefined. */
  async train(
    jobs: readonly Pick<FitJob<unknown, unknown>, 'weights'>[],
    starts: readonly (Trained | undefined)[],
    epochs: number,
  ): Promise<Trained[]> {
    const { network, context, options } = this;
    this.#session ??= await context.openSession(network.graph, { threads: context.threads });
    const session = this.#session;
    const used = usedRows(jobs.map(({ weights }) => weights));
    const begun = jobs.map((_, t) => starts[t] ?? this.#untrained());
    const from = begun[0].epochs;
    if (begun.some((one) => one.epochs !== from)) throw new RangeError('jobs that train together start together');
    const stacked = network.parameters.map(({ name }) => ({
      name,
      values: joined(begun.map(({ parameters }) => parameters[name])),
      moments: {
        mean: joined(begun.map(({ moments }) => moments[name].mean)),
        square: joined(begun.map(({ moments }) => moments[name].square)),
      },
    }));
    const totals = jobs.map(({ weights }) => used.reduce((sum, row) => sum + weights[row], 0));
    let step = begun[0].steps;
    for (let epoch = from; epoch < epochs; epoch++) {
      const order = new Random(`${context.seed}/epoch ${epoch}`).shuffle([...used]);
      // Batches of about the same size; at least ten, since an epoch of one step teaches nothing.
      const batches = Math.min(order.length, Math.max(10, Math.ceil(order.length / options.batchSize)));
      const rate = options.rate / Math.sqrt(Math.max(1, batches / (options.fullSteps ?? batches)));
      for (let k = 0; k < batches; k++) {
        context.signal?.throwIfAborted();
        const rows = order.slice(
          Math.round((k * order.length) / batches),
          Math.round(((k + 1) * order.length) / batches),
        );
        const gradients = await this.#gradients(session, rows, jobs, totals, stacked, batches);
        step++;
        for (const { name, values, moments } of stacked)
          adamStep(values, expectTensor(gradients[`by/${name}`], 'float32').data, moments, step, { ...options, rate });
      }
    }
    return jobs.map((_, t) => ({
      parameters: Object.fromEntries(stacked.map(({ name, values }) => [name, part(values, t, jobs.length)])),
      moments: Object.fromEntries(
        stacked.map(({ name, moments: { mean, square } }) => [
          name,
          { mean: part(mean, t, jobs.length), square: part(square, t, jobs.length) },
        ]),
      ),
      steps: step,
      epochs,
    }));
  }

  async #gradients(
    session: Session,
    rows: readonly number[],
    jobs: readonly Pick<FitJob<unknown, unknown>, 'weights'>[],
    totals: readonly number[],
    stacked: readonly { readonly name: string; readonly values: Float32Array }[],
    batches: number,
  ): Promise<Record<string, AnyTensor>> {
    const photoWeights = new Float32Array(jobs.length * rows.length);
    for (const [t, { weights }] of jobs.entries())
      for (const [i, row] of rows.entries()) photoWeights[t * rows.length + i] = (weights[row] * batches) / totals[t];
    const feeds: Record<string, AnyTensor> = {
      x: this.network.batch(rows),
      labels: { type: 'int32', dims: [rows.length, 1], data: Int32Array.from(rows, (row) => this.problem.labels[row]) },
      photoWeights: float32(photoWeights, jobs.length, rows.length, 1),
    };
    for (const [k, { name, values }] of stacked.entries())
      feeds[name] = { type: 'float32', dims: [jobs.length, ...this.network.parameters[k].shape], data: values };
    return session.run(feeds);
  }

  #untrained(): Trained {
    const random = new Random(`${this.context.seed}/start`);
    const parameters = this.network.parameters.map(({ name, start }) => [name, start(random)] as const);
    return {
      parameters: Object.fromEntries(parameters),
      moments: Object.fromEntries(parameters.map(([name, { length }]) => [name, adamMoments(length)])),
      steps: 0,
      epochs: 0,
    };
  }

  async release(): Promise<void> {
    await this.#session?.release();
  }
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const { length } = parts[0];
  const out = new Float32Array(parts.length * length);
  for (const [t, values] of parts.entries()) out.set(values, t * length);
  return out;
}

function part(values: Float32Array, t: number, parts: number): Float32Array {
  const length = values.length / parts;
  return values.slice(t * length, (t + 1) * length);
}

/**
 * The rate for a hidden layer of some width, from one that was tuned at another. A step moves each unit's part of the
 * logits alike: of fewer units each has to go further, or few photos end the training at chance.
 */
export function rateOf(width: number, tuned: { readonly rate: number; readonly width: number }): number {
  return tuned.rate * Math.sqrt(tuned.width / width);
}

/** Values of a normal distribution. */
export function drawnNormal(random: Random, count: number, deviation: number): Float32Array {
  return Float32Array.from({ length: count }, () => deviation * random.normal());
}
