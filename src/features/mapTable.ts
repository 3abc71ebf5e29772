/** Feature maps, one row per photo, read when needed. */

import { CarafeError } from '../errors.ts';
import { firstOf, type Rows, rowsAt } from '../numerics/rows.ts';
import { type AnyTensor, float32, type Tensor } from '../runtime/platform.ts';
import type { MapRecord } from './store.ts';

/**
 * Feature maps of photos, channels-last, float16 bits. A row is read when it is needed: all of them may be more than the
 * memory holds.
 */
export interface MapTable {
  readonly rows: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** Copies the map of one photo, [height, width, channels], into `target`. */
  read(row: number, target: Uint16Array): Promise<void>;
}

/** What is known of photos, a row each; maps only where they were asked for. */
export interface Inputs {
  /** [N, D] */
  readonly features: Rows;
  /** The last feature map before pooling. */
  readonly spatial?: MapTable | undefined;
  /** Earlier maps, shallow to deep. */
  readonly maps?: readonly MapTable[] | undefined;
  /** What enters the network's last stage. */
  readonly stage?: MapTable | undefined;
  /** The same of mirrored photos, without views. */
  readonly mirrored?: MapTable | undefined;
  /** The same photos seen or read in other ways, by name; a head names the one that it reads (`Head.reads`). */
  readonly representations?: ReadonlyMap<string, Inputs> | undefined;
}

/** The first rows of all that is known of photos; nothing is copied. */
export function firstRows({ features, spatial, maps, stage, mirrored, representations }: Inputs, rows: number): Inputs {
  return {
    features: firstOf(features, rows),
    spatial: spatial && { ...spatial, rows },
    maps: maps?.map((table) => ({ ...table, rows })),
    representations:
      representations && new Map(Array.from(representations, ([name, other]) => [name, firstRows(other, rows)])),
    stage: stage && { ...stage, rows },
    mirrored,
  };
}

/** Consecutive rows as a tensor, where they lie if that is in memory. */
export function featureTensor(features: Rows, from: number, count: number): AnyTensor {
  return float32(rowsAt(features, from, count), count, features.columns);
}

/** The named rows of a table as one float16 tensor [n, height, width, channels]. */
export async function mapRows(table: MapTable, rows: ArrayLike<number>): Promise<AnyTensor> {
  const { height, width, channels } = table;
  const size = height * width * channels;
  const data = new Uint16Array(rows.length * size);
  for (let i = 0; i < rows.length; i++) await table.read(rows[i], data.subarray(i * size, (i + 1) * size));
  return { type: 'float16', dims: [rows.length, height, width, channels], data };
}

/** A tensor [n, height, width, channels] as a table. */
export function tableOf({ dims: [rows, height, width, channels], data }: Tensor<'float16'>): MapTable {
  const size = height * width * channels;
  return {
    rows,
    height,
    width,
    channels,
    read: async (row, target) => target.set(data.subarray(row * size, (row + 1) * size)),
  };
}

/**
 * A table over maps that a store holds, `at` by row.
 * @throws CarafeError CACHE_LOST, here or on reading, where the store has lost one
 */
export async function storedMaps(
  rows: number,
  at: (row: number) => Promise<MapRecord | undefined>,
  channels: number,
): Promise<MapTable> {
  const lost = () =>
    new CarafeError(
      'CACHE_LOST',
      'The cache could not keep the feature maps of all photos.',
      'Free some disk space, or set the variable CARAFE_CACHE to a folder with more room, and run it again.',
    );
  const first = await at(0);
  if (!first) throw lost();
  const { height, width } = first;
  return {
    rows,
    height,
    width,
    channels,
    async read(row, target) {
      const map = await at(row);
      if (map?.data.length !== target.length) throw lost();
      target.set(map.data);
    },
  };
}
