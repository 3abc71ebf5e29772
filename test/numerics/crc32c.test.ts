import fc from 'fast-check';
import { expect, test } from 'vitest';
import { crc32c } from '../../src/numerics/crc32c.ts';

test.each([
  ['no bytes', new Uint8Array(), 0],
  ['"123456789"', new TextEncoder().encode('123456789'), 0xe3069283],
  // RFC 3720, appendix B.4
  ['32 zeros', new Uint8Array(32), 0x8a9136aa],
  ['32 times 255', new Uint8Array(32).fill(255), 0x62a8ab43],
  ['0 to 31', Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
])('the known checksum of %s', (_, bytes, expected) => {
  expect(crc32c(bytes)).toBe(expected);
});

test('a flipped bit never goes unseen', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), fc.nat(), fc.nat(7), (bytes, place, bit) => {
      const changed = bytes.slice();
      changed[place % bytes.length] ^= 1 << bit;
      return crc32c(changed) !== crc32c(bytes);
    }),
  );
});
