/** The interface of a task: everything that differs between single-label and multi-label. */

import type { LabelErrors, LabelErrorsInput } from '../doctor/labelErrors.ts';
import type { AboutPhoto, Shortcuts } from '../doctor/shortcut.ts';
import type { Situation, Verdict } from '../doctor/verdict.ts';
import type { AnyHead } from '../heads/registry.ts';
import type { ClassCalibration } from '../metrics/classCalibration.ts';
import type { JudgedPhotos } from '../metrics/evaluate.ts';
import type { Evaluation } from '../metrics/evaluation.ts';
import type { LabelCalibration } from '../metrics/labelCalibration.ts';
import type { LabelEvaluation } from '../metrics/labelEvaluation.ts';
import type { Metric } from '../metrics/metric.ts';
import type { CalibrationData, OutOfFold } from '../metrics/outOfFold.ts';
import type { SetOptions } from '../metrics/predictionSets.ts';
import type { NeighbourContext } from '../numerics/exactlyNearest.ts';
import type { GraphBuilder } from '../onnx/builder.ts';
import type { Matrix } from '../runtime/platform.ts';
import type { ImageItem } from '../sets/imageSet.ts';
import type { Targets } from '../sets/targets.ts';

/** What was measured of a classifier, as its card and its result have it. */
export type Measured =
  | {
      readonly task: 'single-label';
      readonly calibration: ClassCalibration;
      readonly evaluation: Evaluation;
    }
  | {
      readonly task: 'multi-label';
      readonly calibration: LabelCalibration;
      readonly evaluation: LabelEvaluation;
    };

/** Answers with the calibration in the file, and the probabilities where the file itself gave them. */
export interface Answers<Calibration> extends OutOfFold<Calibration> {
  readonly calibration: Calibration;
  /** [R, C] */
  readonly probabilities?: Matrix | undefined;
}

/** Calibrated answers for some photos, with their targets. */
export interface Answered<T extends Targets, Calibration> {
  /** [R, C] */
  readonly probabilities: Matrix;
  /** [R] */
  readonly calibrations: readonly Calibration[];
  readonly targets: T;
}

/** Options that some tasks refuse; `auto`: a head chosen among all. */
export type Refusable = 'balance' | 'budget' | 'bottleneck' | 'auto' | 'coverage' | 'robustness';

/**
 * A task: single-label or multi-label classification. Everything that differs between tasks is here; training,
 * cross-validation, comparisons and files are the same for all. One-class learning is not a task, since it has no classes,
 * logits or calibration (heads/oneClass/).
 */
export interface Task<T extends Targets, Calibration, M extends Measured> {
  readonly name: M['task'];
  /** What it gives a photo, in words: a class, or labels. */
  readonly kind: 'classes' | 'labels';
  /** Heads that fit, the simplest first. */
  readonly heads: readonly AnyHead[];
  /** The default head. */
  readonly usual: AnyHead;
  /** The head used instead if the default would take very long. */
  readonly light?: AnyHead;
  /** Why an option has no meaning here, and what to do instead. */
  readonly refuses: Readonly<Partial<Record<Refusable, { readonly what: string; readonly hint: string }>>>;
  /** @throws CarafeError USAGE where there is no such head, or none that fits */
  headNamed(name: string): AnyHead;
  /** What the photos show. */
  targets(classes: readonly string[], items: readonly Pick<ImageItem, 'labels'>[]): T;
  /**
   * The question for some of the classes alone.
   * @returns with the photos that it can be asked of; targets of other photos mean nothing
   */
  restrict(targets: T, classes: readonly number[]): { readonly targets: T; readonly photos: Int32Array };
  /** Answers as they are compared with those of a classifier that knows some of the classes alone. */
  comparable(answered: Answered<T, Calibration>, classes: readonly number[]): Answered<T, Calibration>;
  /** How logits become probabilities. */
  readonly calibration: {
    /** @param sets prediction sets to be made of such answers, where the task has them */
    fit(data: CalibrationData<T>, sets?: SetOptions): Calibration | Promise<Calibration>;
    /** [R, C] With one calibration for all rows, or one a row. */
    probabilities(logits: Matrix, calibrations: Calibration | readonly Calibration[]): Matrix;
    /**
     * Logits [R, C] that give these probabilities.
     * @param calibrated logits of the probabilities, where the file gives them
     */
    logits(calibration: Calibration, probabilities: Matrix, calibrated?: Matrix): Matrix;
    /** Adds `probabilities` to a graph: float32 [N, C] in and out; gives the name of the probabilities. */
    toGraph(builder: GraphBuilder, logits: string, calibration: Calibration): string;
  };
  /** The metric by which classifiers are compared. */
  readonly metric: Metric<T>;
  /** Numbers of the classes that a photo is given, ascending. @param probabilities [C] */
  given(probabilities: Float32Array, calibration: Calibration): number[];
  /** All figures. */
  evaluate(answers: Answers<Calibration>, targets: T, facts: JudgedPhotos): M;
  /** The verdict in words. @param run undefined if a finished file is measured */
  verdict(evaluation: M['evaluation'], run?: Situation): Verdict;
  /** Shortcuts: file properties that separate the classes without the photos' content. */
  shortcuts(photos: readonly AboutPhoto[], targets: T, groups: Int32Array, seed: number): Shortcuts;
  /** Label errors among all photos, whatever side of the split they are on. */
  labelErrors?(photos: LabelErrorsInput, context: NeighbourContext): Promise<LabelErrors>;
}

/** A task whose calibrations and figures are its own affair. */
export type AnyTask = Task<Targets, unknown, Measured>;
