/** The photos of a request in KServe's protocol: base64, a binary tensor, or pixels. */

import * as z from 'zod';
import type { Pixels } from '../runtime/platform.ts';
import { decodeBase64, jsonOf, parse, valuesFor } from './photos.node.ts';
import { Problem } from './problem.ts';

const parameters = z.record(z.string(), z.unknown());
/** Numbers that a request may write pixels as, three a pixel: so many hold the event loop up for long enough. */
const mostNumbers = 1.5e6;

/** A request for inference. */
export const inferRequest = z.object({
  id: z.string().max(1000).optional(),
  parameters: parameters.optional(),
  inputs: z
    .array(
      z.object({
        name: z.string(),
        shape: z.array(z.number().int().min(0)).max(4),
        datatype: z.enum(['BYTES', 'UINT8']),
        parameters: parameters.optional(),
        // Looked at where it is used: there may be millions.
        data: z.unknown().optional().meta({ type: 'array' }),
      }),
    )
    .length(1),
  outputs: z.array(z.object({ name: z.string(), parameters: parameters.optional() })).optional(),
});
export type Input = z.infer<typeof inferRequest>['inputs'][number];

interface InputLimits {
  readonly maxBytes: number;
  readonly maxPixels: number;
  readonly maxPhotos: number;
}

/** The JSON of a request, and the binary tensor behind it where there is one. @throws Problem BAD_REQUEST, TOO_LARGE */
export function taken(body: Buffer, length: string | undefined, { maxPhotos }: InputLimits) {
  const end = length === undefined ? body.length : Number(length);
  if (!Number.isInteger(end) || end < 0 || end > body.length)
    throw new Problem('BAD_REQUEST', 'The length of the header does not fit the body.', 'Check your client.');
  const json = jsonOf(body.subarray(0, end), mostNumbers + valuesFor(maxPhotos));
  return { request: parse(inferRequest, json, 'The request'), binary: body.subarray(end) };
}

export function misshapen(): Problem {
  return new Problem(
    'BAD_REQUEST',
    'The input is not photos.',
    'Send datatype BYTES with each image file as base64, or UINT8 of shape [N, height, width, 3] with values from 0 to 255.',
  );
}

/** @throws Problem BAD_REQUEST, TOO_LARGE */
export function photosIn(
  { shape, datatype, data, parameters: said }: Input,
  binary: Buffer,
  { maxBytes, maxPixels, maxPhotos }: InputLimits,
): (Uint8Array | Pixels)[] {
  const isBinary = said?.binary_data_size !== undefined;
  const size = shape.reduce((product, edge) => product * edge, 1);
  if (datatype === 'UINT8')
    return images(shape, isBinary ? binary : numbersOf(data, size), { maxBytes, maxPixels, maxPhotos });
  requireCount(size, maxPhotos);
  const photos = isBinary ? elementsOf(binary, size) : textsOf(data, size).map((text) => decodeBase64(text, maxBytes));
  if (photos.length !== size) throw misshapen();
  return photos;
}

/** @throws Problem BAD_REQUEST, TOO_LARGE */
function requireCount(count: number, maxPhotos: number): void {
  if (!(count > 0)) throw misshapen();
  if (count > maxPhotos)
    throw new Problem('TOO_LARGE', `The request has more than ${maxPhotos} photos.`, 'Send fewer.');
}

/** Elements of a binary tensor of BYTES: each with its length before it, four bytes, the lowest first. */
function elementsOf(binary: Buffer, most: number): Uint8Array[] {
  const elements: Uint8Array[] = [];
  for (let at = 0; at < binary.length; ) {
    if (at + 4 > binary.length || elements.length === most) throw misshapen();
    const end = at + 4 + binary.readUInt32LE(at);
    if (end > binary.length) throw misshapen();
    elements.push(binary.subarray(at + 4, end));
    at = end;
  }
  return elements;
}

/** Gives every value of nested lists, one after the other. */
function each(data: unknown, take: (value: unknown) => void, depth = 0): void {
  if (!Array.isArray(data) || depth > 4) throw misshapen();
  for (const value of data) Array.isArray(value) ? each(value, take, depth + 1) : take(value);
}

function textsOf(data: unknown, most: number): string[] {
  const texts: string[] = [];
  each(data, (value) => {
    if (typeof value !== 'string' || texts.length === most) throw misshapen();
    texts.push(value);
  });
  return texts;
}

function numbersOf(data: unknown, size: number): Uint8Array {
  if (size > mostNumbers)
    throw new Problem(
      'TOO_LARGE',
      `The pixels are more than ${mostNumbers.toLocaleString('en-US')} numbers.`,
      'Send them as a binary tensor, or the image file as base64.',
    );
  const bytes = new Uint8Array(size);
  let count = 0;
  each(data, (value) => {
    if (!(typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 255)) throw misshapen();
    // More than there is room for are only counted.
    bytes[count++] = value;
  });
  if (count !== size) throw misshapen();
  return bytes;
}

/** Raw pixels [N, height, width, 3] or [height, width, 3], as photos. */
function images(shape: readonly number[], values: Uint8Array, { maxPixels, maxPhotos }: InputLimits): Pixels[] {
  const [count, height, width, channels] = shape.length === 3 ? [1, ...shape] : shape;
  if (channels !== 3 || !(height > 0 && width > 0) || values.length !== count * height * width * 3) throw misshapen();
  requireCount(count, maxPhotos);
  if (height * width > maxPixels)
    throw new Problem('TOO_LARGE', `A photo has more than ${maxPixels / 1e6} million pixels.`, 'Send it smaller.');
  const size = height * width * 3;
  return Array.from({ length: count }, (_, i) => ({ height, width, data: values.subarray(i * size, (i + 1) * size) }));
}
