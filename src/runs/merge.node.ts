/** Makes few files of the many parts of an extraction, once all are there. */

import { createHash } from 'node:crypto';
import { CarafeError, throwIfAborted } from '../errors.ts';
import { openPlace } from '../objects/open.node.ts';
import type { MergeResult } from '../results/extractResult.ts';
import { compare } from '../sets/imageSet.ts';
import { findShards, readParts } from '../shards/find.node.ts';
import type { ShardHead, ShardRow } from '../shards/shard.node.ts';
import { shardName } from '../shards/shardNames.ts';
import { version } from '../version.ts';
import { requireText } from './requireOptions.ts';

export interface MergeOptions {
  /** A folder, or `s3://bucket/prefix`, other than the one that holds the parts. */
  readonly out: string;
  readonly signal?: AbortSignal | undefined;
  /** Called with the parts that were read, and all. */
  readonly onPart?: ((done: number, all: number) => void) | undefined;
}

/** Photos in one file, about: 25 to 60 MB. */
const photosAFile = 10_000;

/**
 * Reads all parts, makes sure that they are whole and belong together, and writes them as few files.
 * @throws CarafeError NOT_FOUND where parts are missing; UNREADABLE where one is damaged; USAGE where there are several
 * extractions
 */
export async function merge(source: string, { out, signal, onPart }: MergeOptions): Promise<MergeResult> {
  const began = performance.now();
  requireText('source', source);
  requireText('out', out);
  const run = await findShards(openPlace(source));
  if (!run)
    throw new CarafeError(
      'NOT_FOUND',
      `'${source}' holds no features.`,
      'Give the folder or the s3:// address that `carafe extract` wrote to.',
    );
  const target = openPlace(out);
  const { writeShard } = await import('../shards/shard.node.ts');
  if (source.replace(/\/+$/, '') === out.replace(/\/+$/, ''))
    throw new CarafeError('USAGE', '`out` is where the parts lie.', 'Name another folder or prefix.');
  const partsAFile = await partsOfAFile(run);
  const files = Math.ceil(run.names.length / partsAFile);
  const merged = createHash('sha256').update(`${run.run} in ${files}`).digest('hex').slice(0, 16);
  const seen = new Set<string>();
  const counts = { usable: 0, copies: 0, failed: 0, bytes: 0, read: 0, written: 0 };
  const classes = new Map<string, number>();
  let head: ShardHead | undefined;
  let rows: ShardRow[] = [];
  let spaces: ShardHead['spaces'] = [];

  const flush = async (): Promise<void> => {
    if (!head) return;
    const name = { run: merged, part: ++counts.written, parts: files };
    const bytes = writeShard({ ...head, ...name, spaces }, rows);
    await target.write(shardName(name), bytes);
    counts.bytes += bytes.length;
    rows = [];
    spaces = [];
  };
  for await (const part of readParts(run)) {
    throwIfAborted(signal);
    head ??= part.head;
    const moved = part.head.spaces.map((space) => {
      const at = spaces.findIndex(({ id }) => id === space.id);
      return at >= 0 ? at : spaces.push(space) - 1;
    });
    for (const row of part.rows) {
      const { photo } = row;
      if (photo) {
        counts.usable++;
        if (seen.has(photo.sha256)) counts.copies++;
        seen.add(photo.sha256);
        for (const label of row.labels) classes.set(label, (classes.get(label) ?? 0) + 1);
      } else counts.failed++;
      rows.push(photo ? { ...row, photo: { ...photo, space: moved[photo.space] } } : row);
    }
    counts.read++;
    onPart?.(counts.read, run.names.length);
    if (counts.read % partsAFile === 0) await flush();
  }
  if (counts.read % partsAFile !== 0) await flush();
  return {
    version,
    command: 'merge',
    out,
    run: merged,
    parts: { read: counts.read, written: counts.written },
    photos: { usable: counts.usable, copies: counts.copies, failed: counts.failed },
    classes: Array.from(classes, ([label, count]) => ({ label, count })).sort((a, b) => compare(a.label, b.label)),
    bytes: counts.bytes,
    seconds: (performance.now() - began) / 1000,
  };
}

/** So many parts that a file has about `photosAFile` photos, guessed from the first part. */
async function partsOfAFile(run: NonNullable<Awaited<ReturnType<typeof findShards>>>): Promise<number> {
  for await (const { rows } of readParts({ ...run, names: run.names.slice(0, 1) }))
    return Math.max(1, Math.floor(photosAFile / Math.max(1, rows.length)));
  return 1;
}
