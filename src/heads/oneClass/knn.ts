/** Distance to the k nearest normal photos. */

import { CarafeError } from '../../errors.ts';
import { gather } from '../../numerics/rows.ts';
import { centreOf } from '../direction.ts';
import { squaredDistanceNodes } from '../distances.ts';
import type { OneClassHead } from './oneClassHead.ts';

export type DistanceSettings = { readonly k: number };

export interface NormalPhotos {
  readonly k: number;
  /** [width] */
  readonly centre: Float32Array;
  /** The normal photos' features less the centre, [count, width]. */
  readonly points: Float32Array;
  readonly count: number;
}

/**
 * Mean Euclidean distance to the k nearest normal photos. These are the head: a file holds 4 bytes for each of their
 * features, so who must not pass them on takes another head.
 */
export const knn: OneClassHead<DistanceSettings, NormalPhotos> = {
  name: 'knn',
  needs: 'pooled',
  defaults: { k: 3 },
  async fit({ features }, rows, { k }) {
    requireRoom(rows.length, features.columns);
    const used = new Uint8Array(features.rows);
    for (const row of rows) used[row] = 1;
    const centre = centreOf(features, used);
    const points = gather(features, rows).data;
    for (let at = 0; at < points.length; at++) points[at] -= centre[at % centre.length];
    return { k: Math.min(k, rows.length), centre, points, count: rows.length };
  },
  toGraph({ k, centre, points, count }, g, [features]) {
    const x = g.node('Sub', [features, g.floats(centre)]);
    const all = g.floats(points, [count, centre.length]);
    const rough = squaredDistanceNodes(g, x, points, count, all);
    const [, nearest] = g.nodes('TopK', [rough, g.ints([k])], 2, { axis: 1, largest: 0 });
    // Once more from the differences: near 0, the products that found them have rounded their distances away.
    const found = g.node('Gather', [all, nearest], { axis: 0 });
    const apart = g.node('Sub', [found, g.node('Unsqueeze', [x, g.ints([1])])]);
    const squares = g.node('ReduceSum', [g.node('Mul', [apart, apart]), g.ints([2])], { keepdims: 0 });
    const sum = g.node('ReduceSum', [g.node('Sqrt', [squares]), g.ints([1])], { keepdims: 0 });
    return { score: g.node('Div', [sum, g.floats(k)]) };
  },
};

/** Where protobuf ends, less some room for the network. */
const mostFileBytes = 1.9e9;

/** @throws CarafeError USAGE where so many photos would not fit into the file */
function requireRoom(rows: number, columns: number): void {
  const bytes = 4 * rows * columns;
  if (bytes < mostFileBytes) return;
  throw new CarafeError(
    'USAGE',
    `knn keeps all photos in the file: ${rows.toLocaleString('en-US')} with ${columns.toLocaleString('en-US')} features take ${(bytes / 1e9).toFixed(1)} GB, and an ONNX file holds 2 GB.`,
    'Use the head gaussian, which keeps none of them.',
  );
}
