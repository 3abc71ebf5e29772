/** Objects of an S3-compatible store, below a prefix of a bucket. */

import { AwsV4Signer } from 'aws4fetch';
import * as z from 'zod';
import { defaultPatience, type Patience, proxied, sleep } from '../backbone/http.node.ts';
import { CarafeError } from '../errors.ts';
import { type Credentials, credentialSource } from './credentials.node.ts';
import { bucketAddress, isInside, type ObjectInfo, type ObjectPlace } from './objects.ts';

/** What a bucket is asked with; by default what the environment says, as the AWS tools read it. */
export interface BucketOptions {
  /** Address of a store that is not Amazon's (`AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL`). */
  readonly endpoint?: string | undefined;
  /** `AWS_REGION`, `AWS_DEFAULT_REGION`, else us-east-1. */
  readonly region?: string | undefined;
  readonly credentials?: (() => Promise<Credentials>) | undefined;
  readonly patience?: Patience | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Larger objects are written in parts of this size. */
const partBytes = 32 * 2 ** 20;
const retried = new Set([408, 429, 500, 502, 503, 504]);
/** Error codes of stores that ask to be asked again, whatever their status. */
const retriedCodes = new Set(['SlowDown', 'RequestTimeout', 'InternalError', 'ServiceUnavailable']);

const listing = z.object({
  ListBucketResult: z.object({
    NextContinuationToken: z.string().optional(),
    Contents: z.array(z.object({ Key: z.string(), Size: z.coerce.number(), ETag: z.string().default('') })).default([]),
  }),
});
const errorAnswer = z.object({ Error: z.object({ Code: z.string(), Message: z.string().default('') }) });
const upload = z.object({ InitiateMultipartUploadResult: z.object({ UploadId: z.string() }) });

interface Request {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  readonly key: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer>;
  /** A longer answer is not loaded: its status is then 413. */
  readonly most?: number;
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array;
}

/**
 * @param address `s3://bucket/prefix`
 * @throws CarafeError USAGE for an address that is none
 */
export function bucketPlace(address: string, options: BucketOptions = {}): ObjectPlace {
  const parsed = bucketAddress(address);
  if (!parsed)
    throw new CarafeError('USAGE', `'${address}' names no bucket.`, 'Write it as s3://bucket or s3://bucket/prefix.');
  const { bucket } = parsed;
  const prefix = parsed.key === '' ? '' : `${parsed.key.replace(/\/+$/, '')}/`;
  const send = sender(address, bucket, options);
  const keyOf = (name: string): string => {
    if (!isInside(name)) throw new CarafeError('INTERNAL', `'${name}' leaves ${address}.`, 'Please report this.');
    return prefix + name;
  };
  const infoOf = (name: string, { headers }: Answer): ObjectInfo => {
    const bytes = Number(headers.get('content-length') ?? 0);
    return { name, bytes, stamp: `${bytes} ${headers.get('etag') ?? ''}` };
  };

  return {
    address,
    async *list(within = '') {
      let token: string | undefined;
      do {
        const query = {
          'list-type': '2',
          prefix: prefix + within,
          ...(token === undefined ? {} : { 'continuation-token': token }),
        };
        const { bytes } = await send({ method: 'GET', key: '', query });
        const { ListBucketResult: page } = await parsedAnswer(listing, bytes, address);
        for (const { Key, Size, ETag } of page.Contents) {
          const name = Key.slice(prefix.length);
          // Empty objects that end in a slash are the folders of web consoles.
          if (isInside(name)) yield { name, bytes: Size, stamp: `${Size} ${ETag}` };
        }
        token = page.NextContinuationToken;
      } while (token !== undefined);
    },
    async info(name) {
      const answer = await send({ method: 'HEAD', key: keyOf(name) }, [404]);
      return answer.status === 404 ? undefined : infoOf(name, answer);
    },
    async read(name, start = 0, end) {
      if (end !== undefined && end <= start) return new Uint8Array();
      const range =
        start > 0 || end !== undefined ? { range: `bytes=${start}-${end === undefined ? '' : end - 1}` } : {};
      const { bytes, status } = await send({ method: 'GET', key: keyOf(name), headers: range }, [416]);
      // There is nothing from there on.
      if (status === 416) return new Uint8Array();
      // A store that does not know ranges gives the whole.
      return status === 206 || start + (end ?? 0) === 0 ? bytes : bytes.subarray(start, end);
    },
    async readUpTo(name, most) {
      const { bytes, status } = await send({ method: 'GET', key: keyOf(name), most }, [413]);
      return status === 413 || bytes.length > most ? undefined : bytes;
    },
    async write(name, bytes) {
      const body = Uint8Array.from(bytes);
      if (body.length > partBytes) await writeInParts(send, keyOf(name), body, address);
      else await send({ method: 'PUT', key: keyOf(name), body });
    },
    async remove(name) {
      await send({ method: 'DELETE', key: keyOf(name) }, [404]);
    },
  };
}

type Send = (request: Request, expected?: readonly number[]) => Promise<Answer>;

async function writeInParts(send: Send, key: string, bytes: Uint8Array<ArrayBuffer>, address: string): Promise<void> {
  const begun = await send({ method: 'POST', key, query: { uploads: '' } });
  const { UploadId: uploadId } = (await parsedAnswer(upload, begun.bytes, address)).InitiateMultipartUploadResult;
  try {
    const parts: string[] = [];
    for (let at = 0, number = 1; at < bytes.length; at += partBytes, number++) {
      const query = { partNumber: String(number), uploadId };
      const { headers } = await send({ method: 'PUT', key, query, body: bytes.subarray(at, at + partBytes) });
      parts.push(`<Part><PartNumber>${number}</PartNumber><ETag>${headers.get('etag') ?? ''}</ETag></Part>`);
    }
    const body = new TextEncoder().encode(`<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`);
    const done = await send({ method: 'POST', key, query: { uploadId }, body });
    // The store may have begun its answer before it knew the end.
    const failed = await errorIn(done.bytes);
    if (failed) throw refused({ address, status: done.status, ...failed });
  } catch (error) {
    // Parts of an upload that never ends would be paid for.
    await send({ method: 'DELETE', key, query: { uploadId } }, [404]).catch(() => {});
    throw error;
  }
}

/** Signs, sends and reads one request, and asks again where the store is busy, or an answer is cut short. */
function sender(address: string, bucket: string, options: BucketOptions): Send {
  const { env } = process;
  const region = options.region ?? env.AWS_REGION ?? env.AWS_DEFAULT_REGION ?? 'us-east-1';
  const endpoint = options.endpoint ?? env.AWS_ENDPOINT_URL_S3 ?? env.AWS_ENDPOINT_URL;
  const base = baseOf(bucket, region, endpoint, address);
  const { patience = defaultPatience, signal } = options;
  const credentials = options.credentials ?? credentialSource();
  let opened: Promise<Fetching> | undefined;

  async function once({ method, key, query = {}, headers = {}, body, most }: Request): Promise<Answer> {
    const url = new URL(base + encodeKey(key));
    // Blanks as %20, which is how they are signed.
    url.search = Object.entries(query)
      .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
      .join('&');
    const { accessKeyId, secretAccessKey, sessionToken } = await credentials();
    const signer = new AwsV4Signer({
      ...{ accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) },
      ...{ method, url: url.href, service: 's3', region },
      headers: { ...headers, ...(body ? { 'content-length': String(body.length) } : {}) },
      ...(body ? { body } : {}),
    });
    const signed = await signer.sign();
    opened ??= openFetch(patience.silence);
    const response = await (await opened)(String(signed.url), {
      method,
      headers: Object.fromEntries(signed.headers),
      signal: signal ?? null,
      ...(body ? { body } : {}),
    });
    const told = response.headers.get('content-length');
    if (most !== undefined && Number(told) > most) {
      await response.body?.cancel();
      return { status: 413, headers: response.headers, bytes: new Uint8Array() };
    }
    const bytes = new Uint8Array(await response.arrayBuffer());
    if (
      method !== 'HEAD' &&
      told !== null &&
      Number(told) !== bytes.length &&
      !response.headers.has('content-encoding')
    )
      throw new Error(`the answer has ${bytes.length} of ${told} bytes`);
    return { status: response.status, headers: response.headers, bytes };
  }

  return async (request, expected = []) => {
    for (let attempt = 1; ; attempt++) {
      const isLast = attempt >= patience.tries;
      const answer = await once(request).then(
        (given) => given,
        (error: unknown) => {
          const isCut = !(error instanceof CarafeError) || error.code === 'UNAVAILABLE';
          if (isLast || !isCut) throw isCut ? unavailable(address, error) : error;
          return undefined;
        },
      );
      if (answer) {
        const { status, headers, bytes } = answer;
        if (status < 300 || expected.includes(status)) return answer;
        const told = await errorIn(bytes);
        const isBusy = retried.has(status) || (told && retriedCodes.has(told.code));
        if (isLast || !isBusy) throw refused({ address, status, ...told, region: headers.get('x-amz-bucket-region') });
      }
      await sleep(Math.min(60_000, patience.firstWait * 2 ** (attempt - 1)), signal);
    }
  };
}

type Fetching = (url: string, init: RequestInit) => Promise<Response>;

/** Through the proxies that the environment names, with connections that are used again. */
async function openFetch(silence: number): Promise<Fetching> {
  const undici = await import('undici');
  const dispatcher = proxied(
    class extends undici.EnvHttpProxyAgent {
      constructor() {
        super({ headersTimeout: silence, bodyTimeout: silence });
      }
    },
  );
  // Its types are those of another version than Node's own.
  const send = undici.fetch as unknown as (url: string, init: object) => Promise<Response>;
  return (url, init) => send(url, { ...init, dispatcher });
}

function baseOf(bucket: string, region: string, endpoint: string | undefined, address: string): string {
  // A name with dots fits no certificate.
  if (endpoint === undefined)
    return bucket.includes('.')
      ? `https://s3.${region}.amazonaws.com/${bucket}/`
      : `https://${bucket}.s3.${region}.amazonaws.com/`;
  if (!URL.canParse(endpoint) || !/^https?:$/.test(new URL(endpoint).protocol))
    throw new CarafeError(
      'USAGE',
      `The endpoint '${endpoint}' for ${address} is no http address.`,
      'Set AWS_ENDPOINT_URL_S3 to an address such as http://localhost:9000, or unset it.',
    );
  return `${endpoint.replace(/\/+$/, '')}/${bucket}/`;
}

/** As the signature wants it: all but unreserved characters in percent signs, slashes kept. */
function encodeKey(key: string): string {
  return key
    .split('/')
    .map((part) =>
      encodeURIComponent(part).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`),
    )
    .join('/');
}

async function parsedXml(bytes: Uint8Array): Promise<unknown> {
  const { XMLParser } = await import('fast-xml-parser');
  const xml = new XMLParser({
    ignoreAttributes: true,
    parseTagValue: false,
    htmlEntities: true,
    isArray: (name) => name === 'Contents',
  });
  return xml.parse(new TextDecoder().decode(bytes));
}

async function parsedAnswer<T>(schema: z.ZodType<T>, bytes: Uint8Array, address: string): Promise<T> {
  try {
    return schema.parse(await parsedXml(bytes));
  } catch (error) {
    throw new CarafeError(
      'UNAVAILABLE',
      `${address} gives an answer that is not S3's.`,
      'Check the endpoint (AWS_ENDPOINT_URL_S3) and the name of the bucket.',
      { cause: error },
    );
  }
}

async function errorIn(bytes: Uint8Array): Promise<{ code: string; message: string } | undefined> {
  try {
    const { Error: told } = errorAnswer.parse(await parsedXml(bytes));
    return { code: told.Code, message: told.Message };
  } catch {
    return undefined;
  }
}

interface Failure {
  readonly address: string;
  readonly status: number;
  readonly code?: string;
  readonly message?: string;
  readonly region?: string | null;
}

function refused({ address, status, code, message, region }: Failure): CarafeError {
  const told = [code, message].filter((part) => part).join(': ') || `status ${status}`;
  const at = (errorCode: 'NOT_FOUND' | 'UNREADABLE' | 'UNAVAILABLE', hint: string) =>
    new CarafeError(errorCode, `${address} cannot be used: ${told}`, hint);
  if (code === 'RequestTimeTooSkewed')
    return at('UNREADABLE', "Set this machine's clock: it is too far from the store's.");
  if (status === 301 || status === 307 || code === 'AuthorizationHeaderMalformed')
    return at('UNREADABLE', `Set AWS_REGION to the bucket's region${region ? `, ${region}` : ''}.`);
  if (status === 404) return at('NOT_FOUND', 'Check the name of the bucket and the path in it.');
  if (status === 401 || status === 403)
    return at('UNREADABLE', 'Check the credentials, and that they allow listing, reading and writing there.');
  return at('UNAVAILABLE', 'Try again later; what was written so far is kept.');
}

function unavailable(address: string, error: unknown): CarafeError {
  const reason = error instanceof CarafeError ? error.what : error instanceof Error ? error.message : String(error);
  return new CarafeError(
    'UNAVAILABLE',
    `${address} does not answer: ${reason}`,
    'Check the connection and the endpoint (AWS_ENDPOINT_URL_S3), and start again: what was written so far is kept.',
    { cause: error },
  );
}
