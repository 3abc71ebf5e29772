/** The reader's answers: kept in the browser, saved as a file, or to disk where the page is served. */

import { computed, signal } from '@preact/signals';
import { type Decision, type Review, review } from '../results/doctorResult.ts';

export type Saving = { readonly state: 'local' | 'saved' } | { readonly state: 'failed'; readonly reason: string };

const waitMilliseconds = 300;

/** All answers to one set of photos. */
export class Answers {
  readonly decisions = signal<ReadonlyMap<string, Decision>>(new Map());
  readonly saving = signal<Saving>({ state: 'local' });
  readonly canUndo = computed(() => this.#past.value.length > 0);
  readonly #past = signal<readonly { readonly before: ReadonlyMap<string, Decision>; readonly path: string }[]>([]);
  readonly #set: string;
  readonly #isServed = location.protocol.startsWith('http');
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** What names the answers on disk that this page has seen. */
  #seen: string | undefined;
  /** Answers are sent one after another, so that none overtakes the next. */
  #sending: Promise<void> = Promise.resolve();

  /** @param set the id of the set; answers to other sets are not taken */
  constructor(set: string) {
    this.#set = set;
    this.#take(this.#stored());
    if (this.#isServed) this.#sending = this.#merge();
  }

  /** Decides about photos at once; it is undone at once. */
  decide(all: readonly Decision[]): void {
    const [first] = all;
    if (!first) return;
    const before = this.decisions.value;
    this.#past.value = [...this.#past.value, { before, path: first.path }];
    const now = new Map(before);
    for (const decision of all) now.set(decision.path, decision);
    this.decisions.value = now;
    this.#keep();
  }

  /** Takes the last decision back; gives the photo that it was about. */
  undo(): string | undefined {
    const last = this.#past.value.at(-1);
    if (!last) return undefined;
    this.#past.value = this.#past.value.slice(0, -1);
    this.decisions.value = last.before;
    this.#keep();
    return last.path;
  }

  /** The review as a file in the reader's downloads. */
  download(): void {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([this.#text()], { type: 'application/json' }));
    link.download = 'review.json';
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  #text(): string {
    const whole: Review = { format: 'carafe review', set: this.#set, decisions: [...this.decisions.value.values()] };
    return `${JSON.stringify(whole, undefined, 1)}\n`;
  }

  #keep(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      try {
        localStorage.setItem(this.#key(), this.#text());
      } catch {
        // Some browsers keep nothing for pages from the disk; the file can be saved all the same.
      }
      if (this.#isServed) this.#sending = this.#sending.then(() => this.#send());
    }, waitMilliseconds);
  }

  async #send(): Promise<void> {
    try {
      const put = () =>
        fetch('review.json', {
          method: 'PUT',
          body: this.#text(),
          headers: this.#seen === undefined ? { 'If-None-Match': '*' } : { 'If-Match': this.#seen },
        });
      let response = await put();
      if (response.status === 412) {
        // Another tab has saved answers meanwhile.
        await this.#merge();
        response = await put();
      }
      this.#seen = response.headers.get('ETag') ?? this.#seen;
      this.saving.value = response.ok ? { state: 'saved' } : { state: 'failed', reason: await response.text() };
    } catch (error) {
      this.saving.value = { state: 'failed', reason: error instanceof Error ? error.message : String(error) };
    }
  }

  /** Takes what is on disk to what was decided here, which goes before. */
  async #merge(): Promise<void> {
    try {
      const response = await fetch('review.json');
      if (!response.ok) return;
      const own = this.decisions.value;
      if (!this.#take(await response.text())) return;
      this.#seen = response.headers.get('ETag') ?? undefined;
      this.decisions.value = new Map([...this.decisions.value, ...own]);
    } catch {
      // Nothing was saved yet, or the server has gone: sending will say so.
    }
  }

  #stored(): string | null {
    try {
      return localStorage.getItem(this.#key());
    } catch {
      return null;
    }
  }

  #key(): string {
    return `carafe review ${this.#set}`;
  }

  /** Whether it was a review of these photos. */
  #take(text: string | null): boolean {
    if (text === null) return false;
    try {
      const { success, data } = review.safeParse(JSON.parse(text));
      if (!success || data.set !== this.#set) return false;
      this.decisions.value = new Map(data.decisions.map((one) => [one.path, one]));
      return true;
    } catch {
      // What is half-written is no answer.
      return false;
    }
  }
}
