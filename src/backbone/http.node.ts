/** Connections for a download: requests that are asked again, proxies, and sockets that are closed when it is over. */

import { setTimeout as setTimeoutPromise } from 'node:timers/promises';
import { CarafeError } from '../errors.ts';

export type Fetch = typeof fetch;

/** How long to wait for a server, and how often to ask again. */
export interface Patience {
  readonly tries: number;
  /** Before the second try; doubled each time. */
  readonly firstWait: number;
  /** Milliseconds without a byte after which a connection counts as cut. */
  readonly silence: number;
}

export const defaultPatience: Patience = { tries: 5, firstWait: 1000, silence: 30_000 };

const longestWait = 60_000;
const worthAnotherTry = new Set([408, 429, 500, 502, 503, 504]);
/** There is no network, or no such server: asking again does not help. */
const unreachable = new Set(['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'ENETUNREACH', 'EHOSTUNREACH']);

/** What a download needs of the network. */
export interface Connection {
  /** Asks again when a server is busy or a connection is cut, waits as long as `Retry-After` says, and goes through proxies. */
  readonly fetch: Fetch;
  readonly patience: Patience;
  readonly signal?: AbortSignal | undefined;
  /** What to do where the network cannot be used. */
  readonly hint: string;
}

/**
 * Waits, unless and until `signal` is aborted. That is why undici's retry interceptor does not do: its wait goes on after
 * the signal and keeps the process alive, as long as Retry-After says.
 */
export async function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  await setTimeoutPromise(milliseconds, undefined, signal && { signal }).catch(() => {});
}

/**
 * Work that downloads, with the proxies that HTTPS_PROXY, HTTP_PROXY and NO_PROXY name. Once it is over, done, failed or
 * aborted, no socket is left: one that a proxy never answers would keep the process alive for minutes.
 * @throws CarafeError UNAVAILABLE where no answer comes; INTERRUPTED once `signal` is aborted
 */
export async function connected<T>(
  { patience = defaultPatience, signal, hint = offlineHint() }: Partial<Omit<Connection, 'fetch'>>,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const undici = await import('undici');
  const dispatcher = proxied(undici.EnvHttpProxyAgent);
  // Node's own fetch is undici's, but takes no dispatcher of another version of it.
  const once = undici.fetch as unknown as (input: string, init: object) => Promise<Response>;
  const plain: Fetch = (input, init) =>
    once(input instanceof Request ? input.url : String(input), { ...init, dispatcher });
  try {
    return await work({ fetch: patient(plain, patience, hint, signal), patience, signal, hint });
  } finally {
    await dispatcher.destroy();
  }
}

/** A fetch that asks again. An answer may still be an error status. */
function patient(once: Fetch, patience: Patience, hint: string, over: AbortSignal | undefined): Fetch {
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const signals = [over, init?.signal].filter((signal) => signal instanceof AbortSignal);
    const signal = AbortSignal.any(signals);
    for (let attempt = 1; ; attempt++) {
      const wait = Math.min(longestWait, patience.firstWait * 2 ** (attempt - 1));
      const isLast = attempt >= patience.tries;
      if (signal.aborted) throw interrupted(signal);
      try {
        const response = await withTimeout(once, input, init, patience.silence, signal);
        if (isLast || !worthAnotherTry.has(response.status)) return response;
        await response.body?.cancel();
        await sleep(retryAfter(response) ?? wait, signal);
      } catch (error) {
        if (signal.aborted) throw interrupted(signal);
        if (isLast || unreachable.has(causeCode(error))) throw noAnswer(url, error, hint);
        await sleep(wait, signal);
      }
    }
  };
}

function interrupted({ reason }: AbortSignal): CarafeError {
  return new CarafeError(
    'INTERRUPTED',
    'The download was interrupted.',
    'Start it again: it resumes where it stopped.',
    { cause: reason },
  );
}

/** The variables that name a proxy. */
function proxies(): string[] {
  return ['https_proxy', 'http_proxy', 'HTTPS_PROXY', 'HTTP_PROXY'].filter((name) => process.env[name]);
}

export function proxied<Agent>(EnvHttpProxyAgent: new () => Agent): Agent {
  try {
    return new EnvHttpProxyAgent();
  } catch (error) {
    throw new CarafeError(
      'USAGE',
      `${proxies().join(' or ')} is not a proxy address.`,
      'Set it to an address such as http://proxy.example.com:8080, or unset it.',
      { cause: error },
    );
  }
}

/** Limits the wait for the headers; the body has a clock of its own. */
async function withTimeout(
  once: Fetch,
  input: Parameters<Fetch>[0],
  init: Parameters<Fetch>[1],
  silence: number,
  signal: AbortSignal,
): Promise<Response> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(new Error(`no answer for ${silence / 1000} s`)), silence);
  try {
    return await once(input, { ...init, signal: AbortSignal.any([abort.signal, signal]) });
  } finally {
    clearTimeout(timer);
  }
}

/** Milliseconds that the server asks to wait, as seconds or as a date. */
function retryAfter(response: Response): number | undefined {
  const header = response.headers.get('retry-after');
  if (!header) return undefined;
  const wait = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(wait) ? Math.min(longestWait, Math.max(0, wait)) : undefined;
}

function causeCode(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error && 'code' in cause ? String(cause.code) : '';
}

/** What to do where the network cannot be used. @param address of the file; @param preprocessing what to save beside it */
export function offlineHint(
  address = 'NAME.onnx',
  preprocessing = 'save its preprocessor_config.json next to it as NAME.json',
): string {
  return `Use \`backbone: 'embedded'\`, which needs no download. Or download ${address} yourself, ${preprocessing}, and pass the path with \`backbone\`.`;
}

function noAnswer(url: URL, error: unknown, hint: string): CarafeError {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const reason = cause instanceof Error ? cause.message : String(cause);
  const through = proxies().length > 0 ? ` (through a proxy, if ${proxies().join(' or ')} names one for it)` : '';
  return new CarafeError('UNAVAILABLE', `${url.host} does not answer${through}: ${reason}`, hint, { cause: error });
}
