import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodePhoto } from '../../src/images/decode.node.ts';
import { readShot } from '../../src/images/shot.ts';

const whole = { resize: { rule: 'squash', height: 8, width: 8 }, kernel: 'bilinear' } as const;

function photo(exif: Record<string, Record<string, string>>): Promise<Uint8Array> {
  return sharp({ create: { width: 16, height: 16, channels: 3, background: 'red' } })
    .withExif(exif)
    .jpeg()
    .toBuffer();
}

describe('when a photo was taken, and by which camera', () => {
  it('is read from its EXIF block, to the fraction of a second', async () => {
    const bytes = await photo({
      IFD0: { Make: 'Maker', Model: 'Model 1' },
      IFD2: { DateTimeOriginal: '2024:05:06 07:08:09', SubSecTimeOriginal: '25' },
    });
    const { shot } = await decodePhoto(bytes, whole);
    expect(shot).toEqual({ time: Date.UTC(2024, 4, 6, 7, 8, 9, 250), camera: 'Maker Model 1' });
  });

  it('is read from a HEIC file', async () => {
    const bytes = readFileSync(new URL('../fixtures/images/formats/dated.heic', import.meta.url));
    const { shot } = await decodePhoto(bytes, whole);
    expect(shot).toEqual({ time: Date.UTC(2024, 4, 6, 7, 8, 9, 250), camera: 'Maker Model 1' });
  });

  it('is unknown where the EXIF block of a HEIC file is broken, and its picture is read nevertheless', async () => {
    const bytes = readFileSync(new URL('../fixtures/images/formats/dated.heic', import.meta.url));
    const block = bytes.lastIndexOf('MM\0*');
    expect(block).toBeGreaterThan(0);
    // How far behind its first number the block begins: as it is, behind the end, as far as a number goes.
    for (const away of [1000, 0xffffffff]) {
      const broken = Buffer.from(bytes);
      broken.writeUInt32BE(away, block - 4);
      const photo = await decodePhoto(broken, whole);
      expect([photo.shot, photo.width]).toEqual([undefined, 36]);
    }
  });

  it.each([
    ['no camera', { IFD2: { DateTimeOriginal: '2024:05:06 07:08:09' } }],
    ['no time', { IFD0: { Make: 'Maker' } }],
    ['no date', { IFD0: { Make: 'Maker' }, IFD2: { DateTimeOriginal: '    :  :     :  :  ' } }],
  ])('is unknown where there is %s', async (_, exif) => {
    expect((await decodePhoto(await photo(exif), whole)).shot).toBeUndefined();
  });

  it('is unknown where the block is missing or broken', async () => {
    expect(readShot(undefined)).toBeUndefined();
    for (const length of [0, 3, 6, 20, 500]) expect(readShot(new Uint8Array(length).fill(0x49))).toBeUndefined();
    const { exif } = await sharp(await photo({ IFD0: { Make: 'Maker' } })).metadata();
    for (let cut = 0; cut < (exif?.length ?? 0); cut++) expect(readShot(exif?.subarray(0, cut))).toBeUndefined();
  });
});
