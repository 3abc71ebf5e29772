/** Requests that find no place are answered before anything else is done with them: turning away must cost next to nothing. */

import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { idOf } from './app.node.ts';
import { toldOf } from './problem.ts';
import type { Service } from './service.node.ts';

/** Addresses that photos are sent to for an answer, and the pattern that each fits. */
const routes = [
  [/^\/v1\/predict$/, '/v1/predict'],
  [/^\/v1\/models\/[^/]+\/predict$/, '/v1/models/:name/predict'],
  [/^\/v1\/models\/[^/]+:(?:predict|classify)$/, '/v1/models/:call'],
  [/^\/v1\/models\/[^/]+\/versions\/[^/]+:(?:predict|classify)$/, '/v1/models/:name/versions/:call'],
  [/^\/v2\/models\/[^/]+\/infer$/, '/v2/models/:name/infer'],
  [/^\/v2\/models\/[^/]+\/versions\/[^/]+\/infer$/, '/v2/models/:name/versions/:version/infer'],
] as const;
/** Milliseconds that the rest of a body may take after its answer, which nobody reads. */
const restTimeout = 1000;

/** Answers with status 503 where the queue is full, and hands all else on. */
export function turningAway(service: Service, listener: RequestListener): RequestListener {
  return (incoming, outgoing) => {
    const route = service.queue.isFull ? routeOf(incoming) : undefined;
    if (route === undefined) listener(incoming, outgoing);
    else turnAway(service, route, incoming, outgoing);
  };
}

/** Undefined for what asks for no answer, and for pages of other origins: those get headers of their own. */
function routeOf({ method, url = '', headers }: IncomingMessage): string | undefined {
  if (method !== 'POST' || headers.origin !== undefined) return undefined;
  const path = url.split('?', 1)[0];
  return routes.find(([pattern]) => pattern.test(path))?.[1];
}

function turnAway(
  { queue, metrics, say, isDraining }: Service,
  route: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): void {
  const began = performance.now();
  const id = idOf(incoming.headers['x-request-id']);
  const { status, headers, error } = toldOf(queue.busy());
  const body = JSON.stringify({ error });
  outgoing.writeHead(status, {
    ...headers,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'x-request-id': id,
    ...(isDraining && { connection: 'close' }),
  });
  outgoing.end(body, () => {
    if (incoming.complete) return;
    // What is small has come by now; the rest is read, so that the client gets the answer, but not for ever.
    const late = setTimeout(() => incoming.destroy(), restTimeout);
    incoming.once('close', () => clearTimeout(late)).resume();
  });
  const milliseconds = performance.now() - began;
  metrics.request(route, status, milliseconds / 1000);
  say({ event: 'request', id, method: 'POST', route, status, milliseconds, code: error.code });
}
