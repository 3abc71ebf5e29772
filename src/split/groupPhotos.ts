/** The input of a split: labels, groups and content hashes of photos. */

import type { Extraction } from '../features/extraction.ts';
import { firstRows } from '../features/mapTable.ts';
import type { GivenSplit } from '../sets/imageSet.ts';
import { type DuplicateGroups, groupDuplicates } from './duplicates.ts';

/** Photos as a split sees them: who they are, which stay together, and the sides that the user has chosen. */
export interface GroupedPhotos extends DuplicateGroups {
  /** SHA-256 of each photo's bytes. */
  readonly ids: readonly string[];
  readonly given: readonly (GivenSplit | undefined)[];
}

/** @param labels class of each photo; equal photos of different classes are conflicts */
export async function groupPhotos(
  extraction: Extraction,
  labels: Int32Array,
  context: Parameters<typeof groupDuplicates>[1],
): Promise<GroupedPhotos> {
  const { items, photos } = extraction;
  const { features } = firstRows(extraction, items.length);
  const ids = photos.map(({ sha256 }) => sha256);
  const hashes = photos.map(({ hash }) => hash);
  const pictures = photos.map(({ cells, width, height }) => ({ cells, aspect: width / height }));
  const shots = photos.map(({ shot }) => shot);
  const together = items.map(({ group }) => group);
  return {
    ids,
    given: items.map(({ split }) => split),
    ...(await groupDuplicates({ features, ids, hashes, pictures, shots, labels, given: together }, context)),
  };
}
