/** Keeps a classifier as its folder of photos is: trains again when photos come, change or go. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { CarafeError } from '../errors.ts';
import { type OneClassHeadName, requireOneClassHeadName } from '../heads/oneClass/registry.ts';
import { type HeadName, requireHeadName } from '../heads/registry.ts';
import type { OneClassResult } from '../results/oneClassResult.ts';
import type { AnyTrainResult } from '../results/trainResult.ts';
import type { OneClassOptions, TrainOptions } from '../runs/options.ts';
import { photograph, withPlatform } from '../runs/platform.node.ts';
import { lockFolder } from '../runtime/lock.node.ts';
import { imageSet } from '../sets/imageSet.ts';
import type { WatchEvent } from './events.ts';
import { type Difference, difference, digestOf, Folder, type Look, type Stamps } from './folder.node.ts';
import { decide } from './gate.ts';
import { Journal } from './journal.node.ts';

/** What a user may choose. */
export interface WatchOptions
  extends Partial<
    Omit<TrainOptions, 'head' | 'compareWith' | 'tensorboard' | 'again' | 'onStage' | 'onProgress' | 'onFitting'> &
      Pick<OneClassOptions, 'normal' | 'memoryLimit' | 'force'>
  > {
  /** Learn from normal photos alone, as `trainOneClass` does; what that does not take is not used. */
  readonly oneClass?: boolean | undefined;
  readonly head?: HeadName | OneClassHeadName | undefined;
  /** Seconds between two looks at the folder (1 by default). A photo must look the same twice before it is used. */
  readonly every?: number | undefined;
  /** A version with a lower accuracy (the lower end of its interval) does not take the place of the one before. */
  readonly minAccuracy?: number | undefined;
  /** Versions whose files are kept (20 by default). */
  readonly keep?: number | undefined;
  readonly onEvent?: ((event: WatchEvent) => void) | undefined;
}

/** While photos go on coming, it trains on those that hold still after so many looks. */
const mostLooks = 30;
/** A look takes at most this share of the time. */
const share = 0.1;
/** More of the photos than this gone at once is believed after so many looks: a drive may be away. */
const believed = { share: 0.5, looks: 10 };

const defaults = { balance: false, refit: false, falsePositiveRate: 0.01 };

/**
 * Watches a folder of photos, or a list, until the signal is aborted: each change that holds still is trained on, and the new
 * version takes the place of the one before unless it is measurably worse. `out` then holds `classifier.onnx` and
 * `report.html` of the version that answers, `versions/` with all others, and `journal.jsonl`.
 * @throws CarafeError where `out` cannot be written, or another process watches into it
 */
export async function watch(source: string, options: WatchOptions = {}): Promise<void> {
  const { out = 'carafe-out', every = 1, signal, onEvent } = options;
  if (!(every > 0 && every <= 3600))
    throw new CarafeError('USAGE', '`every` is a number of seconds from 0 to 3600.', 'Give another value.');
  if (options.oneClass && options.minAccuracy !== undefined)
    throw new CarafeError('USAGE', '`minAccuracy`: one class has no accuracy.', 'Leave it out, or `oneClass`.');
  const journal = await Journal.open(out);
  const unlock = await lockFolder(out, '.carafe-watch', 'watches into');
  try {
    await new Watch(source, { ...options, out, every }, journal, (event) => onEvent?.(event)).run();
  } catch (error) {
    if (!signal?.aborted) throw error;
  } finally {
    await unlock();
  }
}

type Settings = WatchOptions & { readonly out: string; readonly every: number };

class Watch {
  readonly #source: string;
  readonly #options: Settings;
  readonly #journal: Journal;
  readonly #say: (event: WatchEvent) => void;
  /** Photos of the last training, and what was tried in vain since. */
  #trained: Stamps = new Map();
  #failed = '';
  #isAway = false;
  /** What was looked at before its training began. */
  #ahead = '';
  /** Looks since something was first seen to differ; looks since many photos were gone. */
  #waited = 0;
  #missed = 0;

  constructor(source: string, options: Settings, journal: Journal, say: (event: WatchEvent) => void) {
    this.#source = source;
    this.#options = options;
    this.#journal = journal;
    this.#say = say;
  }

  async run(): Promise<void> {
    const { every, signal } = this.#options;
    const { oneClass, normal } = this.#options;
    const flat = oneClass && normal === undefined;
    const known = oneClass && normal !== undefined ? [normal] : undefined;
    const folder = new Folder(this.#source, { ...this.#options, flat, known });
    this.#trained = await this.#journal.photosOf(
      this.#journal.rows.findLast(({ event }) => event === 'trained')?.version,
    );
    let isFirst = true;
    while (!signal?.aborted) {
      const began = performance.now();
      const look = await folder.look().catch((error: unknown) => this.#away(error, isFirst));
      const took = (performance.now() - began) / 1000;
      if (look) {
        if (isFirst)
          this.#say({
            event: 'watching',
            photos: look.set.items.length,
            version: this.#journal.current?.version,
          });
        isFirst = false;
        await this.#consider(look);
      }
      await pause(1000 * Math.max(every, Math.min(60, took / share)), undefined, signal ? { signal } : {});
    }
  }

  /**
   * A folder that is not there, or holds nothing, is no set to train on. Where nothing was trained before, one that is not
   * there from the start is a slip in its name.
   */
  #away(error: unknown, isFirst: boolean): undefined {
    if (!(error instanceof CarafeError)) throw error;
    if (isFirst && error.code === 'NOT_FOUND' && !this.#journal.current) throw error;
    this.#waited = 0;
    this.#setAway(error.message);
  }

  #setAway(reason: string | undefined): void {
    if (reason !== undefined && !this.#isAway) this.#say({ event: 'away', reason });
    if (reason === undefined && this.#isAway) this.#say({ event: 'back' });
    this.#isAway = reason !== undefined;
  }

  /** Trains where it is time to. */
  async #consider(look: Look): Promise<void> {
    const change = difference(this.#trained, look.still);
    const isMuchGone = change.removed > believed.share * this.#trained.size;
    if (!isMuchGone) this.#missed = 0;
    if (change.added + change.changed + change.removed === 0) {
      this.#waited = 0;
      if (look.moving === 0) this.#setAway(undefined);
      return;
    }
    this.#waited++;
    if (look.moving > 0 && this.#waited < mostLooks) return this.#lookAhead(look);
    if (isMuchGone && ++this.#missed < believed.looks)
      return this.#setAway(`${change.removed} of ${this.#trained.size} photos are gone at once.`);
    this.#missed = 0;
    this.#waited = 0;
    this.#setAway(undefined);
    const digest = digestOf(look.still);
    if (digest === this.#failed) return;
    await this.#train(look, change).catch((error: unknown) => {
      if (!(error instanceof CarafeError) || this.#options.signal?.aborted) throw error;
      this.#failed = digest;
      this.#say({ event: 'failed', reason: error.message });
    });
  }

  /** Computes the features of what holds still while other photos come: a run that ends where its fitting would begin. */
  async #lookAhead(look: Look): Promise<void> {
    const { signal } = this.#options;
    const digest = digestOf(look.still);
    if (look.still.size === 0 || digest === this.#ahead) return;
    this.#ahead = digest;
    const end = new AbortController();
    const ends = signal ? AbortSignal.any([signal, end.signal]) : end.signal;
    await this.#run(look, { signal: ends, onStage: () => end.abort(), onWarning: undefined }).catch(
      (error: unknown) => {
        // Training says what is wrong with these photos.
        if (!(error instanceof CarafeError) || signal?.aborted) throw error;
      },
    );
  }

  /** Trains on the photos that hold still. */
  async #run(
    { set, still }: Look,
    given: Partial<TrainOptions> & Pick<TrainOptions, 'signal'>,
  ): Promise<AnyTrainResult | OneClassResult> {
    const { train, trainOneClass } = await import('../runs/verbs.node.ts');
    const { minAccuracy: _, keep: __, onEvent: ___, every: ____, oneClass, head, ...own } = this.#options;
    const items = set.items.filter(({ path }) => still.has(path));
    const options = { ...defaults, ...own, ...given };
    return withPlatform(this.#source, options, (found): Promise<AnyTrainResult | OneClassResult> => {
      const platform = { ...found, photograph, findImageSet: async () => imageSet(set.source, items, set) };
      return oneClass
        ? trainOneClass(this.#source, { ...options, head: head && requireOneClassHeadName(head) }, platform)
        : train(this.#source, { ...options, head: head && requireHeadName(head) }, platform);
    });
  }

  async #train(look: Look, change: Difference): Promise<void> {
    const { out, minAccuracy, keep = 20, signal } = this.#options;
    const { still } = look;
    this.#say({ event: 'changed', ...change });
    const began = performance.now();
    await this.#journal.refresh();
    const { version, place } = await this.#journal.nextPlace();
    const before = join(out, 'classifier.onnx');
    const compareWith = existsSync(before) ? before : undefined;
    // An earlier version has its preprocessing inside, with its network.
    const inside = compareWith !== undefined && this.#options.preprocessing !== undefined;
    const network = inside ? { backbone: undefined, cut: undefined, preprocessing: undefined } : {};
    const result = await this.#run(look, { ...network, signal, out: place, compareWith });
    const { current } = this.#journal;
    const old = await this.#journal.photosOf(current?.version);
    const decision = decide(result, (path) => old.get(path) === still.get(path), minAccuracy);
    const row = await this.#journal.add(
      { version, photos: still.size, classes: result.task === 'one-class' ? 1 : result.classes.length, ...decision },
      still,
    );
    this.#trained = still;
    this.#say({
      event: 'version',
      row,
      report: this.#journal.report(version),
      seconds: (performance.now() - began) / 1000,
    });
    await this.#journal.prune(keep);
  }
}
