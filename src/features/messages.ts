/** Messages between threads. */

import type { PlainError } from '../errors.ts';
import type { Limits } from '../images/limits.ts';
import type { Preprocessing } from '../images/preprocessing.ts';
import type { View } from '../images/view.ts';
import type { Device } from '../runtime/platform.ts';
import type { Outcome } from './workerPool.ts';

/** What a worker is started with. */
export interface WorkerStart {
  /** The network of network.ts; all workers read the one copy. */
  readonly model: SharedArrayBuffer;
  readonly preprocessing: Preprocessing;
  readonly device: Device;
  /** How large a photo may be. */
  readonly limits: Partial<Limits>;
}

/** What the main thread says; `id` names a photo that is under way. */
export type ToWorker =
  | { readonly kind: 'photo'; readonly id: number; readonly file: string; readonly view: View | undefined }
  | { readonly kind: 'answer'; readonly id: number; readonly isWanted: boolean }
  | { readonly kind: 'close' };

/** What a worker says. */
export type FromWorker =
  | { readonly kind: 'hashed'; readonly id: number; readonly sha256: string }
  | { readonly kind: 'done'; readonly id: number; readonly outcome: Outcome }
  | { readonly kind: 'error'; readonly id: number; readonly error: PlainError };
