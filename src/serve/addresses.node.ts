/** Photos by address: from hosts that are allowed, never from private addresses. */

import { lookup as lookUp } from 'node:dns';
import { BlockList, isIP } from 'node:net';
import { Agent, fetch } from 'undici';
import { ImageError } from '../errors.ts';
import { Problem } from './problem.ts';

/** Addresses of this computer, of networks around it, and of no single computer (RFC 6890). */
const privateAddresses = new BlockList();
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const)
  privateAddresses.addSubnet(net, prefix, 'ipv4');
for (const [net, prefix] of [
  ['::', 96],
  // Addresses of the old protocol within the new one, by whatever gateway.
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const)
  privateAddresses.addSubnet(net, prefix, 'ipv6');

/** Whether a numeric address is one that nobody outside may have the service ask. */
export function isPrivate(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return privateAddresses.check(address, 'ipv4');
  const [, mapped] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address) ?? [];
  if (mapped !== undefined) return isPrivate(mapped);
  return family === 0 || /^::ffff:/i.test(address) || privateAddresses.check(address, 'ipv6');
}

/** How many bytes the photos of one request may still have; counted down as they come. */
export interface BytesLeft {
  bytes: number;
}

/** How often an address may send on to another. */
const mostRedirects = 3;

/** Loads photos from the hosts that are allowed. */
export class PhotoAddresses {
  readonly #hosts: readonly string[];
  readonly #maxBytes: number;
  readonly #agent: Agent;

  /**
   * @param hosts `cdn.example`, `cdn.example:8443`, `*.cdn.example`; a private address must stand there by its number
   * @param maxBytes of a photo
   */
  constructor(hosts: readonly string[], maxBytes: number) {
    this.#hosts = hosts.map((host) => host.toLowerCase());
    this.#maxBytes = maxBytes;
    this.#agent = new Agent({
      connections: 16,
      connect: {
        // What is connected to is what was looked at: a name cannot point elsewhere in between.
        lookup: (name, options, callback) =>
          lookUp(name, { ...options, all: true }, (error, found) => {
            const [first] = found ?? [];
            if (error || first === undefined) return callback(error ?? new Error('no address'), '', 4);
            if (found.some(({ address }) => isPrivate(address)))
              return callback(new Error('its name stands for a private address'), '', 4);
            return options.all ? callback(null, found) : callback(null, first.address, first.family);
          }),
      },
    });
  }

  /** @throws Problem FORBIDDEN; ImageError NOT_FOUND, TOO_LARGE; the signal's reason */
  async load(address: string, signal: AbortSignal, left: BytesLeft): Promise<Uint8Array> {
    let at = this.#allowed(address);
    for (let redirects = 0; redirects <= mostRedirects; redirects++) {
      const response = await fetch(at, { dispatcher: this.#agent, redirect: 'manual', signal }).catch(
        (error: unknown) => {
          signal.throwIfAborted();
          throw new ImageError('NOT_FOUND', `its address does not answer: ${causeOf(error)}`);
        },
      );
      const next = response.headers.get('location');
      if (response.status >= 300 && response.status < 400 && next !== null) {
        await response.body?.cancel();
        if (!URL.canParse(next, at)) throw new ImageError('NOT_FOUND', 'its address sends on to what is no address');
        at = this.#allowed(new URL(next, at).href);
        continue;
      }
      if (!response.ok) {
        await response.body?.cancel();
        throw new ImageError('NOT_FOUND', `its address answers with status ${response.status}`);
      }
      return this.#body(response, signal, left);
    }
    throw new ImageError('NOT_FOUND', 'its address sends on to others without an end');
  }

  async #body(response: Awaited<ReturnType<typeof fetch>>, signal: AbortSignal, left: BytesLeft): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    try {
      for await (const chunk of response.body ?? []) {
        size += chunk.length;
        left.bytes -= chunk.length;
        if (size > this.#maxBytes) throw new ImageError('TOO_LARGE', `it has more than ${this.#maxBytes} bytes`);
        if (left.bytes < 0) throw new ImageError('TOO_LARGE', 'the photos of this request are too large together');
        chunks.push(chunk);
      }
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof ImageError) throw error;
      throw new ImageError('NOT_FOUND', `its address broke off: ${causeOf(error)}`, { cause: error });
    }
    return Buffer.concat(chunks);
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  /** @throws Problem FORBIDDEN, BAD_REQUEST */
  #allowed(address: string): URL {
    if (this.#hosts.length === 0)
      throw new Problem('FORBIDDEN', 'This service loads no photos by address.', 'Send the photo itself.');
    const url = URL.canParse(address) ? new URL(address) : undefined;
    if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
      throw new Problem('BAD_REQUEST', 'This is not the address of a photo.', 'Give one that begins with https://.');
    // A number that was not named is refused whichever way it is written: URL has made it plain.
    const number = url.hostname.replace(/^\[|\]$/g, '');
    const isNamed = this.#hosts.some(
      (host) =>
        host === url.host ||
        host === url.hostname ||
        (host.startsWith('*.') && url.port === '' && isIP(number) === 0 && url.hostname.endsWith(host.slice(1))),
    );
    if (isNamed) return url;
    throw new Problem(
      'FORBIDDEN',
      'Photos from this host are not allowed here.',
      'Send the photo itself, or a host that is allowed.',
    );
  }
}

function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}
