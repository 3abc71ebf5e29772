import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dataAddress } from '../../src/report/pictures.ts';

test('a picture is in its address, byte for byte', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
      expect(dataAddress(bytes)).toBe(`data:image/webp;base64,${Buffer.from(bytes).toString('base64')}`);
    }),
  );
});
