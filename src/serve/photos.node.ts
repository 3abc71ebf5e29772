/** The photos of a request: raw, multipart, JSON, lines of JSON. */

import type { IncomingMessage } from 'node:http';
import * as z from 'zod';
import type { BytesLeft, PhotoAddresses } from './addresses.node.ts';
import { chunksOf, Pieces } from './body.node.ts';
import { formOf } from './form.node.ts';
import { Problem } from './problem.ts';

/** A photo as a client sent it. */
export interface SentPhoto {
  /** As the client named it, or its place: `0`. */
  readonly path: string;
  /** @throws ImageError, Problem */
  readonly read: (signal: AbortSignal) => Promise<Uint8Array>;
}

const base64 = z.string().min(1);
const one = z.union([
  base64,
  z.object({ image: base64, id: z.string().max(1000).optional() }),
  z.object({ url: z.string().min(1).max(8000), id: z.string().max(1000).optional() }),
]);
/** A body in JSON: a photo, or several. */
export const photosBody = z
  .union([
    z
      .object({ image: base64 })
      .describe('A photo: an image file as base64, with or without data:...;base64, before it.'),
    z.object({ url: z.string() }).describe('A photo by address, from a host that the service allows.'),
    z.object({ images: z.array(one).min(1) }),
  ])
  .describe('A photo, or several. An id comes back as path.');
/** A line of a body in NDJSON. */
export const photoLine = z.union([
  z.object({ image: base64, id: z.string().optional() }),
  z.object({ url: z.string(), id: z.string().optional() }),
]);

/** JSON takes a third more than the photo, and a little for what is around it. */
export const asBase64 = (bytes: number): number => Math.ceil((bytes * 4) / 3) + 65_536;
/** Several photos in a request may be so many times as large together as one. */
const together = 4;

export interface PhotoLimits {
  readonly maxBytes: number;
  readonly maxPhotos: number;
}

export type SentKind = 'raw' | 'multipart' | 'json' | 'ndjson';

/** @throws Problem UNSUPPORTED_TYPE */
export function kindOfBody(type = ''): SentKind {
  const plain = type.split(';')[0].trim().toLowerCase();
  if (plain === 'multipart/form-data') return 'multipart';
  if (plain === 'application/json') return 'json';
  if (plain === 'application/x-ndjson' || plain === 'application/jsonl') return 'ndjson';
  // What curl's --data-binary says of any file is no form.
  if (/^(image\/.*|application\/octet-stream|binary\/octet-stream|application\/x-www-form-urlencoded|)$/.test(plain))
    return 'raw';
  throw new Problem(
    'UNSUPPORTED_TYPE',
    'The body is of a type that is not read here.',
    'Send the image file itself (content-type: image/jpeg), multipart/form-data, application/json or application/x-ndjson.',
  );
}

/** Bytes that the photos of a request may have together, whether they are sent or loaded from their addresses. */
function bytesTogether({ maxBytes, maxPhotos }: PhotoLimits): number {
  return Math.min(together, maxPhotos) * maxBytes;
}

/** Bytes that a body of this kind may have. */
export function mostBytes(kind: SentKind, { maxBytes, maxPhotos }: PhotoLimits): number {
  if (kind === 'raw') return maxBytes;
  const photos = bytesTogether({ maxBytes, maxPhotos });
  return kind === 'json' ? asBase64(photos) : photos + maxPhotos * 1024;
}

/** The photos of a body that was read whole. @throws Problem BAD_REQUEST, TOO_LARGE */
export function photosOf(
  kind: Exclude<SentKind, 'ndjson'>,
  body: Buffer,
  type: string,
  limits: PhotoLimits,
  addresses: PhotoAddresses,
): SentPhoto[] {
  if (kind === 'raw') return [{ path: '0', read: async () => body }];
  if (kind === 'multipart') return filesOf(body, type, limits);
  const sent = parse(photosBody, jsonOf(body, valuesFor(limits.maxPhotos)), 'The body');
  const all = 'images' in sent ? sent.images : [sent];
  requireCount(all.length, limits);
  const left = { bytes: bytesTogether(limits) };
  return all.map((photo, place) =>
    photoOf(typeof photo === 'string' ? { image: photo } : photo, place, limits, addresses, left),
  );
}

function photoOf(
  photo: { readonly image?: string; readonly url?: string; readonly id?: string | undefined },
  place: number,
  limits: PhotoLimits,
  addresses: PhotoAddresses,
  left: BytesLeft,
): SentPhoto {
  const { image, url = '', id = String(place) } = photo;
  return {
    path: id,
    read: async (signal) =>
      image === undefined ? addresses.load(url, signal, left) : decodeBase64(image, limits.maxBytes),
  };
}

/** @throws Problem TOO_LARGE */
export function decodeBase64(text: string, maxBytes: number): Buffer {
  const bytes = Buffer.from(text.startsWith('data:') ? text.slice(text.indexOf(',') + 1) : text, 'base64');
  requireBytes(bytes.length, maxBytes);
  return bytes;
}

/** @throws Problem TOO_LARGE */
function requireBytes(size: number, maxBytes: number): void {
  if (size <= maxBytes) return;
  throw new Problem('TOO_LARGE', `A photo has more than ${maxBytes / 1e6} MB.`, 'Send it smaller.');
}

/** @throws Problem TOO_LARGE */
function requireCount(count: number, { maxPhotos }: PhotoLimits): void {
  if (count <= maxPhotos) return;
  throw new Problem(
    'TOO_LARGE',
    `The request has more than ${maxPhotos} photos.`,
    'Send fewer, or any number as application/x-ndjson.',
  );
}

function filesOf(body: Buffer, type: string, limits: PhotoLimits): SentPhoto[] {
  const photos = formOf(body, type, limits).flatMap(({ name, file, content }) => {
    if (file === undefined) return [];
    requireBytes(content.length, limits.maxBytes);
    return [{ path: file || name, read: async () => content }];
  });
  requireCount(photos.length, limits);
  if (photos.length > 0) return photos;
  throw new Problem('BAD_REQUEST', 'The form has no file.', 'Send each photo as a file of the form: -F photo=@a.jpg.');
}

/** What stands between values in JSON. */
const marks = [...'[{,:'].map((mark) => mark.charCodeAt(0));

/** Values that a body of so many photos may have, ids and the like included. */
export const valuesFor = (photos: number): number => 1000 + 16 * photos;

/**
 * Reads a body of JSON. Its values are counted first: a few megabytes of them would take all memory, and hold up the event
 * loop for minutes.
 * @throws Problem BAD_REQUEST, TOO_LARGE
 */
export function jsonOf(body: Uint8Array, mostValues: number): unknown {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  let count = 0;
  for (const mark of marks)
    for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + 1))
      if (++count > mostValues)
        throw new Problem(
          'TOO_LARGE',
          `The body has more than ${mostValues.toLocaleString('en-US')} values.`,
          'Send fewer photos, and each as base64.',
        );
  try {
    return JSON.parse(text.toString('utf8'));
  } catch {
    throw new Problem('BAD_REQUEST', 'The body is not JSON.', 'Check it, or send the image file itself.');
  }
}

/** Outside data through its schema. What is wrong is told by its place alone: values may be photos. @throws Problem BAD_REQUEST */
export function parse<S extends z.ZodType>(schema: S, value: unknown, named: string): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const where = result.error.issues[0].path.map(String).join('.').slice(0, 100);
  throw new Problem(
    'BAD_REQUEST',
    `${named} does not have the form that is expected${where && `, at ${where}`}.`,
    '/docs has the form, with examples.',
  );
}

/**
 * The photos of a body of lines, as they come in.
 * @param take counts bytes as they come; those of a line are its photo's, once it is given
 * @throws Problem BAD_REQUEST, TOO_LARGE, and what `take` throws
 */
export async function* linesOf(
  incoming: IncomingMessage,
  limits: PhotoLimits,
  addresses: PhotoAddresses,
  signal: AbortSignal,
  take: (bytes: number) => void,
): AsyncGenerator<{ readonly photo: SentPhoto | undefined; readonly bytes: number }> {
  const most = asBase64(limits.maxBytes);
  let place = 0;
  const rest = new Pieces();
  const photo = (line: Buffer): SentPhoto | undefined =>
    line.toString('latin1').trim() === ''
      ? undefined
      : photoOf(parse(photoLine, jsonOf(line, valuesFor(1)), `Line ${place + 1}`), place++, limits, addresses, {
          bytes: limits.maxBytes,
        });
  for await (let chunk of chunksOf(incoming, signal)) {
    take(chunk.length);
    for (let end = chunk.indexOf(0x0a); end >= 0; end = chunk.indexOf(0x0a)) {
      rest.add(chunk.subarray(0, end));
      const line = rest.take();
      chunk = chunk.subarray(end + 1);
      yield { photo: photo(line), bytes: line.length + 1 };
    }
    rest.add(chunk);
    if (rest.size > most) throw new Problem('TOO_LARGE', `Line ${place + 1} is too long.`, 'Send smaller photos.');
  }
  const last = rest.take();
  yield { photo: photo(last), bytes: last.length };
}
