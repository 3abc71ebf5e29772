/** What a backbone is: preprocessing and a network that ends at its features. */

import type { Preprocessing } from '../images/preprocessing.ts';
import type { Node, StoredTensor } from '../onnx/model.ts';

/** Where a network's spatial features lie, and how. */
export interface SpatialCut {
  readonly tensor: string;
  readonly channels: number;
  /**
   * nchw: [N, C, H, W]; nhwc: [N, H, W, C]; tokens: [N, T, C], of which `skip` leading ones are no patches; sequence:
   * [N, T, C], of which all are wanted in a row, as a map [N, T, 1, C].
   */
  readonly layout: 'nchw' | 'nhwc' | 'tokens' | 'sequence';
  readonly skip: number;
}

/** Statistics over the places of maps at several depths, side by side as one vector. */
export interface PooledMaps {
  readonly layout: 'pooled';
  /** Numbers of all of them together. */
  readonly channels: number;
  /** Shallow to deep. */
  readonly parts: readonly {
    readonly name: string;
    readonly map: SpatialCut;
    readonly statistics: readonly ('mean' | 'spread' | 'max')[];
  }[];
}

/** A network that ends at its features: everything after the cut is gone. Opset 13 or more. */
export interface CutNetwork {
  readonly irVersion: number;
  readonly opsets: ReadonlyMap<string, number>;
  readonly functions: readonly Uint8Array[];
  readonly nodes: readonly Node[];
  readonly initializers: readonly StoredTensor[];
  /** Name of the one input. */
  readonly input: string;
  /** Name of the tensor of features, float32 [N, width]. */
  readonly features: string;
  readonly width: number;
  readonly spatial?: SpatialCut;
  /** Earlier maps, shallow to deep, at most two: strides 8 and 16, or tokens at a third and two thirds of the depth. */
  readonly maps: readonly SpatialCut[];
  /** What can be read beside the features; undefined without earlier maps. */
  readonly pooled?: PooledMaps | undefined;
  /** Where the features are those of all depths (depths.ts): the network's own ones, and how many. */
  readonly own?: { readonly features: string; readonly width: number };
  /** true where the batch could not be made dynamic: one photo a run. */
  readonly fixedBatch: boolean;
}

/** A pretrained network with its preprocessing, ready for extraction and for export. */
export interface Backbone {
  /** The catalogue's name, or the file's. */
  readonly name: string;
  /** SHA-256 of the model file, lowercase hex. */
  readonly hash: string;
  /** As its source states it. */
  readonly licence?: string;
  readonly preprocessing: Preprocessing;
  readonly network: CutNetwork;
  /** What was cut, in words and in tensor names: part of the cache key. */
  readonly cut: string;
  /**
   * `carafe extract` has computed its features for the photos, which may be gone or far away: nothing else is read of them
   * unless it is asked for.
   */
  readonly isExtracted?: boolean;
}

/** A backbone as cards and results name it. */
export function describe({ name, hash, licence, network }: Backbone) {
  return { name, hash, ...(licence ? { licence } : {}), width: network.width };
}
