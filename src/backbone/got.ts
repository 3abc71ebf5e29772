/** A network that was downloaded ahead of time, as a schema. */

import * as z from 'zod';

export const gotBackbone = z.object({
  /** What `--backbone` takes. */
  name: z.string(),
  /** owner/name@commit on Hugging Face; null for a file from an address, or one that was here already. */
  source: z.string().nullable(),
  licence: z.string().nullable(),
  /** Path of the .onnx file on this machine. */
  file: z.string(),
  /** Of that file and of the weights beside it. */
  bytes: z.number().int(),
  /** SHA-256 of them: what cards and the cache know the network by. */
  hash: z.string(),
  /** Values a photo at the cut. */
  width: z.number().int(),
  /** The photo that the network sees. */
  inputSize: z.object({ height: z.number().int(), width: z.number().int() }),
  /** Digest of the shape of its cut, which the catalogue may state. */
  shape: z.string(),
});
export type GotBackbone = z.infer<typeof gotBackbone>;
