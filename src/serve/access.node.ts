/** Who may ask: keys, pages of other origins, and how often. */

import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import { Problem } from './problem.ts';

/** Clients whose pace is remembered; the one that asked longest ago is forgotten first. */
const mostClients = 10_000;

/** Token buckets, one a client. */
export class Rates {
  readonly #rate: number;
  readonly #burst: number;
  readonly #clients = new Map<string, { tokens: number; at: number }>();

  /** @param rate requests a second; twice as many may come at once */
  constructor(rate: number) {
    this.#rate = rate;
    this.#burst = Math.max(1, 2 * rate);
  }

  /**
   * @param now in seconds
   * @throws Problem TOO_MANY_REQUESTS
   */
  take(client: string, now: number): void {
    const known = this.#clients.get(client) ?? { tokens: this.#burst, at: now };
    const tokens = Math.min(this.#burst, known.tokens + (now - known.at) * this.#rate);
    this.#clients.delete(client);
    this.#clients.set(client, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now });
    if (this.#clients.size > mostClients) this.#clients.delete([...this.#clients.keys()][0]);
    if (tokens >= 1) return;
    const seconds = Math.max(1, Math.ceil((1 - tokens) / this.#rate));
    throw new Problem('TOO_MANY_REQUESTS', 'This client asks too often.', `Try again in ${seconds} s.`, {
      'retry-after': String(seconds),
    });
  }
}

export interface AccessOptions {
  readonly keys: readonly string[];
  readonly origins: readonly string[];
}

/** Keys and origins. */
export class Access {
  readonly #keys: ReadonlySet<string>;
  readonly #origins: ReadonlySet<string>;

  constructor({ keys, origins }: AccessOptions) {
    this.#keys = new Set(keys.map(digest));
    this.#origins = new Set(origins.map((origin) => origin.toLowerCase().replace(/\/$/, '')));
  }

  /**
   * Who asks: the digest of the key, or undefined where no keys are needed. Digests are compared, so that the time taken
   * tells nothing of a key.
   * @param authorization the header: `Bearer KEY`
   * @throws Problem UNAUTHORIZED
   */
  client(authorization: string | undefined): string | undefined {
    if (this.#keys.size === 0) return undefined;
    const [, key] = /^Bearer +(\S{1,512}) *$/i.exec(authorization ?? '') ?? [];
    const client = key === undefined ? '' : digest(key);
    if (this.#keys.has(client)) return client;
    throw new Problem('UNAUTHORIZED', 'This service needs a key.', 'Send the header authorization: Bearer KEY.', {
      'www-authenticate': 'Bearer',
    });
  }

  /** Whether a page of this origin may read the answers. */
  isShared(origin: string): boolean {
    return this.#origins.has(origin.toLowerCase());
  }

  /**
   * A page that somebody has open elsewhere must not use a service that needs no key, not even by a name that has been
   * made to stand for this computer: then the page is of the same origin, but by that name.
   * @throws Problem FORBIDDEN
   */
  requireOrigin(origin: string | undefined, host: string | undefined): void {
    if (origin === undefined || this.isShared(origin)) return;
    if (URL.canParse(origin)) {
      const from = new URL(origin);
      const isPlain = from.hostname === 'localhost' || isIP(from.hostname.replace(/^\[|\]$/g, '')) > 0;
      if (from.host === host?.toLowerCase() && (isPlain || this.#keys.size > 0)) return;
    }
    throw new Problem(
      'FORBIDDEN',
      'Pages of this origin may not use this service.',
      'Start the service with this origin among its `origins`.',
    );
  }
}

function digest(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}
