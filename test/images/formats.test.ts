import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { ImageError } from '../../src/errors.ts';
import { decodePhoto } from '../../src/images/decode.node.ts';

const folder = new URL('../fixtures/images/', import.meta.url);
const schema = z.object({
  pixels: z.record(
    z.string(),
    z.base64().transform((text) => new Uint8Array(Buffer.from(text, 'base64'))),
  ),
  cases: z.array(
    z.union([
      z.object({ file: z.string(), refused: z.string() }),
      z.object({
        file: z.string(),
        tolerance: z.number(),
        width: z.number(),
        height: z.number(),
        pixels: z.string(),
        by: z.string(),
        remarks: z.array(z.string()).optional(),
      }),
    ]),
  ),
});
/** What formats.py wrote: files of every kind, and what Pillow, ImageMagick or libheif read of them. */
const { pixels, cases } = schema.parse(JSON.parse(readFileSync(new URL('formats.json', folder), 'utf8')));
const read = (file: string) => readFileSync(new URL(`formats/${file}`, folder));

test.each(cases.flatMap((each) => ('refused' in each ? [] : [each])))(
  '$file as $by reads it',
  async ({ file, tolerance, width, height, pixels: key, remarks }) => {
    const photo = await decodePhoto(read(file), { resize: { rule: 'squash', width, height }, kernel: 'bilinear' });
    expect([photo.width, photo.height, photo.remarks]).toEqual([width, height, remarks]);
    let worst = 0;
    for (const [at, value] of pixels[key].entries()) worst = Math.max(worst, Math.abs(value - photo.pixels.data[at]));
    expect(worst).toBeLessThanOrEqual(tolerance);
  },
);

test.each(cases.flatMap((each) => ('refused' in each ? [each] : [])))(
  '$file is refused: $refused',
  async ({ file, refused }) => {
    const work = decodePhoto(read(file), { resize: { rule: 'shortest-edge', size: 32 }, kernel: 'bilinear' });
    const error = await work.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ImageError);
    if (error instanceof ImageError) expect(error.reason).toContain(refused);
  },
);

test('every reason is of one sentence and says what to do', async () => {
  for (const each of cases)
    if ('refused' in each) {
      const work = decodePhoto(read(each.file), { resize: { rule: 'shortest-edge', size: 32 }, kernel: 'bilinear' });
      const { reason } = (await work.catch((thrown: unknown) => thrown)) as ImageError;
      expect(reason).toMatch(/; (convert|copy|export|scale|write)/);
      expect(reason).not.toContain('\n');
    }
});
