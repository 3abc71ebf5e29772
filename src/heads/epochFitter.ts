/** Minibatch training with early stopping. */

import type { FitContext, FitJob, Fitter, Problem } from './head.ts';
import { MinibatchTrainer, type Network, type Trained, type TrainingOptions } from './minibatch.ts';

/** A network that is ready to be trained, and how what was trained becomes a head. */
export interface Plan<Fitted> {
  readonly network: Network;
  readonly toFitted: (trained: readonly Trained[]) => Promise<Fitted[]>;
}

/**
 * Fits heads by minibatches, for as many epochs as the settings say. Early stopping is the choice of that number: a job
 * that was trained for fewer epochs on the same weights is trained on.
 */
export class EpochFitter<Settings extends { readonly epochs: number }, Fitted extends object>
  implements Fitter<Settings, Fitted>
{
  /** Where training stood when a head was given, and on which weights. */
  readonly #ends = new WeakMap<Fitted, { readonly trained: Trained; readonly weights: Float32Array }>();
  readonly #trainer: MinibatchTrainer;

  constructor(
    problem: Problem,
    readonly plan: Plan<Fitted>,
    options: TrainingOptions,
    context: FitContext,
  ) {
    this.#trainer = new MinibatchTrainer(problem, plan.network, options, context);
  }

  async fit(jobs: readonly FitJob<Settings, Fitted>[]): Promise<Fitted[]> {
    const fitted: Fitted[] = [];
    const left = new Set(jobs.keys());
    while (left.size > 0) {
      const [first] = left;
      const { epochs } = jobs[first].settings;
      const from = this.#before(jobs[first])?.epochs;
      // Jobs that begin and end together are trained together.
      const group = [...left].filter(
        (t) => jobs[t].settings.epochs === epochs && this.#before(jobs[t])?.epochs === from,
      );
      const trained = await this.#trainer.train(
        group.map((t) => jobs[t]),
        group.map((t) => this.#before(jobs[t])),
        epochs,
      );
      const heads = await this.plan.toFitted(trained);
      for (const [i, t] of group.entries()) {
        fitted[t] = heads[i];
        this.#ends.set(fitted[t], { trained: trained[i], weights: jobs[t].weights });
        left.delete(t);
      }
    }
    return fitted;
  }

  /** What may be trained on: the same job's, with as many epochs or fewer. */
  #before({ weights, settings, start }: FitJob<Settings, Fitted>): Trained | undefined {
    const end = start && this.#ends.get(start);
    return end?.weights === weights && end.trained.epochs <= settings.epochs ? end.trained : undefined;
  }

  async release(): Promise<void> {
    await this.#trainer.release();
  }
}
