/** Fine-tuning in a training run: whether it can be done here, and what it needs of the photos. */

import type { Backbone } from '../backbone/backbone.ts';
import { findStage, type Stage } from '../backbone/stage.ts';
import type { Extraction, ExtractionOptions } from '../features/extraction.ts';
import { firstRows } from '../features/mapTable.ts';
import { NotDifferentiable } from '../gradients/differentiate.ts';
import { stageGraph } from '../heads/finetuning/stageGraph.ts';
import { mirrored } from '../images/view.ts';
import type { OpenSession } from '../runtime/platform.ts';
import type { ImageSet } from '../sets/imageSet.ts';
import type { AnyTask } from '../tasks/task.ts';
import type { TrainOptions, TrainPlatform } from './options.ts';

/** Of fewer photos a fine-tuned stage was never better (docs/measurements.md): `auto` does not try it. */
export const leastPhotos = 1000;

/** A last stage that will be tried. */
export interface FinetunePlan {
  readonly stage: Stage;
  readonly wanted: 'auto' | 'last';
}

/**
 * The last stage that is to be fine-tuned, if it was asked for and can be. Says how much the maps take that enter it; why
 * a network is left frozen is a warning.
 */
export async function planFinetuning(
  set: Pick<ImageSet, 'items'>,
  task: AnyTask,
  backbone: Backbone,
  options: Pick<TrainOptions, 'finetune' | 'framing' | 'views' | 'onWarning' | 'onUnderstood'>,
  platform: Pick<TrainPlatform, 'openSession' | 'freeBytes'>,
): Promise<FinetunePlan | undefined> {
  const { finetune: wanted = 'off', views, onWarning, onUnderstood } = options;
  if (wanted === 'off') return undefined;
  const frozen = (why: string): undefined => {
    onWarning?.(`The network stays frozen: ${why}.`);
  };
  const photos = set.items.length;
  if (task.name !== 'single-label') return frozen('fine-tuning is for one class a photo');
  if (wanted === 'auto' && photos < leastPhotos) return undefined;
  const stage = await findStage(backbone, platform.openSession);
  const reason = 'reason' in stage ? stage.reason : await unknownForm(stage, platform.openSession);
  if ('reason' in stage || reason !== undefined) return frozen(`its last stage cannot be trained, since ${reason}`);
  const bytes = photos * (2 + (views?.count ?? 0)) * 2 * stage.sizes.reduce((all, size) => all * size, 1);
  const free = await platform.freeBytes?.();
  if (free !== undefined && bytes > free)
    return frozen(`what enters its last stage takes ${inWords(bytes)}, and there is room for ${inWords(free)}`);
  onUnderstood?.(
    `Fine-tuning keeps what enters the network's last stage, of ${photos.toLocaleString('en-US')} photos and their mirror images: ${inWords(bytes)} in the cache${options.framing === undefined || options.framing === 'auto' ? ', and as much again if another framing is chosen' : ''}.`,
  );
  return { stage, wanted };
}

/** Why the gradients of a stage cannot be written, though all its operators are known; undefined if they can. */
async function unknownForm(stage: Stage, openSession: OpenSession): Promise<string | undefined> {
  try {
    await stageGraph(stage, 2, 2, openSession);
  } catch (error) {
    if (error instanceof NotDifferentiable) return error.message;
    throw error;
  }
}

/** What extraction has to give for a plan, too: what enters the stage, and the same of mirrored photos behind all views. */
export function withStage(options: ExtractionOptions, plan: FinetunePlan | undefined): ExtractionOptions {
  if (!plan) return options;
  const { needs, views = [] } = options;
  return { ...options, needs: { ...needs, stage: plan.stage.cut }, views: [...views, mirrored] };
}

/** The photos and the views that the user asked for; the mirrored photos beside them, for fine-tuning alone. */
export function withoutMirrored(extraction: Extraction, plan: FinetunePlan | undefined): Extraction {
  const { stage, items } = extraction;
  if (!plan || !stage) return extraction;
  const rows = extraction.features.rows - items.length;
  const read: typeof stage.read = (row, target) => stage.read(rows + row, target);
  return { ...extraction, ...firstRows(extraction, rows), mirrored: { ...stage, rows: items.length, read } };
}

function inWords(bytes: number): string {
  return bytes < 1e9 ? `${Math.ceil(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
