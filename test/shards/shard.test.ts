/** What a shard gives back, and what is no shard. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openShard, type ShardHead, type ShardRow, writeShard } from '../../src/shards/shard.node.ts';
import { precisions, readStoredVector, storeVector } from '../../src/shards/vectors.ts';

const head: ShardHead = {
  ...{ format: 'carafe-features', version: 1, run: '0123456789abcdef', part: 2, parts: 3 },
  ...{ source: 'photos', backbone: 'embedded', precision: 'float16' },
  spaces: [{ id: 'ab'.repeat(32), description: '{}', backbone: { name: 'drawn', hash: 'cd' }, width: 4 }],
};

async function readBack(bytes: Uint8Array): Promise<{ head: ShardHead; rows: ShardRow[] }> {
  const shard = openShard(bytes, 'a.parquet');
  const rows: ShardRow[] = [];
  for await (const block of shard.blocks()) for (const row of block) rows.push(row);
  return { head: shard.head, rows };
}

function row(i: number): ShardRow {
  return {
    ...{
      path: `ü/"${i}", 'x'.jpg`,
      labels: i % 3 === 0 ? [] : ['=1+1', `${i}`],
      split: i % 2 ? 'test' : null,
      group: null,
    },
    photo: {
      ...{ width: i + 1, height: 2, sha256: i.toString(16).padStart(64, '0') },
      ...{ space: 0, hash: i.toString(16).padStart(16, '0') },
      cells: Uint8Array.from({ length: 1024 }, (_, j) => (i + j) % 256),
      vector: storeVector(Float32Array.of(i, -i, 0, 0.5), 'float16'),
    },
  };
}

test('rows come back as they were, several blocks of them, and equal rows give equal bytes', async () => {
  const rows = Array.from({ length: 2345 }, (_, i) => row(i));
  const bytes = writeShard(head, rows);
  const back = await readBack(bytes);
  expect(back.head).toEqual(head);
  expect(back.rows).toHaveLength(rows.length);
  for (const i of [0, 1, 999, 1000, 1001, 2000, 2344]) expect(back.rows[i]).toEqual(rows[i]);
  expect(Buffer.compare(bytes, writeShard(head, rows))).toBe(0);
});

test('photos without features, and no photos at all', async () => {
  const failed: ShardRow = { ...row(1), photo: undefined, failure: { code: 'EMPTY', reason: 'x' } };
  expect((await readBack(writeShard(head, [failed]))).rows).toEqual([failed]);
  expect((await readBack(writeShard(head, []))).rows).toEqual([]);
});

describe('what is no shard is told, and nothing else is thrown', () => {
  const whole = writeShard(head, [row(1), row(2)]);
  test.each([
    ['nothing', new Uint8Array()],
    ['a photo', Uint8Array.from({ length: 500 }, (_, i) => i)],
    ['the first half', whole.slice(0, whole.length / 2)],
  ])('%s', async (_, bytes) => {
    await expect(readBack(bytes)).rejects.toThrow(expect.objectContaining({ code: 'UNREADABLE' }));
  });

  test('bytes that were changed anywhere', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, by) => {
        const changed = whole.slice();
        changed[at] ^= by;
        await expect(readBack(changed)).rejects.toThrow(expect.objectContaining({ code: 'UNREADABLE' }));
      }),
    );
  });
});

describe.each(precisions)('%s', (precision) => {
  const error = { float32: 0, float16: 2 ** -11, int8: 0.5 / 127 }[precision];
  test('is as near as its bytes allow', () => {
    fc.assert(
      fc.property(fc.array(fc.float({ min: -1000, max: 1000, noNaN: true }), { minLength: 1 }), (values) => {
        const features = Float32Array.from(values);
        const back = new Float32Array(features.length);
        const most = Math.max(...features.map(Math.abs));
        expect(readStoredVector(storeVector(features, precision), precision, back)).toBe(true);
        features.forEach((value, i) => {
          expect(Math.abs(back[i] - value)).toBeLessThanOrEqual(1.001 * error * most + 1e-7);
        });
      }),
    );
  });

  test('bytes of another length are refused, and an odd address is none', () => {
    const { bytes, scale } = storeVector(Float32Array.of(1, 2, 3), precision);
    expect(readStoredVector({ bytes, scale }, precision, new Float32Array(2))).toBe(false);
    const shifted = new Uint8Array(bytes.length + 1).subarray(1);
    shifted.set(bytes);
    const back = new Float32Array(3);
    readStoredVector({ bytes: shifted, scale }, precision, back);
    expect(back[2]).toBeCloseTo(3, 5);
  });
});
