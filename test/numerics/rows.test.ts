/** Rows in memory and in a file, and what is made of them. */

import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { rowFile, rowsIn } from '../../src/features/rowFile.node.ts';
import {
  blocksOf,
  derived,
  firstOf,
  gather,
  gatherInPlace,
  pick,
  resident,
  rowsAt,
  writableMatrix,
} from '../../src/numerics/rows.ts';
import { ScratchFile } from '../../src/runtime/scratchFile.node.ts';

const folder = mkdtempSync(join(tmpdir(), 'carafe-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Row i holds 10 i, 10 i + 1, ... */
function drawn(rows: number, columns: number) {
  const matrix = writableMatrix({
    ...{ rows, columns },
    data: Float32Array.from({ length: rows * columns }, (_, at) => 10 * Math.floor(at / columns) + (at % columns)),
  });
  const stored = rowFile(folder, rows, columns);
  stored.write(0, matrix.data);
  return [matrix, stored] as const;
}

test('a file gives back what was written, by row and by block, and has no name', () => {
  const [matrix, stored] = drawn(9, 3);
  expect([...rowsAt(stored, 4, 2)]).toEqual([40, 41, 42, 50, 51, 52]);
  expect(resident(stored).data).toEqual(matrix.data);
  stored.write(4, Float32Array.of(1, 2, 3));
  expect([...rowsAt(stored, 3, 2)]).toEqual([30, 31, 32, 1, 2, 3]);
  expect(readdirSync(folder)).toEqual([]);
});

test('blocks begin at the same rows wherever these lie', () => {
  const blocks = drawn(10, 2).map((table) =>
    Array.from(blocksOf(table, 4), ({ from, rows, data }) => ({ from, rows, data: [...data] })),
  );
  expect(blocks[1]).toEqual(blocks[0]);
  expect(blocks[0].map(({ from, rows }) => [from, rows])).toEqual([
    [0, 4],
    [4, 4],
    [8, 2],
  ]);
});

test('named rows, the first rows and computed rows are the same from a file', () => {
  const [matrix, stored] = drawn(12, 3);
  const named = [7, 8, 9, 2, 2, 11];
  const tripled = (table: typeof stored) =>
    derived([table], 3, (from, target) => target.set(rowsAt(table, from, target.length / 3).map((value) => 3 * value)));
  for (const of of [
    (table: typeof stored) => pick(table, named),
    (table: typeof stored) => gather(table, named),
    (table: typeof stored) => firstOf(table, 5),
    (table: typeof stored) => firstOf(table, 12),
    tripled,
  ])
    expect(resident(of(stored))).toEqual(resident(of(matrix)));
  expect('data' in tripled(matrix)).toBe(true);
  expect('data' in tripled(stored)).toBe(false);
});

test('more named rows than a block holds are read when they are needed', () => {
  const matrix = { rows: 5, columns: 1000, data: Float32Array.from({ length: 5000 }, (_, at) => at) };
  const rows = Int32Array.from({ length: 5000 }, (_, i) => (i * 3) % 5);
  const many = pick(matrix, rows);
  expect('data' in many).toBe(false);
  expect(rowsAt(many, 4998, 2)).toEqual(gather(matrix, rows.subarray(4998)).data);
});

test('rows are brought into any order where they lie', () => {
  fc.assert(
    fc.property(fc.shuffledSubarray(Array.from({ length: 9 }, (_, i) => i)), (rows) => {
      for (const table of drawn(9, 2)) {
        gatherInPlace(table, rows);
        expect([...rowsAt(table, 0, rows.length)]).toEqual(rows.flatMap((row) => [10 * row, 10 * row + 1]));
      }
    }),
  );
});

test('few rows lie in memory, and many where there is room', () => {
  expect(rowsIn(folder, 100)(5, 5)).toBeUndefined();
  expect(rowsIn(folder, 100)(6, 5)).toMatchObject({ rows: 6, columns: 5 });
  expect(() => new ScratchFile(folder, 1e18, 'Features of very many photos')).toThrow(
    /^Features of very many photos take 1000000000\.0 GB of disk while they are used, and .* left\.\nFree some disk space/,
  );
});
