/** The interface of a head. */

import type { SpatialCut } from '../backbone/backbone.ts';
import { firstRows, type Inputs } from '../features/mapTable.ts';
import type { Rows } from '../numerics/rows.ts';
import type { GraphBuilder } from '../onnx/builder.ts';
import type { Model } from '../onnx/model.ts';
import type { StoredFloats } from '../onnx/storedFloats.ts';
import type { OpenSession, Progress } from '../runtime/platform.ts';
import type { Targets } from '../sets/targets.ts';
import type { Linear } from './linear.ts';

/** What a head is fitted on. Nothing of it is copied or changed. */
export interface Problem extends Inputs {
  /** [N] Class of each row, 0 .. classes - 1; ignored if there is `truth`. */
  readonly labels: Int32Array;
  /** [N, classes] Where a row may have several classes or none: 1 for each of its classes. */
  readonly truth?: Uint8Array | undefined;
  readonly classes: number;
  /**
   * Rows that are photos; behind them, view after view, lie views of all of them, which are trained on and never judged.
   * All rows are photos unless told.
   */
  readonly photos?: number | undefined;
}

/**
 * What is known of photos, and of their views behind them, as a problem.
 * @param targets of the photos alone: a view shows what its photo shows
 */
export function problemOf(inputs: Inputs, { labels, truth, classes }: Targets): Problem {
  const { rows } = inputs.features;
  const photos = labels.length;
  const columns = classes.length;
  return {
    ...inputs,
    labels: Int32Array.from({ length: rows }, (_, row) => labels[row % photos]),
    truth: truth && Uint8Array.from({ length: rows * columns }, (_, at) => truth[at % truth.length]),
    classes: columns,
    photos,
  };
}

/** The photos of a problem, without views. */
export function photosOf(problem: Problem): Problem {
  const { photos, labels, truth, classes } = problem;
  if (photos === undefined) return problem;
  return {
    ...problem,
    ...firstRows(problem, photos),
    labels: labels.subarray(0, photos),
    truth: truth?.subarray(0, photos * classes),
    photos: undefined,
  };
}

/** Weights of photos, [photos], as weights of rows: a photo and its views share its weight. */
export function rowWeights({ labels, photos = labels.length }: Problem, weights: Float32Array): Float32Array {
  if (photos === labels.length) return weights;
  return Float32Array.from(labels, (_, row) => (weights[row % photos] * photos) / labels.length);
}

export interface FitContext {
  readonly openSession: OpenSession;
  readonly threads: number;
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
  readonly progress?: Progress | undefined;
}

/** One fit: on which photos, with which settings. */
export interface FitJob<Settings, Fitted> {
  /** Number of the training part. Jobs of one part have equal weights: what is found of its rows alone is kept by this. */
  readonly part: number;
  /** [N] The weight of each row; 0 keeps it out: nothing of the result depends on it. */
  readonly weights: Float32Array;
  readonly settings: Settings;
  /** To start from: a head that this fitter gave, for about the same rows. */
  readonly start?: Fitted | undefined;
}

/** Receives the logits [classes] of head number k for a photo. */
export type VisitLogits = (k: number, row: number, logits: Float32Array) => void;

/** A head kind that is ready to be fitted on one problem, as often as wanted. */
export interface Fitter<Settings, Fitted> {
  /**
   * Does all the jobs together and gives one fitted head a job; what a job's result owes to the others is below the
   * precision of the fit. `loose`: a tolerance that is good enough to compare settings by.
   */
  fit(jobs: readonly FitJob<Settings, Fitted>[], options?: { readonly loose?: boolean }): Promise<Fitted[]>;
  /**
   * Where heads that are only compared have their logits for less than it takes to make and run them: fits loosely, calls
   * `visit` with job k's logits [classes] of each photo, and gives heads that are good to start from, and for nothing else.
   */
  tryOut?(jobs: readonly FitJob<Settings, Fitted>[], visit: VisitLogits): Promise<Fitted[]>;
  release(): Promise<void>;
}

/** Changes of the classes without fitting. A class is renamed by its label alone, which no head knows. */
export interface ClassEdits<Fitted> {
  /** Reads the fitted head back from a graph made by `toGraph`; undefined if the graph does not contain it. */
  read(stored: StoredFloats, settings: Readonly<Record<string, unknown>>): Fitted | undefined;
  /** How many classes it has. */
  count(fitted: Fitted): number;
  /** More photos of class `label`, by their features; `count` makes a new last class. */
  add(fitted: Fitted, photos: Rows, label: number): Fitted;
  /** Class i of the result has the photos of the classes in `groups[i]`; classes that are in none are gone. */
  regroup(fitted: Fitted, groups: readonly (readonly number[])[]): Fitted;
}

/**
 * A kind of head. A fitted head is plain data and keeps no reference to the training data.
 * @typeParam Settings what is chosen, in plain data
 * @typeParam Fitted what is learned, in plain data
 */
export interface Head<Settings, Fitted> {
  readonly name: string;
  /** What it reads: features, the spatial features, or what enters the network's last stage. */
  readonly needs: 'pooled' | 'spatial' | 'stage';
  /** What it reads besides, if it reads two things. */
  readonly beside?: Head<never, never>['needs'];
  /** In which representation of the photos it finds them, by names, the outermost first; absent: the inputs themselves. */
  readonly reads?: readonly string[] | undefined;
  /** Where the last stage begins, of a head that reads what enters it. */
  readonly cut?: SpatialCut;
  /** Operator set and functions that its graph needs, where it holds a part of a network. */
  readonly model?: Pick<Model, 'irVersion' | 'opsets' | 'functions'>;
  /** Settings used if there are no inner folds to choose with. */
  readonly defaults: Settings;
  /** Whether it is trained by minibatches, which take seconds a training part: few photos are then judged less often. */
  readonly slow?: boolean;
  /** Whether a dozen fits together take little longer than one. */
  readonly manyAtOnce?: true;
  /** A warning that it does not use all of so many photos; undefined where it does. */
  leavesOut?(photos: Pick<Rows, 'rows' | 'columns'> & { readonly classes: number }): string | undefined;
  /** The settings to choose among, the simplest (most regularised) first. */
  grid(problem: Problem): readonly Settings[];
  /**
   * Whether settings are compared by its logits as they are fitted, which are log-odds, and not by what a temperature makes of
   * them: among few photos that would hide that a penalty is too strong, which mixes classes up.
   */
  comparedAsFitted?(problem: Problem): boolean;
  /**
   * Whether `prepare` learns from the rows, without labels. Then each training part is prepared by itself, so that nothing
   * is learned from photos that it is judged on.
   */
  preparesApart?(problem: Problem): boolean;
  /** @param rows those that some job will use, views among them, ascending */
  prepare(problem: Problem, context: FitContext, rows: readonly number[]): Promise<Fitter<Settings, Fitted>>;
  /**
   * Adds the fitted head to a graph. In: what it needs, float32 [N, D] or [N, H, W, C]. Gives the name of the logits,
   * float32 [N, classes].
   * @param beside what it reads besides, in the same form
   */
  toGraph(fitted: Fitted, builder: GraphBuilder, input: string, beside?: string): string;
  /** Numbers of one photo between what it reads and the logits, where these may be many. */
  numbersBetween?(fitted: Fitted): number;
  /** One head whose logits are those of the given heads, concatenated; undefined if that is not cheap. */
  stack?(fitted: readonly Fitted[]): Fitted | undefined;
  /** Where classes can be changed in no time. */
  readonly edits?: ClassEdits<Fitted>;
}

/** A head that ends in a dense layer. */
export interface NetworkHead<Settings, Fitted extends { readonly output: Linear }> extends Head<Settings, Fitted> {
  /** Adds the fitted head without that layer: gives the name of what the layer reads, float32 [N, width]. */
  toHidden(fitted: Fitted, builder: GraphBuilder, input: string): string;
}

/** The same head on another representation of the photos. */
export function reading<Settings, Fitted>(head: Head<Settings, Fitted>, name: string): Head<Settings, Fitted> {
  return { ...head, reads: [name, ...(head.reads ?? [])] };
}

/** What a head reads of the photos. What enters the last stage is the same at all depths, so it may lie around them. */
export function inputsOf<I extends Inputs>({ reads = [] }: Pick<Head<never, never>, 'reads'>, inputs: I): I {
  let found: Inputs = inputs;
  for (const name of reads) {
    const inner = found.representations?.get(name);
    if (!inner) throw new TypeError(`there is no representation '${name}'`);
    const { stage, mirrored } = inner.stage ? inner : found;
    found = { ...inner, stage, mirrored };
  }
  if (found === inputs) return inputs;
  const { features, spatial, maps, stage, mirrored, representations } = found;
  return { ...inputs, features, spatial, maps, stage, mirrored, representations };
}

/** A head, and the problem as it reads it: the head then reads the problem itself. */
export function readBy<H extends Pick<Head<never, never>, 'reads'>, I extends Inputs>(head: H, inputs: I): [H, I] {
  return head.reads ? [{ ...head, reads: undefined }, inputsOf(head, inputs)] : [head, inputs];
}
