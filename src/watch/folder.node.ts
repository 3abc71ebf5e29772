/** Looks at a folder of photos: what is there, what holds still, and what has changed. */

import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { findImageSet } from '../sets/find.node.ts';
import type { FindOptions, ImageItem, ImageSet } from '../sets/imageSet.ts';

/** What each photo looked like from outside, by its path: labels, size, time, place on the disk. */
export type Stamps = ReadonlyMap<string, string>;

/** One look. */
export interface Look {
  readonly set: ImageSet;
  /** Photos that looked the same at the look before. */
  readonly still: Stamps;
  /** Photos that did not, or went away since: copies that are still being written, or a folder that is being cleared. */
  readonly moving: number;
}

/** Files that are looked at side by side. */
const together = 64;

/** A folder, or a list, looked at again and again. No event is needed, so network drives serve as well as disks. */
export class Folder {
  readonly #source: string;
  readonly #find: FindOptions;
  #seen: Stamps = new Map();

  constructor(source: string, find: FindOptions) {
    this.#source = source;
    this.#find = find;
  }

  /** @throws CarafeError where the folder is away, or has no photo */
  async look(): Promise<Look> {
    const set = await findImageSet(this.#source, this.#find);
    const stamps = await stampsOf(set.items);
    const still = new Map([...stamps].filter(([path, stamp]) => this.#seen.get(path) === stamp));
    const { removed } = difference(this.#seen, stamps);
    this.#seen = stamps;
    return { set, still, moving: stamps.size - still.size + removed };
  }
}

async function stampsOf(items: readonly ImageItem[]): Promise<Stamps> {
  const stamps = new Map<string, string>();
  for (let at = 0; at < items.length; at += together)
    await Promise.all(
      items.slice(at, at + together).map(async ({ path, file, labels, group, split }) => {
        // What went away between the two is gone.
        const info = await stat(file).catch(() => undefined);
        if (info) stamps.set(path, JSON.stringify([labels, group, split, info.size, info.mtimeMs, info.ino]));
      }),
    );
  return stamps;
}

/** How two states of a folder differ. */
export interface Difference {
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
}

export function difference(before: Stamps, after: Stamps): Difference {
  let [added, changed, removed] = [0, 0, 0];
  for (const [path, stamp] of after) {
    const old = before.get(path);
    if (old === undefined) added++;
    else if (old !== stamp) changed++;
  }
  for (const path of before.keys()) if (!after.has(path)) removed++;
  return { added, changed, removed };
}

/** The state of a folder in one word: equal states have equal words, whatever the order. */
export function digestOf(stamps: Stamps): string {
  const hash = createHash('sha256');
  for (const entry of [...stamps].sort(([a], [b]) => (a < b ? -1 : 1))) hash.update(JSON.stringify(entry));
  return hash.digest('hex');
}
