import { expect, test } from 'vitest';
import { kMeans } from '../../src/numerics/kmeans.ts';
import { Random } from '../../src/numerics/random.ts';

/** Points around places far from each other, as many around each. */
function around(places: readonly (readonly number[])[], each: number, seed: string) {
  const random = new Random(seed);
  const rows = places.length * each;
  const data = Float32Array.from({ length: rows * 2 }, (_, at) => {
    return (places[Math.floor(at / 2) % places.length][at % 2] ?? 0) + 0.3 * random.normal();
  });
  return { rows, columns: 2, data };
}

const places = [
  [0, 0],
  [10, 0],
  [0, 10],
  [10, 10],
];

test('finds groups that are apart, whatever the seed', () => {
  for (let seed = 0; seed < 10; seed++) {
    const { assignments, centres, count } = kMeans(
      around(places, 15, `points ${seed}`),
      4,
      new Float32Array(60).fill(1),
      `${seed}`,
    );
    expect(count).toBe(4);
    const byPlace = places.map((_, place) => new Set(assignments.filter((_, row) => row % 4 === place)));
    expect(byPlace.map((own) => own.size)).toEqual([1, 1, 1, 1]);
    expect(new Set(byPlace.flatMap((own) => [...own])).size).toBe(4);
    for (const [place, own] of byPlace.entries()) {
      const [cluster = 0] = own;
      for (const d of [0, 1]) expect(Math.abs(centres[cluster * 2 + d] - places[place][d])).toBeLessThan(0.4);
    }
  }
});

test('rows that weigh nothing move no centre, and equal rows are one place', () => {
  const matrix = { rows: 4, columns: 1, data: Float32Array.of(0, 2, 100, 0) };
  const { centres, count, assignments } = kMeans(matrix, 1, [1, 1, 0, 0], 'weights');
  expect([count, centres[0]]).toEqual([1, 1]);
  expect([...assignments]).toEqual([0, 0, 0, 0]);
  expect(kMeans({ rows: 3, columns: 1, data: new Float32Array(3) }, 3, [1, 1, 1], 'equal').count).toBe(1);
});

test('the seed alone decides', () => {
  const matrix = around(places, 20, 'same');
  const weights = new Float32Array(80).fill(1);
  expect(kMeans(matrix, 7, weights, 'a')).toEqual(kMeans(matrix, 7, weights, 'a'));
});
