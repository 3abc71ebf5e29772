import { expect, test } from 'vitest';
import { likeliestPlaces } from '../src/runs/learnedPhotos.ts';

const photo = (...files: string[]) => files;

test.each([
  ['one place each', [photo('/s/a/1.jpg'), photo('/s/b/2.jpg')], ['/s/a/1.jpg', '/s/b/2.jpg']],
  [
    'copies of some in other projects',
    [photo('/old/mix/1.jpg', '/sets/bees/1.jpg'), photo('/sets/bees/2.jpg', '/zoo/2.jpg'), photo('/sets/ants/3.jpg')],
    ['/sets/bees/1.jpg', '/sets/bees/2.jpg', '/sets/ants/3.jpg'],
  ],
  [
    'a whole copy beside: all from the same one',
    [photo('/p/new/a/1.jpg', '/p/old/a/1.jpg'), photo('/p/old/b/2.jpg', '/p/new/b/2.jpg')],
    ['/p/new/a/1.jpg', '/p/new/b/2.jpg'],
  ],
  [
    'a copy with labels mixed up that holds fewer',
    [photo('/p/a/x/1.jpg', '/p/b/y/1.jpg'), photo('/p/a/x/2.jpg'), photo('/p/b/x/3.jpg', '/p/a/y/3.jpg')],
    ['/p/a/x/1.jpg', '/p/a/x/2.jpg', '/p/a/y/3.jpg'],
  ],
  ['on Windows', [photo('C:\\b\\1.jpg', 'C:\\a\\1.jpg'), photo('C:\\b\\2.jpg')], ['C:\\b\\1.jpg', 'C:\\b\\2.jpg']],
  ['twice in one folder', [photo('/s/b.jpg', '/s/a.jpg')], ['/s/a.jpg']],
])('%s', (_, photos, expected) => {
  expect(likeliestPlaces(photos)).toEqual(expected);
  expect(likeliestPlaces(photos.map((files) => files.toReversed()))).toEqual(expected);
});
