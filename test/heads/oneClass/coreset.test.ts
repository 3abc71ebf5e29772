import fc from 'fast-check';
import { expect, test } from 'vitest';
import { coreset } from '../../../src/heads/oneClass/coreset.ts';
import { patchBank } from '../../../src/heads/oneClass/patchBank.ts';
import { centred, type Patches } from '../../../src/heads/oneClass/patches.ts';
import { Random } from '../../../src/numerics/random.ts';
import type { Matrix } from '../../../src/runtime/platform.ts';
import { drawnPhotos, oneClassContext } from './drawn.ts';

const matrices = fc
  .record({ rows: fc.integer({ min: 1, max: 60 }), columns: fc.integer({ min: 1, max: 20 }), seed: fc.integer() })
  .map(({ rows, columns, seed }): Matrix => {
    const random = new Random(seed);
    // Few distinct values, so that equal rows and equal distances come up.
    const data = Float32Array.from({ length: rows * columns }, () => Math.round(2 * random.normal()));
    return { rows, columns, data };
  });

test('the next one is always a farthest one, as without the shortcuts', async () => {
  await fc.assert(
    fc.asyncProperty(matrices, fc.integer({ min: 1, max: 30 }), async (matrix, count) => {
      const chosen = await coreset(matrix, count, new Random('start'));
      if (matrix.rows <= count) {
        expect(chosen).toEqual(Int32Array.from({ length: matrix.rows }, (_, i) => i));
        return;
      }
      expect(new Set(chosen).size).toBe(chosen.length);
      for (let k = 1; k < chosen.length; k++) {
        const before = chosen.subarray(0, k);
        const distances = Array.from({ length: matrix.rows }, (_, i) => nearestOf(matrix, i, before));
        expect(distances[chosen[k]]).toBe(Math.max(...distances));
      }
      const left = Array.from({ length: matrix.rows }, (_, i) => nearestOf(matrix, i, chosen));
      if (chosen.length < count) expect(Math.max(...left)).toBe(0);
    }),
  );
});

test('a bank made in turns, within little memory, covers the patches nearly as well', async () => {
  const photos = await drawnPhotos(40, 0);
  const rows = Int32Array.from({ length: 40 }, (_, i) => i);
  const [shallow] = photos.maps ?? [];
  const identity = Float32Array.from({ length: 36 }, (_, at) => Number(at % 7 === 0));
  const start: Patches = {
    height: 12,
    width: 8,
    dims: 6,
    local: false,
    unit: false,
    depths: [{ height: 12, width: 8, channels: 6, weights: identity }],
    centre: new Float32Array(6),
  };
  const inputs = { ...photos, maps: [shallow] };
  const patches = await centred(start, inputs, rows, oneClassContext);
  const [whole, parts] = await Promise.all(
    [1e8, 1e4].map((memoryLimit) => patchBank(patches, inputs, rows, 50, { ...oneClassContext, memoryLimit })),
  );
  const everything = await patchBank(patches, inputs, rows, 1e6, oneClassContext);
  expect(everything.rows).toBe(40 * 96);
  expect([whole.rows, parts.rows]).toEqual([50, 50]);
  const radius = (bank: Matrix) => {
    const joined = {
      rows: 50 + everything.rows,
      columns: 6,
      data: Float32Array.from([...bank.data, ...everything.data]),
    };
    const own = Int32Array.from({ length: 50 }, (_, i) => i);
    return Math.sqrt(Math.max(...Array.from({ length: everything.rows }, (_, i) => nearestOf(joined, 50 + i, own))));
  };
  expect(radius(parts)).toBeLessThan(1.5 * radius(whole));
});

function nearestOf({ columns, data }: Matrix, row: number, among: Int32Array): number {
  return Math.min(
    ...Array.from(among, (other) => {
      let sum = 0;
      for (let d = 0; d < columns; d++) sum += (data[row * columns + d] - data[other * columns + d]) ** 2;
      return sum;
    }),
  );
}
