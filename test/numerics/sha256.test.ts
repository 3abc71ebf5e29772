import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sha256 } from '../../src/numerics/sha256.ts';

const expected = (message: Uint8Array | string) => createHash('sha256').update(message).digest('hex');

test('agrees with Node on any bytes, at every place in a block', () => {
  for (let length = 0; length <= 200; length++) {
    const message = Uint8Array.from({ length }, (_, i) => (i * 37 + length) & 255);
    expect(sha256(message)).toBe(expected(message));
  }
  fc.assert(fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => sha256(bytes) === expected(bytes)));
});

test('takes text as UTF-8', () => {
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => sha256(text) === expected(text)));
});

test('reads a view where it lies', () => {
  const whole = Uint8Array.from({ length: 300 }, (_, i) => i & 255);
  expect(sha256(whole.subarray(3, 203))).toBe(expected(whole.slice(3, 203)));
});
