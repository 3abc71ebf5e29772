/** Records as bytes, checked when they are read. */

import { Buffer } from 'node:buffer';
import { hash } from 'node:crypto';
import * as z from 'zod';
import { photoFacts } from '../images/facts.ts';
import { cellsAcross } from '../images/greyCells.ts';
import { remarks } from '../images/remarks.ts';
import type { Look, MapRecord, PhotoRecord, VectorRecord, VectorSpace } from './store.ts';

/** What lies in the tables, as bytes. A photo's key is its SHA-256; readers give undefined for what has another form. */

const imageFailureCode = z.enum([
  'NOT_FOUND',
  'UNREADABLE',
  'EMPTY',
  'NOT_AN_IMAGE',
  'UNSUPPORTED_FORMAT',
  'TRUNCATED',
  'TOO_LARGE',
  'BROKEN',
]);
export const photoFailure = z.object({ code: imageFailureCode, reason: z.string() });
export const knownPhoto = z.object({
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  shot: z.object({ time: z.number(), camera: z.string() }).optional(),
  decoder: z.string().optional(),
  remarks: z.array(z.enum(remarks)).optional(),
  facts: photoFacts.optional(),
});
const photoRecord = z.union([knownPhoto, z.object({ failure: photoFailure, decoder: z.string() })]);
const spaceRecord = z.object({
  id: z.string(),
  description: z.string(),
  backbone: z.object({ name: z.string(), hash: z.string() }),
  width: z.number().int().positive(),
});

const sha256Bytes = 32;
const hashBytes = 8;
const lookBytes = hashBytes + cellsAcross * cellsAcross;
const mapHeaderBytes = 4;

/** The place of a space's own record among its vectors; no SHA-256 is so short. */
export const spaceKey: Uint8Array = Buffer.from('space');

export function photoKey(sha256: string): Buffer {
  return Buffer.from(sha256, 'hex');
}

export function pathKey(file: string): Buffer {
  return hash('sha256', file, 'buffer');
}

export function writePlace(sha256: string, stamp: string, file: string): Buffer {
  return Buffer.concat([photoKey(sha256), Buffer.from(`${stamp}\n${file}`)]);
}

export function readPlace(value: Buffer): { sha256: string; stamp: string; file: string } {
  const [stamp, ...file] = value.toString('utf8', sha256Bytes).split('\n');
  return { sha256: value.toString('hex', 0, sha256Bytes), stamp, file: file.join('\n') };
}

export function writePhoto(photo: PhotoRecord): Buffer {
  return Buffer.from(JSON.stringify(photo));
}

export function readPhoto(value: Buffer): PhotoRecord | undefined {
  return parse(photoRecord, value);
}

export function writeSpace(space: VectorSpace): Buffer {
  return Buffer.from(JSON.stringify(space));
}

export function readSpace(value: Buffer): VectorSpace | undefined {
  return parse(spaceRecord, value);
}

/** Perceptual hash and grey cells, then float32 little-endian as they lie in memory. */
export function writeVector({ features, hash, cells }: VectorRecord): [Uint8Array, Uint8Array, Uint8Array] {
  return [Buffer.from(hash, 'hex'), cells, bytesOf(features)];
}

/** Copies the features into `target`; gives the rest, or undefined for another width, or a record without cells. */
export function readVector(value: Buffer, target: Float32Array): Look | undefined {
  if (value.length !== lookBytes + target.byteLength) return undefined;
  bytesOf(target).set(value.subarray(lookBytes));
  // A copy, since the value's memory is the table's.
  return { hash: value.toString('hex', 0, hashBytes), cells: Uint8Array.from(value.subarray(hashBytes, lookBytes)) };
}

/** Height and width, then float16 bits as they lie in memory. */
export function writeMap({ height, width, data }: MapRecord): [Uint8Array, Uint8Array] {
  return [bytesOf(Uint16Array.of(height, width)), bytesOf(data)];
}

/** Undefined for what is no map of so many channels. */
export function readMap(value: Buffer, channels: number): MapRecord | undefined {
  if (value.length < mapHeaderBytes) return undefined;
  const [height, width] = [value.readUInt16LE(0), value.readUInt16LE(2)];
  const numbers = height * width * channels;
  if (value.length !== mapHeaderBytes + 2 * numbers) return undefined;
  const from = value.byteOffset + mapHeaderBytes;
  // A copy, since the value's memory is the table's.
  return { height, width, data: new Uint16Array(value.buffer.slice(from, from + 2 * numbers)) };
}

function bytesOf(numbers: Float32Array | Uint16Array): Uint8Array {
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}

function parse<T>(schema: z.ZodType<T>, value: Buffer): T | undefined {
  try {
    return schema.safeParse(JSON.parse(value.toString())).data;
  } catch {
    return undefined;
  }
}
