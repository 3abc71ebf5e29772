import { Buffer } from 'node:buffer';
import { hash } from 'node:crypto';
import * as z from 'zod';
import type { PhotoRecord, VectorRecord, VectorSpace } from './store.ts';

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
const photoRecord = z.union([
  z.object({ width: z.number().int().positive(), height: z.number().int().positive() }),
  z.object({ failure: z.object({ code: imageFailureCode, reason: z.string() }), decoder: z.string() }),
]);
const spaceRecord = z.object({
  id: z.string(),
  description: z.string(),
  backbone: z.object({ name: z.string(), hash: z.string() }),
  width: z.number().int().positive(),
});

const sha256Bytes = 32;
const hashBytes = 8;

/** The place of a space's own record among its vectors; no SHA-256 is so short. */
export const spaceKey: Uint8Array = Buffer.from('space');

export function photoKey(sha256: string): Buffer {
  return Buffer.from(sha256, 'hex');
}

export function pathKey(file: string): Buffer {
  return hash('sha256', file, 'buffer');
}

export function writePlace(sha256: string, stamp: string): Buffer {
  return Buffer.concat([photoKey(sha256), Buffer.from(stamp)]);
}

export function readPlace(value: Buffer): { sha256: string; stamp: string } {
  return { sha256: value.toString('hex', 0, sha256Bytes), stamp: value.toString('utf8', sha256Bytes) };
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

/** Perceptual hash, then float32 little-endian as they lie in memory. */
export function writeVector({ features, hash }: VectorRecord): [Uint8Array, Uint8Array] {
  return [Buffer.from(hash, 'hex'), bytesOf(features)];
}

/** Copies the features into `target`; gives the perceptual hash, or undefined for another width. */
export function readVector(value: Buffer, target: Float32Array): string | undefined {
  if (value.length !== hashBytes + target.byteLength) return undefined;
  bytesOf(target).set(value.subarray(hashBytes));
  return value.toString('hex', 0, hashBytes);
}

function bytesOf(floats: Float32Array): Uint8Array {
  return new Uint8Array(floats.buffer, floats.byteOffset, floats.byteLength);
}

function parse<T>(schema: z.ZodType<T>, value: Buffer): T | undefined {
  try {
    return schema.safeParse(JSON.parse(value.toString())).data;
  } catch {
    return undefined;
  }
}
