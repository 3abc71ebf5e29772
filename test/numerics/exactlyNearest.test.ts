import { describe, expect, it } from 'vitest';
import { exactlyNearest } from '../../src/numerics/exactlyNearest.ts';
import { Random } from '../../src/numerics/random.ts';
import { openSession } from '../../src/runtime/platform.node.ts';

const context = { openSession, threads: 1 };

function drawn(rows: number, columns: number) {
  const random = new Random(1);
  return { rows, columns, data: Float32Array.from({ length: rows * columns }, () => random.normal()) };
}

describe('the nearest rows by cosine', () => {
  it('are what comparing all finds, across blocks and for some rows only', async () => {
    const matrix = drawn(4400, 8);
    const rows = Int32Array.from({ length: 4300 }, (_, i) => 4399 - i);
    const unit = (row: number) => {
      const values = [...matrix.data.subarray(row * 8, row * 8 + 8)];
      const length = Math.hypot(...values);
      return values.map((value) => value / length);
    };
    const units = Array.from(rows, unit);
    const { count, places, distances } = await exactlyNearest(matrix, rows, 7, context);
    expect(count).toBe(7);
    for (const place of [0, 1023, 1024, 4095, 4096, 4299]) {
      const expected = units
        .map((other, at) => ({ at, distance: Math.hypot(...other.map((value, d) => value - units[place][d])) }))
        .filter(({ at }) => at !== place)
        .sort((a, b) => a.distance - b.distance)
        .slice(0, 7);
      expect([...places.subarray(place * 7, place * 7 + 7)]).toEqual(expected.map(({ at }) => at));
      for (const [i, { distance }] of expected.entries()) expect(distances[place * 7 + i]).toBeCloseTo(distance, 4);
    }
  });

  it('that are equally near come in the order of the rows', async () => {
    const copies = { rows: 4200, columns: 3, data: Float32Array.from({ length: 3 * 4200 }, (_, at) => 1 + (at % 3)) };
    const { places } = await exactlyNearest(
      copies,
      Int32Array.from({ length: 4200 }, (_, i) => i),
      3,
      context,
    );
    expect([...places.subarray(0, 3)]).toEqual([1, 2, 3]);
    expect([...places.subarray(4199 * 3)]).toEqual([0, 1, 2]);
  });

  it('are all others where there are fewer, and none of one row', async () => {
    const { count, places } = await exactlyNearest(drawn(3, 4), Int32Array.of(0, 1, 2), 50, context);
    expect(count).toBe(2);
    expect([...places.subarray(0, 2)].sort()).toEqual([1, 2]);
    expect((await exactlyNearest(drawn(1, 4), Int32Array.of(0), 50, context)).count).toBe(0);
    expect((await exactlyNearest(drawn(0, 4), new Int32Array(), 50, context)).count).toBe(0);
  });

  it('find no neighbour in a row that is not a number, and none of it', async () => {
    const matrix = drawn(5, 4);
    matrix.data.fill(Number.NaN, 4, 8);
    const { places, distances } = await exactlyNearest(matrix, Int32Array.of(0, 1, 2, 3, 4), 4, context);
    expect([...places.subarray(4, 8)]).toEqual([-1, -1, -1, -1]);
    expect([...places].filter((place) => place === 1)).toEqual([]);
    expect(distances[3]).toBe(Number.POSITIVE_INFINITY);
  });
});
