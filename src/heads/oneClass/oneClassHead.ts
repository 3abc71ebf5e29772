/** The interface of a one-class head. */

import type { Inputs } from '../../features/mapTable.ts';
import type { GraphBuilder } from '../../onnx/builder.ts';
import type { FitContext } from '../head.ts';

export interface OneClassContext extends FitContext {
  /** Memory in bytes that fitting may use besides the features (1e9 by default); patch-based heads respect it. */
  readonly memoryLimit?: number | undefined;
}

/** Default memory limit of fitting, in bytes. */
export const usualMemory = 1e9;

/** Tensors that a head adds to a graph. */
export interface ScoreTensors {
  /** float32 [n]: the higher, the less normal; never below 0 but for `svm`, whose scores are minus decision values. */
  readonly score: string;
  /** float32 [n, height, width] anomaly map, for patch-based heads. */
  readonly heatmap?: string | undefined;
}

/**
 * A kind of one-class head: fitted on normal photos alone, it gives every photo a score. A fitted head is plain data and
 * keeps no reference to the training data.
 * @typeParam Settings what is chosen, in plain data
 * @typeParam Fitted what is learned, in plain data
 */
export interface OneClassHead<Settings, Fitted> {
  readonly name: string;
  /** What it reads: features, or the maps of patches. */
  readonly needs: 'pooled' | 'maps';
  readonly defaults: Settings;
  /** Fits on the named rows, all of them normal; no other row is looked at. */
  fit(inputs: Inputs, rows: Int32Array, settings: Settings, context: OneClassContext): Promise<Fitted>;
  /** Adds the fitted head to a graph. In: float32 [n, D], or for each map float32 [n, H, W, C]. */
  toGraph(fitted: Fitted, builder: GraphBuilder, inputs: readonly string[]): ScoreTensors;
}
