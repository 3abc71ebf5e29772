import { expect, test } from 'vitest';
import { Random } from '../../src/numerics/random.ts';
import { findSeries, type SeriesPhoto } from '../../src/split/series.ts';
import { drawScene, shoot } from './scenes.ts';

const photo = ({ cells, aspect }: ReturnType<typeof shoot>): SeriesPhoto => ({
  cells,
  width: 300 * aspect,
  height: 300,
});
const frames = (scene: string, count: number): SeriesPhoto[] => {
  const random = new Random(`frames of ${scene}`);
  const drawn = drawScene(scene);
  return Array.from({ length: count }, () =>
    photo(shoot(drawn, { left: 0.06 * random.uniform(), top: 0.06 * random.uniform(), width: 0.94, height: 0.94 })),
  );
};
const scenes = (name: string, count: number): SeriesPhoto[] =>
  Array.from({ length: count }, (_, i) => photo(shoot(drawScene(`${name} ${i}`))));
const labelled = (sets: Readonly<Record<string, SeriesPhoto[]>>, groups?: readonly number[], given?: string) => {
  const photos = Object.values(sets).flat();
  const items = Object.entries(sets).flatMap(([label, own]) =>
    own.map((_, i) => ({ labels: [label], ...(label === given && { group: `thing ${i}` }) })),
  );
  return findSeries(
    photos,
    items,
    Int32Array.from(photos, (_, row) => groups?.[row] ?? row),
    0,
  );
};

test('classes that are one burst each are told, others not', () => {
  expect(labelled({ rose: frames('a', 12), tulip: frames('b', 12) })?.labels).toEqual(['rose', 'tulip']);
  const one = labelled({ rose: frames('a', 30), tulip: scenes('tulip', 30) });
  expect(one?.labels).toEqual(['rose']);
  expect(one?.sentence).toMatch(/^The photos of 'rose' all look the same/);
  expect(labelled({ rose: scenes('rose', 20), tulip: scenes('tulip', 20) })).toBeUndefined();
});

test('who has said of each photo of a class what it belongs with is not told', () => {
  expect(labelled({ rose: frames('a', 12), tulip: frames('b', 12) }, undefined, 'rose')?.labels).toEqual(['tulip']);
});

test('photos that are grouped count once, and several series in one class are no single one', () => {
  const rose = [...frames('a', 6), ...frames('b', 6), ...frames('c', 6)];
  expect(labelled({ rose, tulip: scenes('tulip', 9) })).toBeUndefined();
  // All but three frames are known to belong together: too little is left to be told.
  expect(labelled({ rose: frames('a', 12) }, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2])).toBeUndefined();
});
