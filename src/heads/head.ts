import type { GraphBuilder } from '../onnx/builder.ts';
import type { Matrix, OpenSession, Progress } from '../platform.ts';

/** What a head is fitted on. Nothing of it is copied or changed. */
export interface Problem {
  /** Features, [N, D]. */
  readonly features: Matrix;
  /** Class of each photo, 0 .. classes - 1. */
  readonly labels: Int32Array;
  readonly classes: number;
  /** foldWeights[f][i]: the weight of photo i when fold f is fitted; 0 keeps it out. One entry fits once. */
  readonly foldWeights: readonly Float32Array[];
}

export interface FitContext {
  readonly openSession: OpenSession;
  readonly threads: number;
  readonly seed: number;
  readonly signal?: AbortSignal;
  readonly progress?: Progress;
}

/** One setting of the path, fitted for every fold. */
export interface PathStep<Settings, Fitted> {
  readonly settings: Settings;
  /** One fitted head a fold, in the order of `foldWeights`. */
  readonly folds: readonly Fitted[];
}

/**
 * A kind of head. A fitted head is plain data and keeps nothing of the training data.
 * @typeParam Settings what is chosen, in plain data
 * @typeParam Fitted what is learned, in plain data
 */
export interface Head<Settings, Fitted> {
  readonly name: string;
  readonly needs: 'pooled' | 'spatial';
  /** The settings to choose among, the simplest (most regularised) first. */
  grid(problem: Problem): readonly Settings[];
  /** Fits every setting of the grid for all folds at once, in the grid's order; the caller may stop early. */
  fitPath(problem: Problem, grid: readonly Settings[], context: FitContext): AsyncIterable<PathStep<Settings, Fitted>>;
  /** Adds the fitted head to a graph: float32 features [N, D] -> logits [N, classes]. Gives the logits' name. */
  toGraph(fitted: Fitted, builder: GraphBuilder, features: string): string;
}
