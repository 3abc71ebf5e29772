/** The classifiers of a service: found, opened, self-tested, swapped while it runs. */

import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { classifierIn, requireThere } from '../classifier/find.node.ts';
import { CarafeError } from '../errors.ts';
import { Problem } from './problem.ts';
import { type Loaded, type ModelOptions, Slot } from './slot.node.ts';

/** Milliseconds between looks at the files. Looking serves network drives too, whose changes no event tells. */
const pollEvery = 1000;
/** Looks in a row that must miss a file before its classifier goes. */
const missesToRemove = 3;

/** A classifier under its name, with its canary where it has one. */
export class Model {
  constructor(
    readonly name: string,
    private readonly main: Slot,
    private readonly canary: Slot | undefined,
    private readonly share: number,
  ) {}

  /** The file that answers, and the one on trial. @throws Problem NOT_READY */
  get current(): Loaded {
    if (this.main.current) return this.main.current;
    throw new Problem('NOT_READY', 'The classifier is not open yet.', 'Try again in 1 s.', { 'retry-after': '1' });
  }

  get onTrial(): { readonly loaded: Loaded; readonly share: number } | undefined {
    const loaded = this.canary?.current;
    return loaded && { loaded, share: this.share };
  }

  /** Does the work with one file, the same from beginning to end. */
  use<T>(work: (loaded: Loaded) => Promise<T>): Promise<T> {
    const trial = this.canary?.current;
    if (this.canary && trial && Math.random() < this.share) return this.canary.use(trial, () => work(trial));
    const loaded = this.current;
    return this.main.use(loaded, () => work(loaded));
  }
}

/** All classifiers of a service. */
export class Models {
  readonly #slots = new Map<string, Slot>();
  readonly #options: ModelOptions;
  readonly #source: string;
  #canary: Slot | undefined;
  #isFolder = false;
  #isReady = false;
  #poll: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();

  /** @param source a classifier.onnx, the folder that `train` wrote, or a folder of either */
  constructor(source: string, options: ModelOptions) {
    this.#source = source;
    this.#options = options;
  }

  /** Whether all files that were there at the beginning have passed their self-tests. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** Finds them; none is read yet. @throws CarafeError where there is none */
  async find(): Promise<void> {
    const { canary } = this.#options;
    await requireThere(this.#source);
    if (canary !== undefined) await requireThere(canary);
    const found = await this.#find();
    if (canary !== undefined && this.#isFolder)
      throw new CarafeError(
        'USAGE',
        '`canary` stands beside one classifier, and there are several.',
        'Give one classifier.',
      );
    for (const [name, path] of found) this.#slots.set(name, new Slot(name, path, false));
    if (canary !== undefined) this.#canary = new Slot([...found.keys()][0], canary, true);
  }

  /**
   * Opens all that were found, and looks for changes from then on.
   * @throws CarafeError where there is none that can be used
   */
  async open(): Promise<void> {
    const { say } = this.#options;
    for (const slot of this.#all) {
      slot.read = slot.seen = await stampOf(slot.path);
      try {
        await slot.load(this.#options, !this.#isFolder);
      } catch (error) {
        if (!this.#isFolder || !(error instanceof CarafeError)) throw error;
        say({ event: 'refused', model: slot.name, reason: error.message });
      }
    }
    if (this.list().length === 0)
      throw new CarafeError(
        'NOT_A_CLASSIFIER',
        `No classifier in ${this.#source} can be used.`,
        'Give a classifier.onnx that `carafe train` wrote.',
      );
    this.#isReady = true;
    this.#schedule();
  }

  list(): Model[] {
    return [...this.#slots.values()].filter(({ current }) => current !== undefined).map((slot) => this.#modelOf(slot));
  }

  /** @throws Problem NO_SUCH_MODEL */
  get(name: string): Model {
    const slot = this.#slots.get(name);
    if (slot && (slot.current || !this.#isReady)) return this.#modelOf(slot);
    throw new Problem('NO_SUCH_MODEL', 'There is no classifier of this name.', 'GET /v1/models lists them.');
  }

  /** The one that is meant where none is named. @throws Problem NO_SUCH_MODEL, NOT_READY */
  only(): Model {
    const [first, second] = this.#slots.values();
    if (first && !second) return this.#modelOf(first);
    if (!first || !this.#isReady)
      throw new Problem('NOT_READY', 'The service is starting.', 'Try again in 1 s.', { 'retry-after': '1' });
    throw new Problem(
      'NO_SUCH_MODEL',
      'This service has several classifiers.',
      'Name one: /v1/models/NAME/predict. GET /v1/models lists them.',
    );
  }

  /** Looks at the files now. */
  reload(): Promise<void> {
    this.#looking = this.#looking.then(() => this.#look(true));
    return this.#looking;
  }

  async close(): Promise<void> {
    clearTimeout(this.#poll);
    this.#poll = undefined;
    this.#isReady = false;
    await this.#looking;
    await Promise.all(this.#all.map((slot) => slot.close()));
  }

  get #all(): Slot[] {
    return [...this.#slots.values(), ...(this.#canary ? [this.#canary] : [])];
  }

  #modelOf(slot: Slot): Model {
    return new Model(slot.name, slot, this.#canary, this.#options.canaryShare);
  }

  #schedule(): void {
    this.#poll = setTimeout(() => {
      this.#looking = this.#looking.then(() => this.#look(false));
      void this.#looking.then(() => this.#poll && this.#schedule());
    }, pollEvery);
    this.#poll.unref();
  }

  /** Reads what has changed. A file that is still being written is read when it looks the same twice. */
  async #look(isAsked: boolean): Promise<void> {
    if (!this.#isReady) return;
    if (this.#isFolder) await this.#addAndRemove();
    for (const slot of this.#all) {
      const stamp = await stampOf(slot.path);
      const isSettled = isAsked || stamp === slot.seen;
      slot.seen = stamp;
      if (stamp === '' || stamp === slot.read || !isSettled) continue;
      slot.read = stamp;
      try {
        await slot.load(this.#options, !this.#isFolder);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        this.#options.say({ event: 'refused', model: slot.name, reason });
      }
    }
  }

  /** A folder that cannot be listed, such as a network drive that is away, changes nothing. */
  async #addAndRemove(): Promise<void> {
    const found = await this.#find().catch(() => undefined);
    if (!found) return;
    for (const [name, path] of found) if (!this.#slots.has(name)) this.#slots.set(name, new Slot(name, path, false));
    for (const [name, slot] of this.#slots) {
      slot.misses = found.has(name) ? 0 : slot.misses + 1;
      if (slot.misses < missesToRemove) continue;
      this.#slots.delete(name);
      await slot.close();
      this.#options.say({ event: 'removed', model: name });
    }
  }

  /** Names and paths: the one file, or what lies in the folder. @throws CarafeError */
  async #find(): Promise<Map<string, string>> {
    const source = this.#source;
    const isFolder = await stat(source).then(
      (info) => info.isDirectory(),
      () => false,
    );
    if (!isFolder && !this.#isFolder) return new Map([[nameOf(source), source]]);
    const entries = await readdir(source, { withFileTypes: true });
    if (!this.#isFolder && entries.some(({ name }) => name === usualName)) return new Map([[nameOf(source), source]]);
    const found = new Map<string, string>();
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(source, entry.name);
      if (entry.name.startsWith('.')) continue;
      if (entry.name.endsWith('.onnx')) found.set(nameOf(path), path);
      else if ((await stampOf(join(path, usualName))) !== '') found.set(entry.name, join(path, usualName));
    }
    if (found.size === 0 && !this.#isFolder) return new Map([[nameOf(source), await classifierIn(source)]]);
    this.#isFolder = true;
    return found;
  }
}

const usualName = 'classifier.onnx';

/** `my-classifier` of `my-classifier/classifier.onnx` and of `my-classifier.onnx`. */
function nameOf(path: string): string {
  const whole = resolve(path);
  const name = basename(whole) === usualName ? basename(dirname(whole)) : basename(whole, '.onnx');
  return name || 'classifier';
}

/** What a file looks like from outside; empty where there is none. */
async function stampOf(path: string): Promise<string> {
  try {
    const file = await classifierIn(path);
    const { ino, size, mtimeMs } = await stat(file);
    return `${ino} ${size} ${mtimeMs}`;
  } catch {
    return '';
  }
}
