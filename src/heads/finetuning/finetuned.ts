/** The fine-tuned head: the network's last stage with weights of its own and a dense layer, beside a frozen head. */

import type { Stage } from '../../backbone/stage.ts';
import { addNative, renamed } from '../../features/network.ts';
import { fromFloat16, toFloat16 } from '../../numerics/float16.ts';
import type { GraphBuilder } from '../../onnx/builder.ts';
import { dataTypes } from '../../onnx/model.ts';
import type { FitContext, FitJob, Fitter, Head, Problem } from '../head.ts';
import { type Linear, linearToGraph } from '../linear.ts';
import type { AnyHead } from '../registry.ts';
import { outputBias, outputWeights } from './stageGraph.ts';
import { StageTrainer, type StageWeights } from './stageTrainer.ts';

/** What the logits of stage and frozen head are multiplied with before they are added. */
export interface Scales {
  readonly stageScale: number;
  readonly frozenScale: number;
}

/** The frozen head's own settings lie beside these, their names behind `frozen.`. */
export interface FinetuneSettings extends Scales {
  readonly epochs: number;
  /** Epochs after which the rate would have fallen to nothing. */
  readonly schedule: number;
  readonly [name: string]: unknown;
}

const ofFrozen = 'frozen.';

/** Settings of a frozen head as they lie among those of the fine-tuned one. */
export function besideSettings(settings: unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(settings ?? {}).map(([name, value]) => [ofFrozen + name, value]));
}

function frozenSettings(settings: FinetuneSettings): Record<string, unknown> {
  const own = Object.entries(settings).filter(([name]) => name.startsWith(ofFrozen));
  return Object.fromEntries(own.map(([name, value]) => [name.slice(ofFrozen.length), value]));
}

/** The stage as it was trained: weights as float16 bits, as the file has them. */
export interface TrainedStage {
  readonly weights: ReadonlyMap<string, Uint16Array>;
  readonly output: Linear;
}

/** Stage and frozen head, whose logits are added. */
export interface Finetuned {
  readonly stage: TrainedStage;
  readonly frozen: unknown;
  readonly scales: Scales;
}

export const usualEpochs = 8;

/** What was trained. Weights are rounded here, so that what is judged is what is shipped. */
export function trainedStage(stage: Stage, weights: StageWeights): TrainedStage {
  const output = weights.get(outputWeights);
  const bias = weights.get(outputBias);
  if (!output || !bias) throw new TypeError('the dense layer is missing');
  return {
    weights: new Map(
      stage.trained.flatMap((name) => {
        const values = weights.get(name);
        return values ? [[name, toFloat16(values)] as const] : [];
      }),
    ),
    output: { weights: output.slice(), bias: bias.slice(), inputs: stage.width, outputs: bias.length },
  };
}

/** The other way round: to go on training. */
export function stageWeights({ weights, output }: TrainedStage): StageWeights {
  const own = Array.from(weights, ([name, bits]) => [name, fromFloat16(bits)] as const);
  return new Map([...own, [outputWeights, output.weights], [outputBias, output.bias]]);
}

/** The trained stage alone, as something that answers. */
export function stageAlone(stage: Stage): Pick<Head<never, TrainedStage>, 'needs' | 'model' | 'toGraph'> {
  const { irVersion, opsets, functions } = stage.model;
  return {
    needs: 'stage',
    model: { irVersion, opsets, functions },
    toGraph: (fitted, g, input) => addTrained(stage, fitted, g, input),
  };
}

/**
 * The head of one network's last stage beside a head of the frozen network: their logits are added, each at its own scale.
 * They err on different photos, so that together they are better than either (docs/measurements.md).
 */
export function finetunedHead(stage: Stage, { reads, ...frozen }: AnyHead): Head<FinetuneSettings, Finetuned> {
  const alone = stageAlone(stage);
  const defaults = {
    epochs: usualEpochs,
    schedule: usualEpochs,
    stageScale: 0.5,
    frozenScale: 0.5,
    ...besideSettings(frozen.defaults),
  };
  return {
    ...alone,
    name: 'finetuned',
    beside: frozen.needs,
    reads,
    cut: stage.cut,
    defaults,
    slow: true,
    grid: () => [defaults],
    preparesApart: () => true,
    prepare: async (problem, context, rows) =>
      new StageFitter(stage, problem, context, await frozen.prepare(problem, context, rows)),
    toGraph(fitted, g, input, beside) {
      if (beside === undefined) throw new TypeError('the frozen head reads something besides');
      const own = g.node('Mul', [alone.toGraph(fitted.stage, g, input), g.floats(fitted.scales.stageScale)]);
      const other = g.node('Mul', [frozen.toGraph(fitted.frozen, g, beside), g.floats(fitted.scales.frozenScale)]);
      return g.node('Add', [own, other]);
    },
  };
}

/** Fits by training a given number of epochs, without looking at anything but the rows of a job. */
class StageFitter implements Fitter<FinetuneSettings, Finetuned> {
  readonly #trainer: StageTrainer;

  constructor(
    readonly stage: Stage,
    readonly problem: Problem,
    context: FitContext,
    readonly frozen: Fitter<unknown, unknown>,
  ) {
    this.#trainer = new StageTrainer(stage, problem, context);
  }

  async fit(jobs: readonly FitJob<FinetuneSettings, Finetuned>[]): Promise<Finetuned[]> {
    const others = await this.frozen.fit(
      jobs.map(({ part, weights, settings }) => ({ part, weights, settings: frozenSettings(settings) })),
    );
    const fitted: Finetuned[] = [];
    for (const [k, { weights, settings }] of jobs.entries()) {
      const photos = this.problem.photos ?? this.problem.labels.length;
      const rows = Array.from({ length: photos }, (_, row) => row).filter((row) => weights[row] > 0);
      let end: TrainedStage | undefined;
      await this.#trainer.train({
        rows,
        weights,
        schedule: settings.schedule,
        onEpoch: async (epoch, trained) => {
          if (epoch === settings.epochs) end = trainedStage(this.stage, trained);
          return epoch < settings.epochs;
        },
      });
      if (!end) throw new RangeError(`${settings.epochs} epochs of ${settings.schedule}`);
      const { stageScale, frozenScale } = settings;
      fitted.push({ stage: end, frozen: others[k], scales: { stageScale, frozenScale } });
    }
    return fitted;
  }

  async release(): Promise<void> {
    await this.#trainer.release();
    await this.frozen.release();
  }
}

/** Adds the stage with its trained weights; float32 [N, H, W, C] in, logits out. */
function addTrained(stage: Stage, { weights, output }: TrainedStage, g: GraphBuilder, input: string): string {
  const { model, features, cut } = stage;
  const own = g.name('finetuned');
  const native = addNative(g, input, cut);
  const casts = new Map<string, string>();
  for (const { name, dims } of model.graph.initializers) {
    const data = weights.get(name);
    if (data) casts.set(name, g.node('Cast', [g.constant({ type: 'float16', dims, data })], { to: dataTypes.float32 }));
  }
  const rename = (name: string): string =>
    name === cut.tensor ? native : (casts.get(name) ?? (name && `${own}/${name}`));
  const initializers = model.graph.initializers.filter(({ name }) => !casts.has(name));
  g.append(renamed({ nodes: model.graph.nodes, initializers }, rename));
  return linearToGraph(output, g, rename(features));
}
