/** The application: middleware, routes, errors. */

import { randomUUID } from 'node:crypto';
import { Hono } from 'hono';
import { cors } from 'hono/cors';
import { routePath } from 'hono/route';
import { Deadline } from './deadline.ts';
import { feedbackRoutes } from './feedbackRoutes.node.ts';
import { kserveRoutes } from './kserve.node.ts';
import { modelRoutes } from './modelRoutes.node.ts';
import { pageRoutes } from './pageRoutes.node.ts';
import { predictRoutes } from './predictRoutes.node.ts';
import { isFault, Problem, toldOf } from './problem.ts';
import type { Env, Request, Service } from './service.node.ts';
import { tensorflowRoutes } from './tensorflow.node.ts';

/** Addresses that need no key: whether it lives, and what says how to ask. */
const open = new Set([
  '/livez',
  '/readyz',
  '/v2/health/live',
  '/v2/health/ready',
  '/',
  '/docs',
  '/openapi.json',
  '/try.js',
]);

/** The whole application. */
export function appOf(service: Service): Hono<Env> {
  const app = new Hono<Env>();
  app.use(async (c, next) => {
    const began = performance.now();
    const id = idOf(c.req.header('x-request-id'));
    const deadline = new Deadline(service.settings.timeout);
    const { outgoing } = c.env;
    outgoing.once('close', () => (outgoing.writableFinished ? deadline.end() : deadline.leave()));
    c.set('id', id);
    c.set('deadline', deadline);
    c.header('x-request-id', id);
    const trace = traceOf(c.req.header('traceparent'));
    if (trace) c.header('traceparent', trace);
    await next();
    if (service.isDraining) c.header('connection', 'close');
    const route = routeOf(c);
    const { status } = c.res;
    const milliseconds = performance.now() - began;
    service.metrics.request(route, status, milliseconds / 1000);
    const code = c.get('code');
    service.say({
      event: 'request',
      ...{ id, method: c.req.method, route, status, milliseconds },
      ...(trace && { trace }),
      ...(code !== undefined && { code }),
    });
  });
  app.use(
    cors({
      origin: (origin) => (service.access.isShared(origin) ? origin : null),
      allowHeaders: ['authorization', 'content-type', 'x-request-id', 'traceparent'],
      exposeHeaders: ['x-request-id', 'retry-after'],
      maxAge: 600,
    }),
  );
  app.use(async (c, next) => {
    const { access, rates } = service;
    access.requireOrigin(c.req.header('origin'), c.req.header('host'));
    if (!open.has(c.req.path)) {
      const client = access.client(c.req.header('authorization'));
      rates?.take(client ?? c.env.incoming.socket.remoteAddress ?? '', performance.now() / 1000);
    }
    await next();
  });
  modelRoutes(app, service);
  predictRoutes(app, service);
  kserveRoutes(app, service);
  tensorflowRoutes(app, service);
  feedbackRoutes(app, service);
  pageRoutes(app);
  const patterns = app.routes
    .filter(({ path }) => !path.includes('*'))
    .map(({ method, path }) => ({ method, pattern: new RegExp(`^${path.replace(/:\w+/g, '[^/]+')}$`) }));
  app.notFound((c) => {
    const methods = patterns.filter(({ pattern }) => pattern.test(c.req.path)).map(({ method }) => method);
    if (methods.length > 0)
      throw new Problem('METHOD', `This address takes ${methods.join(' or ')}.`, '/docs lists what there is.', {
        allow: methods.join(', '),
      });
    throw new Problem('NO_SUCH_ADDRESS', 'There is nothing at this address.', '/docs lists what there is.');
  });
  app.onError((error, c) => {
    const { status, headers, error: told } = toldOf(error);
    c.set('code', told.code);
    if (isFault(error)) service.say({ event: 'fault', id: c.get('id'), reason: error.stack ?? error.message });
    return new Response(JSON.stringify({ error: told }), {
      status,
      headers: { 'content-type': 'application/json', ...headers },
    });
  });
  return app;
}

/** A client's own id, where it is a plain word. */
export function idOf(given: string | readonly string[] = ''): string {
  return typeof given === 'string' && /^[\w.:-]{1,100}$/.test(given) ? given : randomUUID();
}

function traceOf(given = ''): string | undefined {
  return /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/.test(given) ? given : undefined;
}

/** The pattern that the address fits: addresses themselves would be a series of figures each. */
function routeOf(c: Request): string {
  const pattern = routePath(c, -1);
  return pattern === '/*' || pattern === '*' ? 'none' : pattern;
}
