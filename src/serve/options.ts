/** What a user may choose of a service, with its defaults. */

import * as z from 'zod';
import { CarafeError } from '../errors.ts';
import type { Limits } from '../images/limits.ts';
import type { ServeEvent } from './events.ts';

/** What a user may choose of a service. */
export interface ServeOptions {
  /** Where it listens; only on this computer (`127.0.0.1`) unless told. */
  readonly host?: string | undefined;
  /** 8080 by default; 0: any free one. */
  readonly port?: number | undefined;
  /** Worker threads that run the network; by default all cores that this machine or container has, at most 16. */
  readonly threads?: number | undefined;
  /** Photos that may wait for a worker, by default 3 for each; while so many do, requests are turned away with status 503. */
  readonly waiting?: number | undefined;
  /** Bytes of a photo (20 MB by default). */
  readonly maxBytes?: number | undefined;
  /** Pixels of a photo (50 million by default). */
  readonly maxPixels?: number | undefined;
  /** Photos in a request (32 by default); a request in NDJSON may have any number. */
  readonly maxPhotos?: number | undefined;
  /** Seconds that a request may take (10 by default). */
  readonly timeout?: number | undefined;
  /** Requests a second that one key may make, or one address where there are no keys; no limit by default. */
  readonly rate?: number | undefined;
  /** Bearer keys, one of which a request must bring; by default none is needed. */
  readonly keys?: readonly string[] | undefined;
  /** Origins of pages that may ask from a browser: `https://shop.example`. */
  readonly origins?: readonly string[] | undefined;
  /** Hosts from which photos may be loaded by address: `cdn.example`, `*.cdn.example`; by default none. */
  readonly photoHosts?: readonly string[] | undefined;
  /** A classifier with a lower accuracy (the lower end of its interval) is not taken. */
  readonly minAccuracy?: number | undefined;
  /** A second classifier.onnx that answers `canaryShare` of the requests (5% by default). */
  readonly canary?: string | undefined;
  readonly canaryShare?: number | undefined;
  /** Folder for photos that clients send back with the right label; by default they cannot. */
  readonly feedback?: string | undefined;
  /** Folder for a sample of the photos that were called unknown; by default none is kept. */
  readonly keepUnknown?: string | undefined;
  /** Told of requests, and of classifiers that come and go. Holds nothing of the photos. */
  readonly onEvent?: ((event: ServeEvent) => void) | undefined;
}

/** A service that runs. */
export interface Running {
  /** `http://127.0.0.1:8080` */
  readonly address: string;
  /** Looks at the classifiers' files now; by itself it does so each second. */
  reload(): Promise<void>;
  /** Takes no more requests, answers those that it has begun, and frees everything. */
  close(): Promise<void>;
}

const text = z.string().min(1);
const texts = z.array(text);
const share = z.number().gt(0).lt(1);
const schema = z.object({
  host: text.default('127.0.0.1'),
  port: z.number().int().min(0).max(65_535).default(8080),
  threads: z.number().int().min(1).max(1024).optional(),
  waiting: z.number().int().min(0).max(1e6).optional(),
  maxBytes: z.number().int().min(1).max(512e6).default(20e6),
  maxPixels: z.number().int().min(1).default(50e6),
  maxPhotos: z.number().int().min(1).max(10_000).default(32),
  timeout: z.number().gt(0).max(3600).default(10),
  rate: z.number().gt(0).optional(),
  keys: texts.default([]),
  origins: texts.default([]),
  photoHosts: texts.default([]),
  minAccuracy: share.optional(),
  canary: text.optional(),
  canaryShare: share.default(0.05),
  feedback: text.optional(),
  keepUnknown: text.optional(),
  onEvent: z.custom<(event: ServeEvent) => void>((value) => typeof value === 'function', 'a function').optional(),
});

/** Every option, checked. */
export type Settings = z.output<typeof schema> & {
  readonly threads: number;
  readonly waiting: number;
  readonly limits: Limits;
};

/** Photos that may wait for each worker: few, so that those accepted do not wait for all the others. */
const usualWaiting = 3;

/** @throws CarafeError USAGE */
export function settingsOf(options: ServeOptions, cores: number): Settings {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const result = schema.safeParse(given);
  if (!result.success) {
    const [{ path, message }] = result.error.issues;
    throw new CarafeError('USAGE', `\`${path.join('.')}\`: ${message}.`, 'Give another value, or leave it out.');
  }
  const { data } = result;
  const threads = data.threads ?? cores;
  const { maxBytes, maxPixels } = data;
  return { ...data, threads, waiting: data.waiting ?? usualWaiting * threads, limits: { maxBytes, maxPixels } };
}
