/** The interface of a pool of workers that process photos. */

import type { ImageFailureCode } from '../errors.ts';
import type { View } from '../images/view.ts';
import type { KnownPhoto, Look, MapRecord } from './store.ts';

/** Why a photo cannot be used. */
export interface PhotoFailure {
  readonly code: ImageFailureCode;
  /** One sentence, without the path. */
  readonly reason: string;
}

/** What came of one photo. */
export type Outcome =
  /** The file could not be read. */
  | { readonly kind: 'unread'; readonly failure: PhotoFailure }
  /** Read, and nothing was wanted of it. */
  | { readonly kind: 'skipped'; readonly sha256: string }
  /** Read, and not a photo that can be decoded. */
  | { readonly kind: 'failed'; readonly sha256: string; readonly failure: PhotoFailure }
  | (Look &
      KnownPhoto & {
        readonly kind: 'computed';
        readonly sha256: string;
        readonly features: Float32Array;
        /** The maps that were asked for, by the names of the network's outputs. */
        readonly maps: ReadonlyMap<string, MapRecord>;
      });

/** Reads, decodes and runs photos beside the caller's thread. */
export interface WorkerPool {
  /** How many photos may be under way at once so that no worker waits. */
  readonly capacity: number;
  /**
   * Processes one photo, or a view of it. Once its bytes are read and hashed, `isWanted` is asked whether to go on.
   * Rejects when the worker itself breaks.
   */
  process(file: string, view: View | undefined, isWanted: (sha256: string) => Promise<boolean>): Promise<Outcome>;
  close(): Promise<void>;
}
