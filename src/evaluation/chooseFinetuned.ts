/** Chooses between the frozen network with a head, and its fine-tuned last stage, inside each training part. */

import type { Stage } from '../backbone/stage.ts';
import { finetunedHead } from '../heads/finetuning/finetuned.ts';
import type { AnyHead } from '../heads/registry.ts';
import { type Choose, canChoose, only } from './choose.ts';
import { type FinetuneOptions, FinetuneRun } from './finetuneRun.ts';

/**
 * The last stage, fine-tuned beside what `how` took, as one more candidate. In each training part it is trained without one of the
 * inner folds, whose photos say after how many epochs to stop, and whether it is better than what `how` took; where it is,
 * it is trained once more on the whole part for as many epochs. So no photo outside a part influences its choice.
 * The file's own part goes first: where fine-tuning is stopped, parts that it had not come to stay frozen.
 */
export function withFinetuning(
  how: AnyHead | Choose<unknown, unknown>,
  stage: Stage,
  options: FinetuneOptions,
): Choose<unknown, unknown> {
  const choose = typeof how === 'function' ? how : only(how);
  return async (problem, trainings, context, onScore) => {
    const plain = await choose(problem, trainings, context, onScore);
    if (!canChoose(trainings)) {
      if (options.wanted === 'auto') return plain;
      // Its settings are its own affair.
      return only(finetunedHead(stage, plain[0].head) as AnyHead)(problem, trainings, context, onScore);
    }
    const stop = new AbortController();
    const run = new FinetuneRun(stage, problem, trainings, options, stop.signal, context);
    options.onFinetuning?.(() => stop.abort());
    try {
      const taken = [...plain];
      for (const part of [trainings.length - 1, ...trainings.keys()].slice(0, trainings.length))
        taken[part] = await run.part(part, plain[part], (score) => onScore?.(score, part));
      return taken;
    } finally {
      options.onFinetuning?.(undefined);
      await run.release();
    }
  };
}
