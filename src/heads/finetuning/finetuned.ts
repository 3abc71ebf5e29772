/** The fine-tuned head: the network's last stage with weights of its own, and a dense layer. */

import type { Stage } from '../../backbone/stage.ts';
import { addNative, renamed } from '../../features/network.ts';
import { toFloat16 } from '../../numerics/float16.ts';
import type { GraphBuilder } from '../../onnx/builder.ts';
import { dataTypes } from '../../onnx/model.ts';
import type { FitContext, FitJob, Fitter, Head, Problem } from '../head.ts';
import { type Linear, linearToGraph } from '../linear.ts';
import { outputBias, outputWeights } from './stageGraph.ts';
import { StageTrainer, type StageWeights } from './stageTrainer.ts';

export type FinetuneSettings = {
  readonly epochs: number;
  /** Epochs after which the rate would have fallen to nothing. */
  readonly schedule: number;
};

/** What was trained: weights as float16 bits, as the file has them. */
export interface Finetuned {
  readonly weights: ReadonlyMap<string, Uint16Array>;
  readonly output: Linear;
}

export const usualEpochs = 8;

/** What was trained, as a head. Weights are rounded here, so that what is judged is what is shipped. */
export function finetunedOf(stage: Stage, weights: StageWeights): Finetuned {
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

/** The head of one network's last stage. */
export function finetunedHead(stage: Stage): Head<FinetuneSettings, Finetuned> {
  const { irVersion, opsets, functions } = stage.model;
  const defaults = { epochs: usualEpochs, schedule: usualEpochs };
  return {
    name: 'finetuned',
    needs: 'stage',
    cut: stage.cut,
    model: { irVersion, opsets, functions },
    defaults,
    slow: true,
    grid: () => [defaults],
    preparesApart: () => true,
    prepare: async (problem, context) => new StageFitter(stage, problem, context),
    toGraph: (fitted, g, input) => addTrained(stage, fitted, g, input),
  };
}

/** Fits by training a given number of epochs, without looking at anything but the rows of a job. */
class StageFitter implements Fitter<FinetuneSettings, Finetuned> {
  readonly #trainer: StageTrainer;

  constructor(
    readonly stage: Stage,
    readonly problem: Problem,
    context: FitContext,
  ) {
    this.#trainer = new StageTrainer(stage, problem, context);
  }

  async fit(jobs: readonly FitJob<FinetuneSettings, Finetuned>[]): Promise<Finetuned[]> {
    const fitted: Finetuned[] = [];
    for (const { weights, settings } of jobs) {
      const photos = this.problem.photos ?? this.problem.labels.length;
      const rows = Array.from({ length: photos }, (_, row) => row).filter((row) => weights[row] > 0);
      let end: Finetuned | undefined;
      await this.#trainer.train({
        rows,
        weights,
        schedule: settings.schedule,
        onEpoch: async (epoch, trained) => {
          if (epoch === settings.epochs) end = finetunedOf(this.stage, trained);
          return epoch < settings.epochs;
        },
      });
      if (!end) throw new RangeError(`${settings.epochs} epochs of ${settings.schedule}`);
      fitted.push(end);
    }
    return fitted;
  }

  async release(): Promise<void> {
    await this.#trainer.release();
  }
}

/** Adds the stage with its trained weights; float32 [N, H, W, C] in, logits out. */
function addTrained(stage: Stage, { weights, output }: Finetuned, g: GraphBuilder, input: string): string {
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
