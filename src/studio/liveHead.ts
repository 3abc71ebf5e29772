/** The head that answers live, calibrated on photos that it had not seen. */

import type { Inputs } from '../features/mapTable.ts';
import type { FitContext, Head } from '../heads/head.ts';
import type { Linear } from '../heads/linear.ts';
import type { L2 } from '../heads/linearFit.ts';
import { predictLogits } from '../heads/predictLogits.ts';
import { sigmoid } from '../heads/sigmoid.ts';
import { softmax } from '../heads/softmax.ts';
import type { ClassCalibration } from '../metrics/classCalibration.ts';
import type { LabelCalibration } from '../metrics/labelCalibration.ts';
import type { GraphBuilder } from '../onnx/builder.ts';
import { isMultiLabel } from '../sets/imageSet.ts';
import type { Targets } from '../sets/targets.ts';
import { multiLabel } from '../tasks/multiLabel.ts';
import { singleLabel } from '../tasks/singleLabel.ts';
import type { Measured, Task } from '../tasks/task.ts';
import type { LabelledPhoto } from './engine.ts';

/** Photos are dealt into so many parts, of which each is answered for by what the others taught. */
const folds = 3;

export interface LiveHead {
  readonly head: Linear;
  /** Adds probabilities to a graph. Gives their name. */
  readonly calibrate: (g: GraphBuilder, logits: string) => string;
  /** From which probability on each label is given, where a photo may have several. */
  readonly given?: readonly number[] | undefined;
}

/** A task, as far as live answers need it. */
interface Way<T extends Targets, Calibration> {
  readonly task: Task<T, Calibration, Measured>;
  readonly head: Head<L2, Linear>;
  /** Where photos are too few to calibrate on. */
  readonly plain: (classes: number) => Calibration;
  readonly given: (calibration: Calibration) => readonly number[] | undefined;
}

const oneClass: Way<Targets, ClassCalibration> = {
  task: singleLabel,
  head: softmax,
  plain: () => ({ temperature: 1 }),
  given: () => undefined,
};
const severalLabels: Way<ReturnType<typeof multiLabel.targets>, LabelCalibration> = {
  task: multiLabel,
  head: sigmoid,
  plain(classes) {
    const each = <V>(value: V) => Array.from({ length: classes }, () => value);
    return { scale: each(1), shift: each(0), thresholds: each(0.5) };
  },
  given: ({ thresholds }) => thresholds,
};

/** Fits the head that the photos need: that of one class each, or of several labels. @param fold part of each photo */
export function fitHead(
  classes: readonly string[],
  photos: readonly LabelledPhoto[],
  inputs: Inputs,
  fold: Int32Array,
  context: FitContext,
): Promise<LiveHead> {
  return isMultiLabel({ items: photos })
    ? fitBy(severalLabels, classes, photos, inputs, fold, context)
    : fitBy(oneClass, classes, photos, inputs, fold, context);
}

async function fitBy<T extends Targets, Calibration>(
  { task, head: kind, plain, given }: Way<T, Calibration>,
  classes: readonly string[],
  photos: readonly LabelledPhoto[],
  inputs: Inputs,
  fold: Int32Array,
  context: FitContext,
): Promise<LiveHead> {
  const targets = task.targets(classes, photos);
  const rows = [...photos.keys()];
  const all = new Float32Array(photos.length).fill(1);
  const fitter = await kind.prepare({ ...inputs, ...targets, classes: classes.length }, context, rows);
  const settings = kind.defaults;
  try {
    const parts = [...new Set(fold)];
    const [head, ...without] = await fitter.fit(
      [
        { part: 0, weights: all, settings },
        ...parts.map((part) => ({
          part: part + 1,
          weights: Float32Array.from(fold, (own) => Number(own !== part)),
          settings,
        })),
      ],
      { loose: true },
    );
    const answers = await predictLogits(kind, without, inputs, context);
    const columns = classes.length;
    const logits = { rows: photos.length, columns, data: new Float32Array(photos.length * columns) };
    for (const row of rows) {
      const { data } = answers[parts.indexOf(fold[row])];
      logits.data.set(data.subarray(row * columns, (row + 1) * columns), row * columns);
    }
    const enough = photos.length >= 2 * folds && parts.length > 1;
    const calibration = enough
      ? await task.calibration.fit({ logits, targets, rows: Int32Array.from(rows), folds: fold, weights: all })
      : plain(classes.length);
    return {
      head,
      calibrate: (g, name) => task.calibration.toGraph(g, name, calibration),
      given: given(calibration),
    };
  } finally {
    await fitter.release();
  }
}

/**
 * The part of each photo: photos of each class, or of the same labels, are dealt in runs, in the order in which they came. Shots of one
 * burst follow each other, and stay together.
 */
export function dealt(photos: readonly LabelledPhoto[]): Int32Array {
  const keys = photos.map(({ labels }) => labels.toSorted().join('|'));
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  const seen = new Map<string, number>();
  return Int32Array.from(keys, (key) => {
    const before = seen.get(key) ?? 0;
    seen.set(key, before + 1);
    return Math.min(folds - 1, Math.floor((folds * before) / (counts.get(key) ?? 1)));
  });
}
