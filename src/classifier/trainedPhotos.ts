/** Digests of the photos that a classifier was trained on. */

import * as z from 'zod/mini';

/** Hexadecimal digits of a photo's SHA-256: two of a million photos share them about once in five hundred sets. */
const digits = 12;

/**
 * The photos that a classifier learned from, as its card has them: the first digits of each one's SHA-256, sorted,
 * without gaps. It tells who has a photo whether it was learned, and nothing to others.
 */
export const trainedPhotosCard = z.string().check(z.regex(/^(?:[0-9a-f]{12})*$/));

/** @param before what a card has already */
export function trainedPhotos(sha256s: readonly string[], before = ''): string {
  return [...new Set([...listed(before), ...sha256s.map((sha256) => sha256.slice(0, digits))])].sort().join('');
}

/** How many photos a card lists. */
export function countTrained(photos = ''): number {
  return photos.length / digits;
}

function listed(photos: string): readonly string[] {
  return photos.match(/.{12}/g) ?? [];
}

/** Whether a classifier learned from the photo with this SHA-256; always false for older files, which list none. */
export function learnedFrom(photos = ''): (sha256: string) => boolean {
  const known = new Set(listed(photos));
  return (sha256) => known.has(sha256.slice(0, digits));
}
