/** A shard: the features of some photos of a set, with all that is known of the photos, as a Parquet file. */

import { hash as digest } from 'node:crypto';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { type ColumnSource, parquetWriteBuffer } from 'hyparquet-writer';
import * as z from 'zod';
import { CarafeError } from '../errors.ts';
import { knownPhoto, photoFailure } from '../features/records.node.ts';
import type { KnownPhoto, Look, VectorSpace } from '../features/store.ts';
import type { PhotoFailure } from '../features/workerPool.ts';
import { precisions, type StoredVector } from './vectors.ts';

const vectorSpace = z.object({
  id: z.string().regex(/^[0-9a-f]{64}$/),
  description: z.string(),
  backbone: z.object({ name: z.string(), hash: z.string() }),
  width: z.int().positive(),
}) satisfies z.ZodType<VectorSpace>;

const shardHead = z.object({
  format: z.literal('carafe-features'),
  version: z.literal(1),
  /** Equal for all parts of one extraction: photos, network and settings are the same. */
  run: z.string().regex(/^[0-9a-f]{16}$/),
  part: z.int().positive(),
  parts: z.int().positive(),
  /** The folder, list or address that the photos were found in. */
  source: z.string(),
  /** The backbone, as the user named it. */
  backbone: z.string(),
  precision: z.enum(precisions),
  /** Where the features of a row belong: its column `space` is an index into these. */
  spaces: z.array(vectorSpace).min(1),
});

/** What a shard says of itself, under the key `carafe` of the Parquet file. */
export type ShardHead = z.output<typeof shardHead>;

const photoRow = z.object({
  /** Relative to the source, with `/`. */
  path: z.string(),
  labels: z.array(z.string()),
  split: z.enum(['train', 'val', 'test']).nullish(),
  group: z.string().nullish(),
  /** Null where the file could not be read. */
  sha256: z.string().nullish(),
  /** What is known of the photo, where it can be used, else why not. */
  photo: knownPhoto.nullish(),
  failure: photoFailure.nullish(),
  space: z.int().nonnegative().nullish(),
  /** Perceptual hash, 16 hex digits, and 32 x 32 grey cells. */
  hash: z.string().nullish(),
  cells: z.instanceof(Uint8Array).nullish(),
  features: z.instanceof(Uint8Array).nullish(),
  scale: z.number().nullish(),
});

type StoredRow = z.output<typeof photoRow>;

/** One photo of a shard. */
export interface ShardRow extends Pick<StoredRow, 'path' | 'labels' | 'split' | 'group'> {
  /** Undefined where the photo cannot be used. */
  readonly photo?: ShardPhoto | undefined;
  /** Why not. */
  readonly failure?: PhotoFailure | undefined;
}

/** A photo that can be used, with its features. */
export interface ShardPhoto extends KnownPhoto, Look {
  readonly sha256: string;
  /** An index into the shard's spaces. */
  readonly space: number;
  readonly vector: StoredVector;
}

/** Rows that are read at once. */
const rowGroup = 1000;

/** @returns the file's bytes; equal rows give equal bytes */
export function writeShard(head: ShardHead, rows: readonly ShardRow[]): Uint8Array {
  const column = (name: string, type: NonNullable<ColumnSource['type']>, of: (row: ShardRow) => unknown) => ({
    ...{ name, type, nullable: true, statistics: false },
    data: rows.map((row) => of(row) ?? null),
  });
  const photo = (name: string, type: NonNullable<ColumnSource['type']>, of: (photo: ShardPhoto) => unknown) =>
    column(name, type, (row) => row.photo && of(row.photo));
  const bytes = parquetWriteBuffer({
    codec: 'UNCOMPRESSED',
    rowGroupSize: rowGroup,
    createdBy: 'carafe',
    kvMetadata: [{ key: 'carafe', value: JSON.stringify(shardHead.parse(head)) }],
    columnData: [
      column('path', 'STRING', ({ path }) => path),
      column('labels', 'JSON', ({ labels }) => labels),
      column('split', 'STRING', ({ split }) => split),
      column('group', 'STRING', ({ group }) => group),
      photo('sha256', 'STRING', ({ sha256 }) => sha256),
      photo('photo', 'JSON', ({ sha256: _, space: _s, vector: _v, hash: _h, cells: _c, ...known }) => known),
      column('failure', 'JSON', ({ failure }) => failure),
      photo('space', 'INT32', ({ space }) => space),
      photo('hash', 'STRING', ({ hash }) => hash),
      photo('scale', 'DOUBLE', ({ vector }) => vector.scale),
      photo('cells', 'BYTE_ARRAY', ({ cells }) => cells),
      photo('features', 'BYTE_ARRAY', ({ vector }) => vector.bytes),
    ],
  });
  return sealed(new Uint8Array(bytes));
}

const sealBytes = 32;
const magic = 'PAR1';
/** Length of the metadata, and the magic. */
const tailBytes = 8;

/** Where the metadata of a Parquet file begins. Undefined where it is none. */
function metadataStart(bytes: Uint8Array): number | undefined {
  const at = bytes.length - tailBytes;
  if (at < 0 || new TextDecoder().decode(bytes.subarray(at + 4)) !== magic) return undefined;
  const start = at - new DataView(bytes.buffer, bytes.byteOffset + at).getUint32(0, true);
  return start < 0 ? undefined : start;
}

/**
 * Puts a SHA-256 of all other bytes between data and metadata, a place where no reader of Parquet looks: pages and
 * metadata of a damaged file may name any sizes, and reading them may take for ever.
 */
function sealed(bytes: Uint8Array): Uint8Array {
  const at = metadataStart(bytes) ?? 0;
  const whole = new Uint8Array(bytes.length + sealBytes);
  whole.set(bytes.subarray(0, at));
  whole.set(digest('sha256', bytes, 'buffer'), at);
  whole.set(bytes.subarray(at), at + sealBytes);
  return whole;
}

function isWhole(bytes: Uint8Array): boolean {
  const at = metadataStart(bytes);
  if (at === undefined || at < sealBytes) return false;
  const others = new Uint8Array(bytes.length - sealBytes);
  others.set(bytes.subarray(0, at - sealBytes));
  others.set(bytes.subarray(at), at - sealBytes);
  return digest('sha256', others, 'buffer').equals(bytes.subarray(at - sealBytes, at));
}

/** A shard that is open; its rows are read in blocks. */
export interface OpenShard {
  readonly head: ShardHead;
  readonly rows: number;
  /** Rows in order, a block at a time; their bytes are views of the file's. */
  blocks(): AsyncIterable<readonly ShardRow[]>;
}

/**
 * @param name for messages
 * @throws CarafeError UNREADABLE for what is no shard, is damaged, or of another version
 */
export function openShard(bytes: Uint8Array, name: string): OpenShard {
  const broken = (why: string, cause?: unknown) =>
    new CarafeError(
      'UNREADABLE',
      `${name} is no file of features that can be read: ${why}`,
      'Delete it and extract that part again; all other parts are kept.',
      { cause },
    );
  if (metadataStart(bytes) === undefined) throw broken('it is no Parquet file, or cut short');
  if (!isWhole(bytes)) throw broken('it is damaged, or not written by Carafe');
  const file = buffer(bytes);
  const metadata = parquetMetadata(file);
  const parsed = shardHead.safeParse(json(metadata.key_value_metadata?.find(({ key }) => key === 'carafe')?.value));
  if (!parsed.success) throw broken('it is of another version of Carafe', parsed.error);
  const head = parsed.data;
  const rows = Number(metadata.num_rows);

  return {
    head,
    rows,
    async *blocks() {
      for (let rowStart = 0; rowStart < rows; rowStart += rowGroup) {
        const rowEnd = Math.min(rows, rowStart + rowGroup);
        const found = await parquetReadObjects({ file, metadata, rowStart, rowEnd, utf8: false });
        yield found.map((one) => {
          const row = photoRow.safeParse(one);
          if (!row.success) throw broken('a row has another form', row.error);
          return rowOf(row.data, head, broken);
        });
      }
    },
  };
}

/** The part of the memory that the bytes lie in. */
function buffer(bytes: Uint8Array): ArrayBuffer {
  const { buffer: memory, byteOffset, byteLength } = bytes;
  const isAll = memory instanceof ArrayBuffer && byteLength === memory.byteLength;
  return isAll ? memory : (memory.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer);
}

function rowOf(row: StoredRow, head: ShardHead, broken: (why: string) => CarafeError): ShardRow {
  const { sha256, photo, failure, space, hash, cells, features, scale, ...about } = row;
  if (!photo) return { ...about, failure: failure ?? undefined };
  if (sha256 == null || space == null || hash == null || cells == null || features == null)
    throw broken('a photo lacks a part');
  if (space >= head.spaces.length) throw broken('a photo belongs to no space');
  return { ...about, photo: { ...photo, sha256, space, hash, cells, vector: { bytes: features, scale: scale ?? 1 } } };
}

function json(text = ''): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
