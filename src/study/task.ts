/** One task, in plain data, and how it is done. */

import type { Training } from '../evaluation/select.ts';
import { tableOf } from '../features/mapTable.ts';
import { convHead } from '../heads/conv.ts';
import type { FitContext } from '../heads/head.ts';
import { type Activation, mlpHead } from '../heads/mlp.ts';
import { softmax } from '../heads/softmax.ts';
import type { Matrix, Tensor } from '../runtime/platform.ts';
import { type Measured, measureHead, measureStored } from './measure.ts';
import { type Precision, quantise } from './quantise.ts';

/**
 * Ways of answering: softmax on the features as they come back from the store, or what is trained: a dense bottleneck on
 * them, a 1x1 convolution on the maps.
 */
export type Way =
  | { readonly way: 'softmax'; readonly features: Matrix }
  | { readonly way: 'dense'; readonly width: number; readonly activation: Activation; readonly features: Matrix }
  | { readonly way: 'conv'; readonly width: number; readonly maps: Tensor<'float16'> };

/** One way of answering, to be measured on some folds in some precisions: plain data, for a thread to take. */
export type Task = Way & {
  readonly labels: Int32Array;
  readonly classes: number;
  readonly trainings: readonly Training[];
  readonly kept: readonly Precision[];
};

/** Does a task, as many at a time as there are threads; one entry a precision. */
export type Measure = (task: Task) => Promise<Measured[]>;

export interface Measurers {
  readonly measure: Measure;
  /** Ends what is under way. */
  close(): Promise<void>;
}

/** Does a task in this thread. */
export async function perform(task: Task, context: FitContext): Promise<Measured[]> {
  const { labels, classes, trainings, kept } = task;
  if (task.way === 'conv') {
    const none = { rows: labels.length, columns: 0, data: new Float32Array(0) };
    const problem = { features: none, spatial: tableOf(task.maps), labels, classes };
    return measureStored(convHead({ width: task.width, filters: undefined }), problem, trainings, kept, context);
  }
  const { features } = task;
  const problem = { features, labels, classes };
  if (task.way === 'dense') return measureStored(mlpHead(task), problem, trainings, kept, context);
  const measured: Measured[] = [];
  for (const precision of kept) {
    const folds = await measureHead(
      softmax,
      { ...problem, features: quantise(features, precision) },
      trainings,
      context,
    );
    measured.push({ width: features.columns, precision, folds });
  }
  return measured;
}
