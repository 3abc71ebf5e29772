import { readFileSync } from 'node:fs';
import * as z from 'zod';

const size = z.object({ width: z.number(), height: z.number() });
const fixture = z.object({
  pillow: z.string(),
  cases: z.array(
    z.object({
      from: size,
      to: size,
      kernel: z.enum(['nearest', 'bilinear', 'bicubic', 'lanczos3']),
      pixels: z.base64().transform((text) => new Uint8Array(Buffer.from(text, 'base64'))),
    }),
  ),
});

/** A drawn picture as Pillow resizes it: the same uint8 values as Hugging Face's image processors see. */
export const pillow = fixture.parse(
  JSON.parse(readFileSync(new URL('../fixtures/images/pillow.json', import.meta.url), 'utf8')),
).cases;
