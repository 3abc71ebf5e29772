/** What page and worker say to each other. */

import type { PlainError } from '../errors.ts';
import type { Engine, StudioState, Work } from './engine.ts';
import type { MeasureTask } from './measure.ts';

/** Methods that are asked for and answered. */
export type Asked = Exclude<keyof Engine, 'watch' | 'phone'>;

export interface Question {
  readonly id: number;
  readonly method: Asked;
  readonly args: readonly unknown[];
}

export type FromEngine =
  /** The network is on its way. */
  | { readonly kind: 'loading'; readonly done: number; readonly total: number }
  | { readonly kind: 'state'; readonly state: StudioState }
  | { readonly kind: 'value'; readonly id: number; readonly value: unknown }
  /** Without an id it is the engine itself that cannot begin. */
  | { readonly kind: 'failed'; readonly id?: number; readonly error: PlainError };

/** What a worker that measures is given: files of photos by their paths. */
export interface PageTask extends MeasureTask {
  readonly files: ReadonlyMap<string, string>;
  readonly database: string;
  /** What the page's address says of the network. */
  readonly named: string | null;
}

/** What a worker says that does one piece of work. */
export type FromApart<Value> =
  | { readonly kind: 'work'; readonly work: Work }
  | { readonly kind: 'done'; readonly value: Value }
  | { readonly kind: 'failed'; readonly error: PlainError };
