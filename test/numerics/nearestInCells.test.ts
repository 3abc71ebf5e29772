import { expect, test } from 'vitest';
import { cellsOf, mostOfCell } from '../../src/numerics/cells.ts';
import { exactlyNearest } from '../../src/numerics/exactlyNearest.ts';
import { nearestInCells } from '../../src/numerics/nearestRows.ts';
import { Random } from '../../src/numerics/random.ts';
import { openSession } from '../../src/runtime/platform.node.ts';

const context = { openSession, threads: 1 };
const wanted = 12;

/** Rows about twenty centres; each tenth is nearly the one before it. */
function drawn(rows: number, columns: number) {
  const random = new Random('cells');
  const centres = Float32Array.from({ length: 20 * columns }, () => random.normal());
  const data = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++)
    for (let d = 0; d < columns; d++)
      data[row * columns + d] =
        row % 10 === 9
          ? data[(row - 1) * columns + d] + 0.1 * random.normal()
          : centres[(row % 20) * columns + d] + random.normal();
  return { rows, columns, data };
}

test('rows that share a cell find nearly all that are near, and their distances', async () => {
  const matrix = drawn(6000, 16);
  const rows = Int32Array.from({ length: 5000 }, (_, i) => 5999 - i);
  const [exact, near] = await Promise.all(
    [exactlyNearest, nearestInCells].map((search) => search(matrix, rows, wanted, context)),
  );
  expect(near.count).toBe(wanted);
  let [first, shared] = [0, 0];
  for (let place = 0; place < rows.length; place++) {
    const own = (list: ArrayLike<number>) => Array.from({ length: wanted }, (_, i) => list[place * wanted + i]);
    const [found, expected] = [own(near.places), own(exact.places)];
    expect(new Set(found).size).toBe(wanted);
    expect(own(near.distances)).toEqual(own(near.distances).sort((a, b) => a - b));
    const known = new Map(expected.map((other, i) => [other, own(exact.distances)[i]]));
    for (const [i, other] of found.entries())
      if (known.has(other)) expect(own(near.distances)[i]).toBeCloseTo(known.get(other) ?? 0, 3);
    first += Number(found[0] === expected[0]);
    shared += found.filter((other) => known.has(other)).length;
  }
  expect(first / rows.length).toBeGreaterThan(0.97);
  expect(shared / near.places.length).toBeGreaterThan(0.9);
});

test('few rows, and rows that are no numbers, have the neighbours that there are', async () => {
  const matrix = drawn(5, 4);
  matrix.data.fill(Number.NaN, 4, 8);
  const { count, places } = await nearestInCells(matrix, Int32Array.of(0, 1, 2, 3, 4), 50, context);
  expect(count).toBe(4);
  expect([...places.subarray(4, 8)]).toEqual([-1, -1, -1, -1]);
  expect([...places.subarray(0, 3)].sort()).toEqual([2, 3, 4]);
  expect((await nearestInCells(matrix, Int32Array.of(2), 50, context)).count).toBe(0);
});

test('no cell is larger than the work for it may be, however many rows are equal', async () => {
  const [rows, columns] = [mostOfCell + 1000, 2];
  const data = Float32Array.from({ length: rows * columns }, (_, at) => (at % columns === 0 ? 1 : 0));
  const cells = await cellsOf({ rows, columns, data }, context);
  expect(Math.max(...cells.map(({ length }) => length))).toBeLessThanOrEqual(mostOfCell);
  expect(new Set(cells.flatMap((cell) => [...cell])).size).toBe(rows);
  for (const cell of cells) expect(cell).toEqual(cell.toSorted());
});
