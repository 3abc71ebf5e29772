/** Trains the last stage of a network, and a dense layer behind it, on cached maps. */

import type { Stage } from '../../backbone/stage.ts';
import { type MapTable, mapRows } from '../../features/mapTable.ts';
import { addNative } from '../../features/network.ts';
import { type AdamMoments, adamMoments, adamStep } from '../../numerics/adam.ts';
import { Random } from '../../numerics/random.ts';
import { smallestOf } from '../../numerics/statistics.ts';
import { GraphBuilder, plainNode } from '../../onnx/builder.ts';
import { dataTypes } from '../../onnx/model.ts';
import { type AnyTensor, expectTensor, float32, type Matrix, type Session } from '../../runtime/platform.ts';
import type { FitContext, Problem } from '../head.ts';
import { outputBias, outputWeights, type StageGraph, stageGraph } from './stageGraph.ts';

/** What was tried, see docs/measurements.md. */
export const recipe = {
  batch: 32,
  /** How far features vary that the dense layer reads, whatever the network's own scale; the rates were found at about that. */
  deviation: 0.5,
  /** Of AdamW, at the start; it falls to nothing along a cosine, after a first tenth in which it rises. */
  rate: 5e-4,
  /** The dense layer begins at nothing, so it goes faster. */
  outputRate: 4e-3,
  decay: 0.05,
  smoothing: 0.1,
  dropout: 0.3,
  /** Places by which a map is shifted at most, as part of its height and width. */
  shift: 1 / 6,
};

/** What is trained, by name; the dense layer reads the features as they come out of the stage. */
export type StageWeights = ReadonlyMap<string, Float32Array>;

/** What is taken off the features, and what they are then multiplied with. */
interface Scale {
  readonly centre: Float32Array;
  readonly factor: number;
}

export interface StageTraining {
  /** Photos to train on, and the weight of each photo of the problem, [photos]. */
  readonly rows: readonly number[];
  readonly weights: Float32Array;
  /** Epochs after which the rate has fallen to nothing. */
  readonly schedule: number;
  /** What an earlier training gave, to go on from, at rates lower by `pace`; undefined: the network's own weights. */
  readonly start?: { readonly weights: StageWeights; readonly pace: number } | undefined;
  /** Called after each epoch, with what was trained so far; false ends the training. */
  readonly onEpoch: (epoch: number, weights: StageWeights) => Promise<boolean>;
  /** Called after each step with the steps done, of this training. */
  readonly onStep?: ((steps: number) => void) | undefined;
  readonly onWarning?: ((text: string) => void) | undefined;
  /** Ends the training before the next step; what `onEpoch` was given before is all there is. */
  readonly stop?: AbortSignal | undefined;
}

/** Photos whose features say how the dense layer is scaled. */
const scaledPhotos = 256;

/** A training whose loss is no number at any rate. */
export class NotFinite extends Error {}

/** So often a training that gave no numbers is taken back to the last epoch, with half the rate. */
const mostSetbacks = 4;

interface Parameter {
  readonly name: string;
  readonly sizes: readonly number[];
  readonly values: Float32Array;
  readonly moments: AdamMoments;
}

/**
 * Trains by AdamW (Loshchilov and Hutter 2019) with a falling rate, smoothed labels (Szegedy et al. 2016), dropout before
 * the dense layer, and shifted maps. Every order, shift and mask comes from the seed.
 */
export class StageTrainer {
  #session: Session | undefined;
  #graph: StageGraph | undefined;
  readonly #maps: readonly MapTable[];
  readonly #start: StageWeights;

  constructor(
    readonly stage: Stage,
    readonly problem: Problem,
    readonly context: FitContext,
  ) {
    const { stage: maps, mirrored } = problem;
    if (!maps) throw new TypeError('fine-tuning needs the maps that enter the last stage');
    this.#maps = mirrored ? [maps, mirrored] : [maps];
    const { initializers } = stage.model.graph;
    const trained = new Set(stage.trained);
    this.#start = new Map(
      initializers.flatMap(({ name, bytes }) =>
        trained.has(name) ? [[name, new Float32Array(new Uint8Array(bytes).buffer)]] : [],
      ),
    );
  }

  /** Steps of one epoch over so many photos; at least ten, since an epoch of one step teaches nothing. */
  static steps(photos: number): number {
    return Math.max(Math.min(photos, 10), Math.ceil(photos / recipe.batch));
  }

  /** What a step takes here, in seconds: the faster of two, after a first one. */
  async secondsOfStep(): Promise<number> {
    const { parameters } = await this.#opened();
    const state = this.#untrained(parameters);
    const rows = Array.from(
      { length: Math.min(recipe.batch, this.problem.photos ?? this.problem.labels.length) },
      (_, row) => row,
    );
    const weights = new Float32Array(rows.length).fill(1);
    const scale = { centre: new Float32Array(this.stage.width), factor: 1 };
    const seconds: number[] = [];
    for (let k = 0; k < 3; k++) {
      const began = performance.now();
      this.#step(state, await this.#gradients(rows, weights, 1, state, scale, new Random('time')), 1, 0);
      seconds.push((performance.now() - began) / 1000);
    }
    return smallestOf(seconds.slice(1));
  }

  /** @throws NotFinite where the loss is no number at any rate */
  async train({ rows, weights, schedule, start, onEpoch, onStep, onWarning, stop }: StageTraining): Promise<void> {
    const { context } = this;
    const { parameters } = await this.#opened();
    const perEpoch = StageTrainer.steps(rows.length);
    const last = schedule * perEpoch;
    const total = rows.reduce((sum, row) => sum + weights[row], 0);
    const scale = await this.#scale(rows);
    const state = this.#untrained(parameters, start && scaled(start.weights, scale));
    let pace = start?.pace ?? 1;
    let setbacks = 0;
    let step = 0;
    let kept = copyOf(state);
    for (let epoch = 0; epoch < schedule; epoch++) {
      const random = new Random(`${context.seed}/finetuning ${epoch}/${setbacks}`);
      const order = random.shuffle([...rows]);
      let isNumber = true;
      for (let k = 0; k < perEpoch && isNumber; k++) {
        context.signal?.throwIfAborted();
        if (stop?.aborted) return;
        const own = order.slice(
          Math.round((k * order.length) / perEpoch),
          Math.round(((k + 1) * order.length) / perEpoch),
        );
        const gradients = await this.#gradients(own, weights, total / rows.length, state, scale, random);
        isNumber = Number.isFinite(expectTensor(gradients.loss, 'float32').data[0]);
        if (!isNumber) break;
        step++;
        this.#step(state, gradients, step, pace * rateAt(step / last));
        onStep?.(step);
      }
      // A gradient that is no number shows in the next loss, after the last step in the weights alone.
      isNumber &&= state.every(({ values }) => values.every(Number.isFinite));
      if (!isNumber) {
        if (setbacks++ === mostSetbacks) throw new NotFinite('fine-tuning gives no finite loss, however low its rate');
        pace /= 2;
        onWarning?.('Fine-tuning gave no finite loss: it goes back to the epoch before, at half the rate.');
        restore(state, kept);
        step = epoch * perEpoch;
        epoch--;
        continue;
      }
      kept = copyOf(state);
      if (!(await onEpoch(epoch + 1, unscaled(state, scale)))) return;
    }
  }

  /** How the features vary that the untrained stage gives of some of the photos, evenly spread. */
  async #scale(rows: readonly number[]): Promise<Scale> {
    const { stage, context } = this;
    const some = rows.filter((_, k) => k % Math.ceil(rows.length / scaledPhotos) === 0);
    const g = new GraphBuilder('scale/');
    const map = g.node('Cast', [g.input('x', 'float16', ['n', ...stage.sizes])], { to: dataTypes.float32 });
    const native = addNative(g, map, stage.cut);
    g.append({ nodes: [plainNode('Identity', [native], [stage.cut.tensor], {})], initializers: [] });
    g.append(stage.model.graph);
    g.output(stage.features, 'float32', ['n', stage.width]);
    const { irVersion, opsets, functions } = stage.model;
    const session = await context.openSession(g.bytes({ irVersion, opsets, functions }), { threads: context.threads });
    try {
      const data = new Float32Array(some.length * stage.width);
      for (const [i, row] of some.entries()) {
        const outputs = await session.run({ x: await mapRows(this.#maps[0], [row]) });
        data.set(expectTensor(outputs[stage.features], 'float32').data, i * stage.width);
      }
      return scaleOf({ rows: some.length, columns: stage.width, data });
    } finally {
      await session.release();
    }
  }

  #untrained(parameters: StageGraph['parameters'], start = this.#start): Parameter[] {
    return [...parameters].map(([name, sizes]) => {
      const values = start.get(name)?.slice() ?? new Float32Array(sizes.reduce((all, size) => all * size, 1));
      return { name, sizes, values, moments: adamMoments(values.length) };
    });
  }

  #step(state: readonly Parameter[], gradients: Readonly<Record<string, AnyTensor>>, step: number, pace: number): void {
    for (const { name, values, moments } of state) {
      const isOutput = name === outputWeights || name === outputBias;
      const gradient = expectTensor(gradients[`by/${name}`], 'float32').data;
      const rate = pace * (isOutput ? recipe.outputRate : recipe.rate);
      adamStep(values, gradient, moments, step, { rate, decay: recipe.decay });
    }
  }

  async #opened(): Promise<StageGraph> {
    const { stage, problem, context } = this;
    this.#graph ??= await stageGraph(stage, problem.classes, recipe.batch, context.openSession);
    this.#session ??= await context.openSession(this.#graph.bytes, { threads: context.threads });
    return this.#graph;
  }

  async #gradients(
    rows: readonly number[],
    weights: Float32Array,
    average: number,
    state: readonly Parameter[],
    { centre, factor }: Scale,
    random: Random,
  ): Promise<Record<string, AnyTensor>> {
    const { stage, problem } = this;
    const { batch, smoothing, dropout } = recipe;
    const { classes } = problem;
    const [height, width, channels] = stage.sizes;
    const size = height * width * channels;
    const x = new Uint16Array(batch * size);
    const targets = new Float32Array(batch * classes);
    for (const [i, row] of rows.entries()) {
      await this.#draw(row, x.subarray(i * size, (i + 1) * size), random);
      const share = weights[row] / average / rows.length;
      for (let c = 0; c < classes; c++)
        targets[i * classes + c] = share * (smoothing / classes + (c === problem.labels[row] ? 1 - smoothing : 0));
    }
    const mask = Float32Array.from({ length: batch * stage.width }, () =>
      random.word() < dropout * 2 ** 32 ? 0 : factor / (1 - dropout),
    );
    const feeds: Record<string, AnyTensor> = {
      x: { type: 'float16', dims: [batch, height, width, channels], data: x },
      targets: float32(targets, batch, classes),
      centre: float32(centre, 1, stage.width),
      dropout: float32(mask, batch, stage.width),
    };
    for (const { name, sizes, values } of state) feeds[name] = { type: 'float32', dims: sizes, data: values };
    if (!this.#session) throw new TypeError('the graph is not open');
    return this.#session.run(feeds);
  }

  /** One of the maps that show the photo, shifted; what comes in from beside it is nothing. */
  async #draw(row: number, target: Uint16Array, random: Random): Promise<void> {
    const [height, width, channels] = this.stage.sizes;
    const photos = this.problem.photos ?? this.problem.labels.length;
    const views = this.problem.labels.length / photos;
    const choice = random.int(views + this.#maps.length - 1);
    if (choice < views) await this.#maps[0].read(choice * photos + row, target);
    else await this.#maps[1].read(row, target);
    const shiftOf = (length: number): number => {
      const most = this.stage.cut.layout === 'sequence' ? 0 : Math.round(length * recipe.shift);
      return random.int(2 * most + 1) - most;
    };
    shiftMap(target, height, width, channels, shiftOf(height), shiftOf(width));
  }

  async release(): Promise<void> {
    await this.#session?.release();
  }
}

/** The mean of some features, and one number that makes them vary as the recipe has it. */
function scaleOf({ rows, columns, data }: Matrix): Scale {
  const centre = new Float32Array(columns);
  for (const [at, value] of data.entries()) centre[at % columns] += value / rows;
  let squares = 0;
  for (const [at, value] of data.entries()) squares += (value - centre[at % columns]) ** 2;
  const deviation = Math.sqrt(squares / data.length);
  return { centre, factor: deviation > 0 ? recipe.deviation / deviation : 1 };
}

/** What was trained, with the scale of the features folded into the dense layer. */
function unscaled(state: readonly Pick<Parameter, 'name' | 'values'>[], { centre, factor }: Scale): StageWeights {
  const weights = new Map(state.map(({ name, values }) => [name, values]));
  const output = (weights.get(outputWeights) ?? new Float32Array()).map((value) => value * factor);
  const { length: columns } = centre;
  const bias = (weights.get(outputBias) ?? new Float32Array()).map((value, c) => {
    let shift = 0;
    for (let d = 0; d < columns; d++) shift += output[c * columns + d] * centre[d];
    return value - shift;
  });
  return weights.set(outputWeights, output).set(outputBias, bias);
}

/** The other way round: the dense layer as it reads scaled features. */
function scaled(weights: StageWeights, { centre, factor }: Scale): StageWeights {
  return unscaled(
    [...weights].map(([name, values]) => ({ name, values })),
    { centre: centre.map((value) => -value * factor), factor: 1 / factor },
  );
}

/** The rate at a share of the schedule, as part of the highest. */
function rateAt(share: number): number {
  return share < 0.1 ? share / 0.1 : 0.5 * (1 + Math.cos((Math.PI * (share - 0.1)) / 0.9));
}

/** Moves a map [height, width, channels] down and right, in place, with zeros behind it. */
export function shiftMap(
  map: Uint16Array,
  height: number,
  width: number,
  channels: number,
  down: number,
  right: number,
): void {
  if (down === 0 && right === 0) return;
  const line = width * channels;
  const kept = (width - Math.abs(right)) * channels;
  const [from, to] = [Math.max(0, -right) * channels, Math.max(0, right) * channels];
  for (let k = 0; k < height; k++) {
    // Rows are taken in the order in which none is written before it is read.
    const row = down > 0 ? height - 1 - k : k;
    const source = row - down;
    const start = row * line;
    if (source < 0 || source >= height) {
      map.fill(0, start, start + line);
      continue;
    }
    map.copyWithin(start + to, source * line + from, source * line + from + kept);
    if (right > 0) map.fill(0, start, start + to);
    else map.fill(0, start + kept, start + line);
  }
}

function copyOf(state: readonly Parameter[]): Float32Array[] {
  return state.flatMap(({ values, moments }) => [values.slice(), moments.mean.slice(), moments.square.slice()]);
}

function restore(state: readonly Parameter[], kept: readonly Float32Array[]): void {
  for (const [k, { values, moments }] of state.entries())
    for (const [j, target] of [values, moments.mean, moments.square].entries()) target.set(kept[3 * k + j]);
}
