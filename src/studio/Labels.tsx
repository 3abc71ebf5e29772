/** Labels that may be wrong, decided photo by photo: what is decided is done at once, and can be taken back. */

import { computed, signal } from '@preact/signals';
import { useState } from 'preact/hooks';
import type { LabelError } from '../doctor/labelErrors.ts';
import type { Decision } from '../results/doctorResult.ts';
import { type Reviewer, ReviewPanel } from '../review/ReviewPanel.tsx';
import type { App } from './app.web.ts';

export function Labels({ app, errors }: { readonly app: App; readonly errors: readonly LabelError[] }) {
  // Results are measured again while labels are decided: the list stays as it was opened.
  const [questions] = useState(() => errors.map((error) => ({ ...error, kind: 'labels' as const, error })));
  const [reviewer] = useState(() => new DoneAtOnce(app));
  const address = (path: string) => app.address(reviewer.placeOf(path));
  return (
    <ReviewPanel
      questions={questions}
      classes={(app.state.value?.classes ?? []).map(({ name }) => name)}
      answers={reviewer}
      address={address}
      large={(path) => app.address(reviewer.placeOf(path), false)}
      hasDigits={false}
    />
  );
}

/** Moves photos and takes them out as they are decided about. */
class DoneAtOnce implements Reviewer {
  readonly decisions = signal<ReadonlyMap<string, Decision>>(new Map());
  readonly canUndo = computed(() => this.#done.value.length > 0);
  readonly #done = signal<readonly { readonly before: ReadonlyMap<string, Decision>; readonly last: Decision }[]>([]);
  readonly #app: App;

  constructor(app: App) {
    this.#app = app;
  }

  decide(all: readonly Decision[]): void {
    for (const last of all) {
      const before = this.decisions.value;
      this.#done.value = [...this.#done.value, { before, last }];
      this.decisions.value = new Map([...before, [last.path, last]]);
      const paths = [this.placeOf(last.path, before)];
      if (last.decision === 'drop') void this.#app.edit({ kind: 'drop', paths });
      if (last.decision === 'move') void this.#app.edit({ kind: 'move', paths, to: last.to });
    }
  }

  undo(): string | undefined {
    const done = this.#done.value.at(-1);
    if (!done) return undefined;
    this.#done.value = this.#done.value.slice(0, -1);
    this.decisions.value = done.before;
    if (done.last.decision === 'drop' || done.last.decision === 'move')
      void this.#app.do(() => this.#app.engine.undo());
    return done.last.path;
  }

  /** Where a photo lies that may have been moved. */
  placeOf(path: string, decisions = this.decisions.value): string {
    const decided = decisions.get(path);
    return decided?.decision === 'move' ? `${decided.to}/${path.slice(path.indexOf('/') + 1)}` : path;
  }
}
