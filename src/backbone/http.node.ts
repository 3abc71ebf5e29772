/** Requests that are asked again; proxies. */

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

/**
 * Waits, unless and until `signal` is aborted. That is why undici's retry interceptor does not do: its wait goes on after
 * the signal and keeps the process alive, as long as Retry-After says.
 */
export async function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  await setTimeoutPromise(milliseconds, undefined, signal && { signal }).catch(() => {});
}

/**
 * A fetch that asks again when a server is busy or a connection is cut, waits as long as `Retry-After` says, and goes
 * through the proxy that HTTPS_PROXY, HTTP_PROXY and NO_PROXY name. An answer may still be an error status.
 * @throws CarafeError UNAVAILABLE where no answer comes; INTERRUPTED once `signal` is aborted
 */
export async function patientFetch(patience: Patience, signal?: AbortSignal): Promise<Fetch> {
  const once = await plainFetch();
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    for (let attempt = 1; ; attempt++) {
      const wait = Math.min(longestWait, patience.firstWait * 2 ** (attempt - 1));
      const isLast = attempt >= patience.tries;
      if (signal?.aborted) throw interrupted(signal);
      try {
        const response = await withTimeout(once, input, init, patience.silence, signal);
        if (isLast || !worthAnotherTry.has(response.status)) return response;
        await response.body?.cancel();
        await sleep(retryAfter(response) ?? wait, signal);
      } catch (error) {
        if (signal?.aborted) throw interrupted(signal);
        if (isLast || unreachable.has(causeCode(error))) throw noAnswer(url, error);
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

async function plainFetch(): Promise<Fetch> {
  if (proxies().length === 0) return fetch;
  const undici = await import('undici');
  let dispatcher: InstanceType<typeof undici.EnvHttpProxyAgent>;
  try {
    dispatcher = new undici.EnvHttpProxyAgent();
  } catch (error) {
    throw new CarafeError(
      'USAGE',
      `${proxies().join(' or ')} is not a proxy address.`,
      'Set it to an address such as http://proxy.example.com:8080, or unset it.',
      { cause: error },
    );
  }
  // Node's own fetch is undici's, but takes no dispatcher of another version of it.
  const proxied = undici.fetch as unknown as (input: string, init: object) => Promise<Response>;
  return (input, init) => proxied(input instanceof Request ? input.url : String(input), { ...init, dispatcher });
}

/** Limits the wait for the headers; the body has a clock of its own. */
async function withTimeout(
  once: Fetch,
  input: Parameters<Fetch>[0],
  init: Parameters<Fetch>[1],
  silence: number,
  signal: AbortSignal | undefined,
): Promise<Response> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(new Error(`no answer for ${silence / 1000} s`)), silence);
  try {
    return await once(input, { ...init, signal: signal ? AbortSignal.any([abort.signal, signal]) : abort.signal });
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

/** What to do where the network cannot be used. */
export const offlineHint =
  "Use `backbone: 'embedded'`, which needs no download. Or download NAME.onnx yourself, save its preprocessor_config.json next to it as NAME.json, and pass the path with `backbone`.";

function noAnswer(url: URL, error: unknown): CarafeError {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const reason = cause instanceof Error ? cause.message : String(cause);
  const through = proxies().length > 0 ? ` (through a proxy, if ${proxies().join(' or ')} names one for it)` : '';
  return new CarafeError('UNAVAILABLE', `${url.host} does not answer${through}: ${reason}`, offlineHint, {
    cause: error,
  });
}
