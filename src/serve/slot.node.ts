/** A classifier's file on disk, and what of it answers now. */

import { createHash } from 'node:crypto';
import type { Card } from '../classifier/card.ts';
import { readClassifier } from '../classifier/find.node.ts';
import { CarafeError } from '../errors.ts';
import type { Limits } from '../images/limits.ts';
import type { PhotoDetector } from '../runs/detect.node.ts';
import { openAny, type PhotoClassifier } from '../runs/load.node.ts';
import type { ServeEvent } from './events.ts';

/** A file that was opened and has passed its self-test. */
export interface Loaded {
  readonly opened: PhotoClassifier | PhotoDetector;
  /** The first 12 digits of the file's SHA-256. */
  readonly version: string;
  /** The how manieth file it is under its name, since the service began. */
  readonly number: number;
  readonly loadedAt: Date;
}

export interface ModelOptions {
  readonly threads: number;
  readonly limits: Limits;
  readonly minAccuracy?: number | undefined;
  readonly canary?: string | undefined;
  readonly canaryShare: number;
  readonly say: (event: ServeEvent) => void;
}

/** The lower end of the accuracy's interval, with several labels that of the exact match ratio; undefined for one class. */
export function accuracyOf(card: Card): { readonly value: number; readonly low: number } | undefined {
  if (card.task === 'one-class') return undefined;
  return card.task === 'single-label' ? card.evaluation.accuracy : card.evaluation.exactMatch;
}

/** A file on disk, and what of it answers now. */
export class Slot {
  current: Loaded | undefined;
  /** What the file looked like at the last look, and when it was last read. */
  seen = '';
  read = '';
  misses = 0;
  #count = 0;
  readonly #users = new Map<Loaded, number>();
  readonly #retired = new Set<Loaded>();

  constructor(
    readonly name: string,
    readonly path: string,
    readonly isCanary: boolean,
  ) {}

  /** Does the work with the file of now; a swap waits for it before it frees the old one. */
  async use<T>(loaded: Loaded, work: () => Promise<T>): Promise<T> {
    this.#users.set(loaded, (this.#users.get(loaded) ?? 0) + 1);
    try {
      return await work();
    } finally {
      const users = (this.#users.get(loaded) ?? 1) - 1;
      if (users > 0) this.#users.set(loaded, users);
      else {
        this.#users.delete(loaded);
        if (this.#retired.delete(loaded)) await loaded.opened.release();
      }
    }
  }

  /** Reads the file, runs its self-test, and answers with it from then on. @throws CarafeError */
  async load(options: ModelOptions, warm: boolean): Promise<void> {
    const began = performance.now();
    const found = await readClassifier(this.path);
    const version = createHash('sha256').update(found.bytes).digest('hex').slice(0, 12);
    if (version === this.current?.version) return;
    const opened = await openAny(found, { workers: options.threads, limits: options.limits });
    try {
      requireAccuracy(opened.card, found.file, options.minAccuracy);
      // As many at once as there are workers: all are started, and none of them by a request.
      const tests = await Promise.all(Array.from({ length: warm ? options.threads : 1 }, () => opened.verify()));
      if (tests.some(({ passed }) => !passed))
        throw new CarafeError(
          'VERIFY_FAILED',
          `${found.file} does not pass its self-test here.`,
          'The file was changed, or this machine computes something else. Copy it again, or train it again.',
        );
    } catch (error) {
      await opened.release();
      throw error;
    }
    const before = this.current;
    this.current = { opened, version, number: ++this.#count, loadedAt: new Date() };
    if (before) await this.#retire(before);
    options.say({
      event: 'loaded',
      model: this.name,
      version,
      accuracy: accuracyOf(opened.card)?.value,
      canary: this.isCanary,
      seconds: (performance.now() - began) / 1000,
    });
  }

  async close(): Promise<void> {
    const { current } = this;
    this.current = undefined;
    if (current) await this.#retire(current);
  }

  async #retire(loaded: Loaded): Promise<void> {
    if (this.#users.has(loaded)) this.#retired.add(loaded);
    else await loaded.opened.release();
  }
}

/** @throws CarafeError ASSERTION */
function requireAccuracy(card: Card, file: string, least: number | undefined): void {
  if (least === undefined) return;
  const accuracy = accuracyOf(card);
  if (accuracy && accuracy.low >= least) return;
  throw new CarafeError(
    'ASSERTION',
    accuracy
      ? `${file} has an accuracy of ${percent(accuracy.value)}, and the lower end of its interval, ${percent(accuracy.low)}, is below \`minAccuracy: ${least}\`.`
      : `${file} is a one-class classifier, which has no accuracy that \`minAccuracy\` could ask for.`,
    'Train it on more or better photos, or ask for less.',
  );
}

function percent(value: number): string {
  return `${(value * 100).toFixed(1)}%`;
}
