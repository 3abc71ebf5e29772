/** The schema of an inspected network. */

import * as z from 'zod';

const size = z.union([z.number().int(), z.string()]);
const value = z.object({ name: z.string(), type: z.string().optional(), shape: z.array(size).optional() });
const count = z.number().nonnegative();

const layer = z.object({
  name: z.string(),
  /** Such as `Conv 3x3`, `Conv 3x3 depthwise`, `Dense`, `BatchNormalization`, `GlobalAveragePool`. */
  type: z.string(),
  /** Channels in and out; null where they do not apply. */
  in: z.number().int().nullable(),
  out: z.number().int().nullable(),
  /** Places of the output: `[height, width]` of a map, `[tokens]`, or empty for one vector. */
  places: z.array(z.number().int()),
  parameters: count,
  /** Multiplications with addition for one photo. */
  macs: count,
  bottleneck: z.boolean(),
  /** It lies after the cut, and is no part of the backbone. */
  dropped: z.boolean(),
});

/** A layer that narrows the network, and what that saves. */
const bottleneck = z.object({
  name: z.string(),
  /** Channels before, in the bottleneck, and after it. */
  before: z.number().int(),
  width: z.number().int(),
  after: z.number().int(),
  /** Against the same block without it: the layers that follow run at the width that comes in. Negative: it costs. */
  saves: z.object({ parameters: z.number(), macs: z.number() }),
});

const cut = z.object({
  cut: z.string(),
  tensor: z.string(),
  readout: z.string(),
  width: z.number().int(),
});

/** What `carafe inspect --json` prints of a network. */
export const inspection = z.object({
  opset: z.number().int(),
  irVersion: z.number().int(),
  producer: z.string(),
  inputs: z.array(value),
  outputs: z.array(value),
  /** The photo's size that sizes and MACs are for. */
  inputSize: z.object({ height: z.number().int(), width: z.number().int() }),
  layers: z.array(layer),
  bottlenecks: z.array(bottleneck),
  totals: z.object({ layers: z.number().int(), parameters: count, macs: count }),
  /** Where it is cut, and where it could be; null where no cut is found, with the reason. */
  cut: z.object({ chosen: cut, candidates: z.array(cut), spatial: z.string().nullable() }).nullable(),
  noCutReason: z.string().optional(),
});
export type Inspection = z.infer<typeof inspection>;
export type InspectedLayer = z.infer<typeof layer>;
export type InspectedBottleneck = z.infer<typeof bottleneck>;
