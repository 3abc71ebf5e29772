import fc from 'fast-check';
import { expect, test } from 'vitest';
import { learnedFrom, trainedPhotos, trainedPhotosCard } from '../../src/classifier/trainedPhotos.ts';

const sha256 = fc.stringMatching(/^[0-9a-f]{64}$/);

test('it knows the photos that it was told, and no others', () => {
  fc.assert(
    fc.property(fc.uniqueArray(sha256, { maxLength: 20 }), fc.nat(20), (all, count) => {
      const learned = all.slice(0, count);
      const text = trainedPhotos(learned);
      expect(trainedPhotosCard.parse(text)).toBe(text);
      expect(trainedPhotos(learned.toReversed())).toBe(text);
      expect(all.filter(learnedFrom(text))).toEqual(learned);
    }),
  );
});

test('a photo that is there twice is listed once; a file without a list knows none', () => {
  const id = 'ab'.repeat(32);
  expect(trainedPhotos([id, id])).toHaveLength(12);
  expect(learnedFrom(undefined)(id)).toBe(false);
});
