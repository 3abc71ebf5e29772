/** Where the photos lie that a classifier learned from, as far as the cache knows. */

import type { Card } from '../classifier/card.ts';
import { learnedFrom } from '../classifier/trainedPhotos.ts';
import type { ExtractionPlatform } from '../features/extraction.ts';
import type { ImageItem } from '../sets/imageSet.ts';

/** What the classifier learned from and is still where the cache saw it, unchanged; without labels, which no card has. */
export async function learnedPhotos(
  { training }: Pick<Card, 'training'>,
  { store, stamp }: Pick<ExtractionPlatform, 'store' | 'stamp'>,
): Promise<{ readonly folder: string; readonly items: ImageItem[] }> {
  const isLearned = learnedFrom(training.photos);
  const photos = new Map<string, string[]>();
  for await (const file of store.files()) {
    const now = stamp(file);
    const sha256 = now && (await store.sha256At(file, now));
    if (sha256 && isLearned(sha256)) photos.set(sha256, [...(photos.get(sha256) ?? []), file]);
  }
  const files = likeliestPlaces([...photos.values()]).sort();
  const folder = sharedFolder(files);
  return {
    folder,
    items: files.map((file) => ({ path: file.slice(folder.length).replaceAll('\\', '/'), file, labels: [] })),
  };
}

/**
 * Of copies of a photo, the one in the folder that holds most of the photos that were learned, folder by folder from the
 * top: other projects hold copies of some, the set itself all.
 */
export function likeliestPlaces(photos: readonly (readonly string[])[]): string[] {
  const learned = new Map<string, number>();
  for (const files of photos)
    for (const folder of new Set(files.flatMap(foldersOf))) learned.set(folder, (learned.get(folder) ?? 0) + 1);
  const isLikelier = (a: string, b: string): boolean => {
    const [ours, theirs] = [foldersOf(a), foldersOf(b)];
    const apart = ours.findIndex((folder, depth) => folder !== theirs[depth]);
    if (apart < 0) return a < b;
    const more = (learned.get(ours[apart]) ?? 0) - (learned.get(theirs[apart] ?? '') ?? 0);
    return more === 0 ? ours[apart] < (theirs[apart] ?? '') : more > 0;
  };
  return photos.map((files) => files.reduce((best, file) => (isLikelier(file, best) ? file : best)));
}

/** The folders in which a file lies, the highest first. */
function foldersOf(file: string): string[] {
  return [...file.matchAll(/[/\\]/g)].map(({ index }) => file.slice(0, index + 1));
}

/** The folder, with its separator, in which all of the sorted files lie; empty where there is none. */
function sharedFolder(files: readonly string[]): string {
  const [first = '', last = ''] = [files[0], files.at(-1)];
  let same = 0;
  while (same < first.length && first[same] === last[same]) same++;
  return first.slice(0, Math.max(first.lastIndexOf('/', same - 1), first.lastIndexOf('\\', same - 1)) + 1);
}
