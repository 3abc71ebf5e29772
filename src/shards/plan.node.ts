/** The parts in which the features of a set are extracted: the same on every machine. */

import { createHash, hash } from 'node:crypto';
import { canonicalJson } from '../features/cacheKey.ts';
import type { VectorSpace } from '../features/store.ts';
import type { ImageItem } from '../sets/imageSet.ts';
import type { Precision } from './vectors.ts';

/** Photos of one part, on average: 8 to 25 seconds of one core. */
const usualPart = 1000;

export interface Plan {
  /** Names the extraction: of other photos, labels, networks, versions or settings it is another. */
  readonly run: string;
  /** Numbered from 1. */
  readonly parts: number;
  readonly itemsOf: (part: number) => ImageItem[];
  /** The numbers of the parts that fall to shard `index` (from 1) of `of`. */
  readonly partsOf: (shard: Shard) => number[];
}

/** Which of several processes this one is. */
export interface Shard {
  /** From 1. */
  readonly index: number;
  readonly of: number;
}

export interface PlanOptions {
  readonly space: VectorSpace;
  readonly precision: Precision;
  /** Processes that share the work: there are at least as many parts, as far as there are photos. */
  readonly shards?: number | undefined;
  /** On average. */
  readonly photosPerPart?: number | undefined;
}

/**
 * A photo's part depends on its path alone: on its content it would depend better (equal photos would be computed once),
 * but then each machine would have to read all photos to know its own.
 */
export function planParts(
  items: readonly ImageItem[],
  { space, precision, shards = 1, photosPerPart = usualPart }: PlanOptions,
): Plan {
  const parts = Math.max(1, Math.ceil(items.length / photosPerPart), Math.min(shards, items.length));
  const all = createHash('sha256').update(canonicalJson([space.id, precision, parts]));
  const byPart = Array.from({ length: parts }, (): ImageItem[] => []);
  for (const item of items) {
    const { path, labels, split, group } = item;
    all.update(canonicalJson([path, labels, split, group]));
    byPart[hash('sha256', path, 'buffer').readUInt32BE(0) % parts]!.push(item);
  }
  return {
    run: all.digest('hex').slice(0, 16),
    parts,
    itemsOf: (part) => byPart[part - 1] ?? [],
    partsOf: ({ index, of }) =>
      Array.from({ length: parts }, (_, at) => at + 1).filter((part) => (part - 1) % of === index - 1),
  };
}
