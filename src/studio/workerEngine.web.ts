/** The engine in a worker, as the page sees it. */

import { CarafeError, errorOf } from '../errors.ts';
import { message } from '../message.ts';
import type { Engine, StudioState } from './engine.ts';
import type { Asked, FromEngine, Question } from './messages.ts';

/** Starts the worker beside the page's script. */
export function workerEngine({
  onLoading,
  onBroken,
}: {
  readonly onLoading: (share: number) => void;
  readonly onBroken: (error: CarafeError) => void;
}): Engine {
  const worker = new Worker(new URL(`./worker.js${location.search}`, import.meta.url), { type: 'module' });
  const waiting = new Map<
    number,
    { readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void }
  >();
  const listeners = new Set<(state: StudioState) => void>();
  let last: StudioState | undefined;
  let ids = 0;
  worker.onmessage = ({ data }: MessageEvent<FromEngine>) => {
    if (data.kind === 'loading') onLoading(Math.min(1, data.done / data.total));
    else if (data.kind === 'state') {
      last = data.state;
      for (const listener of listeners) listener(last);
    } else {
      const asker = data.id === undefined ? undefined : waiting.get(data.id);
      if (data.id !== undefined) waiting.delete(data.id);
      if (data.kind === 'value') asker?.resolve(data.value);
      else if (asker) asker.reject(errorOf(data.error));
      else onBroken(errorOf(data.error));
    }
  };
  worker.onerror = ({ message: why }) =>
    onBroken(
      new CarafeError('INTERNAL', message`The studio broke: ${why}`, 'Load the page again; the photos are kept.'),
    );
  const ask = <T>(method: Asked, ...args: readonly unknown[]): Promise<T> =>
    new Promise<unknown>((resolve, reject) => {
      const id = ids++;
      waiting.set(id, { resolve, reject });
      const question: Question = { id, method, args };
      worker.postMessage(question);
      // Both ends are of one build, and share their types.
    }) as Promise<T>;
  return {
    watch(listener) {
      listeners.add(listener);
      if (last) listener(last);
      return () => listeners.delete(listener);
    },
    photos: (label) => ask('photos', label),
    add: (labels, photos, batch) => ask('add', labels, photos, batch),
    list: (file) => ask('list', file),
    edit: (edit) => ask('edit', edit),
    undo: () => ask('undo'),
    redo: () => ask('redo'),
    predict: (photo, options) => ask('predict', photo, options),
    measure: () => ask('measure'),
    cancel: () => ask('cancel'),
    results: () => ask('results'),
    picture: (path, isSmall) => ask('picture', path, isSmall),
    // Nothing leaves the page.
    phone: async () => undefined,
    startFrom: (classifier) => ask('startFrom', classifier),
    chooseNetwork: (files) => ask('chooseNetwork', files),
    file: (name) => ask('file', name),
    export: (wanted) => ask('export', wanted),
  };
}
