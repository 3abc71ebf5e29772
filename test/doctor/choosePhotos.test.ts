import { expect, test } from 'vitest';
import { choosePhotos } from '../../src/doctor/choosePhotos.ts';
import { Random } from '../../src/numerics/random.ts';
import { surenessOf } from '../../src/runs/next.ts';
import { context } from '../heads/drawn.ts';

const kinds = 6;
const width = 12;

/** Photos of six kinds that are apart, kind after kind; each kind has fewer than the one before. */
function drawn(seed = 'photos') {
  const random = new Random(seed);
  const centres = Float64Array.from({ length: kinds * width }, () => 3 * random.normal());
  const kind = Array.from({ length: kinds }, (_, k) => Array.from({ length: 40 - 5 * k }, () => k)).flat();
  const data = Float32Array.from({ length: kind.length * width }, (_, at) => {
    return 5 + centres[kind[Math.floor(at / width)] * width + (at % width)] + random.normal();
  });
  return {
    kind,
    features: { rows: kind.length, columns: width, data },
    groups: Int32Array.from(kind.keys()),
    labelled: [] as number[],
    seed: 0,
  };
}

test('without labels, one photo of each kind comes first, the most frequent kind before the others', async () => {
  for (let seed = 0; seed < 5; seed++) {
    const { kind, ...photos } = drawn(`photos ${seed}`);
    const chosen = await choosePhotos({ ...photos, seed, count: kinds }, context);
    expect(chosen.map(({ row }) => kind[row])).toEqual([0, 1, 2, 3, 4, 5]);
    expect(chosen.map(({ standsFor }) => standsFor)).toEqual([40, 35, 30, 25, 20, 15]);
  }
});

test('kinds that have a label come last, and labelled photos never', async () => {
  const { kind, ...photos } = drawn();
  const labelled = [0, 1, 2].map((k) => kind.indexOf(k));
  const chosen = await choosePhotos({ ...photos, labelled, count: 3 }, context);
  expect(new Set(chosen.map(({ row }) => kind[row]))).toEqual(new Set([3, 4, 5]));
  const all = await choosePhotos({ ...photos, labelled, count: 1000 }, context);
  expect(new Set(all.map(({ row }) => row)).size).toBe(kind.length - 3);
  expect(all.map(({ row }) => row)).not.toEqual(expect.arrayContaining([labelled[0]]));
});

test('near-duplicates are chosen once, and not at all where one of them has a label', async () => {
  const { kind, ...photos } = drawn();
  // The most frequent kind is one burst.
  const groups = photos.groups.map((group, row) => (kind[row] === 0 ? 0 : group));
  const all = await choosePhotos({ ...photos, groups, count: 1000 }, context);
  expect(all.filter(({ row }) => kind[row] === 0)).toHaveLength(1);
  const none = await choosePhotos({ ...photos, groups, labelled: [3], count: 1000 }, context);
  expect(none.filter(({ row }) => kind[row] === 0)).toEqual([]);
});

test('with a classifier, photos that it is unsure of are chosen, from several kinds', async () => {
  const { kind, ...photos } = drawn();
  const sureness = Float64Array.from(kind, (k, row) => (k < 3 && row % 4 === 0 ? 0.05 : 0.99));
  const chosen = await choosePhotos({ ...photos, sureness, count: 6 }, context);
  expect(chosen.every(({ row }) => sureness[row] < 0.5)).toBe(true);
  expect(new Set(chosen.map(({ row }) => kind[row]))).toEqual(new Set([0, 1, 2]));
});

test('how sure: the margin of one class, the least clear of several labels', () => {
  const probabilities = { rows: 2, columns: 3, data: Float32Array.of(0.2, 0.7, 0.1, 0.4, 0.2, 0.4) };
  expect([...surenessOf(probabilities, 'classes')].map((one) => Number(one.toFixed(3)))).toEqual([0.5, 0]);
  expect([...surenessOf(probabilities, 'labels')].map((one) => Number(one.toFixed(3)))).toEqual([0.4, 0.2]);
});
