import { readFileSync } from 'node:fs';
import * as z from 'zod';

const size = z.object({ width: z.number(), height: z.number() });
const cases = z.array(
  z.object({
    from: size,
    to: size,
    kernel: z.enum(['nearest', 'bilinear', 'bicubic', 'lanczos3']),
    pixels: z.base64().transform((text) => new Uint8Array(Buffer.from(text, 'base64'))),
  }),
);
const fixture = z.object({ pillow: z.string(), cases, pads: cases });

/** A drawn picture as Pillow resizes it, whole or padded: the same uint8 values as Hugging Face's image processors see. */
export const { cases: pillow, pads: pillowPads } = fixture.parse(
  JSON.parse(readFileSync(new URL('../fixtures/images/pillow.json', import.meta.url), 'utf8')),
);
