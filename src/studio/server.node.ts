/** The studio's local server. */

import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { networkInterfaces } from 'node:os';
import { createAdaptorServer } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { streamSSE } from 'hono/streaming';
import * as z from 'zod';
import { CarafeError, plainError } from '../errors.ts';
import { requirePixels } from '../images/pixels.ts';
import { type Message, message, messageOf } from '../message.ts';
import type { Pixels } from '../runtime/platform.ts';
import { shell } from '../ui/shell.ts';
import { type Engine, edit, exportWanted, type NewPhoto, savedFiles } from './engine.ts';
import { refusal } from './guard.ts';
import { rules } from './style.ts';

export interface ServerOptions {
  /** 127.0.0.1 unless told: nobody else on the network reaches it. */
  readonly host?: string | undefined;
  /** Any free one unless told. */
  readonly port?: number | undefined;
}

/** A studio that answers. */
export interface RunningStudio {
  /** With the token. */
  readonly address: string;
  close(): Promise<void>;
}

/** What answers behind the routes. */
type Behind = Omit<Engine, 'phone' | 'picture' | 'chooseNetwork'> & {
  picture(path: string, isSmall: boolean): Promise<Blob>;
};

/** Bytes of one request: some photos. */
const mostBytes = 256 * 2 ** 20;
const scripts = new URL('../pages/', import.meta.url.replace(/\/src\/studio\/[^/]*$/, '/dist/studio/x'));

/** Serves the page and the engine behind it. @throws CarafeError UNAVAILABLE where the port is taken */
export async function serveStudio(
  engine: Behind,
  { host = '127.0.0.1', port = 0 }: ServerOptions = {},
): Promise<RunningStudio> {
  const token = randomBytes(24).toString('base64url');
  const hosts = new Set<string>();
  let phone: string | undefined;
  const app = studioApp(engine, hosts, token, () => phone);
  const server = createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false, createServer }) as Server;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        new CarafeError(
          'UNAVAILABLE',
          message`The studio cannot listen on ${host}, port ${port}: ${error.code === 'EADDRINUSE' ? 'another program uses it' : error.message}.`,
          'Use `port: 0`, which takes any free one.',
          { cause: error },
        ),
      ),
    );
    server.listen(port, host, resolve);
  });
  const at = server.address();
  const taken = at && typeof at === 'object' ? at.port : port;
  for (const name of ['127.0.0.1', 'localhost', '[::1]', ...namesOf(host)]) hosts.add(`${name}:${taken}`);
  const [elsewhere] = namesOf(host);
  if (elsewhere) phone = `http://${elsewhere}:${taken}/?token=${token}`;
  return {
    // This computer takes the way that gives pages its camera.
    address: `http://${host === '0.0.0.0' || host === '::' || !elsewhere ? '127.0.0.1' : elsewhere}:${taken}/?token=${token}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What a phone on the same network may call this computer, where it listens there. */
function namesOf(host: string): string[] {
  if (host === '127.0.0.1' || host === 'localhost' || host === '::1') return [];
  if (host !== '0.0.0.0' && host !== '::') return [host.includes(':') ? `[${host}]` : host];
  return Object.values(networkInterfaces()).flatMap((all = []) =>
    all.flatMap(({ family, internal, address }) => (family === 'IPv4' && !internal ? [address] : [])),
  );
}

/** The routes. */
function studioApp(engine: Behind, hosts: ReadonlySet<string>, token: string, phone: () => string | undefined): Hono {
  const app = new Hono();
  const cookie = (c: Context) => `carafe-${new URL(c.req.url).port}`;

  app.use(async (c, next) => {
    const asking = {
      host: c.req.header('host'),
      origin: c.req.header('origin'),
      site: c.req.header('sec-fetch-site'),
      // From outside the page is opened by its address alone; everything else brings the cookie.
      token: getCookie(c, cookie(c)) ?? (c.req.path === '/' ? c.req.query('token') : undefined),
    };
    const isOpening = c.req.path === '/' && c.req.method === 'GET';
    const why = refusal(
      { ...asking, ...(isOpening && { site: undefined, token: c.req.query('token') ?? asking.token }) },
      hosts,
      token,
    );
    if (why)
      return c.json(
        plainError(new CarafeError('USAGE', refused(why), 'Open the address that the command printed.'), '', ''),
        403,
      );
    await next();
    c.header('cache-control', 'no-store');
    c.header('x-content-type-options', 'nosniff');
    c.header('referrer-policy', 'no-referrer');
    c.header('cross-origin-resource-policy', 'same-origin');
  });

  app.onError((error, c) => {
    const problem = plainError(error, 'The studio met a problem', 'Try again; if it happens again, report it.');
    return c.json(problem, problem.code === 'INTERNAL' ? 500 : 400);
  });

  app.get('/', (c) => {
    if (c.req.query('token') !== undefined) {
      setCookie(c, cookie(c), token, { httpOnly: true, sameSite: 'Strict', path: '/' });
      return c.redirect('/');
    }
    return c.html(shell({ title: 'Carafe studio', script: 'studio.js', rules, behind: 'server' }));
  });
  for (const script of ['studio.js', 'german.js', 'code.js'])
    app.get(`/${script}`, async (c) => {
      c.header('content-type', 'text/javascript');
      return c.body(Uint8Array.from(await readFile(new URL(script, scripts))));
    });

  app.get('/api/events', (c) =>
    streamSSE(c, async (stream) => {
      let end = () => {};
      const over = new Promise<void>((resolve) => {
        stream.onAbort(resolve);
      });
      end = engine.watch((state) => void stream.writeSSE({ data: JSON.stringify(state) }));
      await over;
      end();
    }),
  );
  app.get('/api/photos', async (c) => c.json(await engine.photos(c.req.query('label') ?? '')));
  app.post('/api/photos', async (c) => {
    await limited(c);
    const form = await c.req.formData();
    const photos = await Promise.all(
      form
        .getAll('photo')
        .filter((part) => part instanceof File)
        .map(async (file) => ({ name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) })),
    );
    const batch = form.get('batch');
    return c.json(
      await engine.add(form.getAll('label').map(String), photos, typeof batch === 'string' ? batch : undefined),
    );
  });
  app.post('/api/start', async (c) => {
    await limited(c);
    await engine.startFrom(await fileIn(c, 'classifier'));
    return c.json(null);
  });
  app.post('/api/list', async (c) => {
    await limited(c);
    return c.json(await engine.list(await fileIn(c, 'list')));
  });
  app.post('/api/edit', async (c) => {
    const wanted = edit.safeParse(await c.req.json());
    if (!wanted.success)
      throw new CarafeError('USAGE', 'This is no change that the studio knows.', 'Load the page again.');
    await engine.edit(wanted.data);
    return c.json(null);
  });
  for (const name of ['undo', 'redo', 'measure', 'cancel'] as const)
    app.post(`/api/${name}`, async (c) => {
      await engine[name]();
      return c.json(null);
    });
  app.post('/api/predict', async (c) => {
    await limited(c);
    const answer = await engine.predict(await photoOf(c), { heatmap: c.req.query('heatmap') === '1' });
    return c.json(answer ?? null);
  });
  app.get('/api/phone', (c) => c.json(phone() ?? null));
  app.get('/api/results', async (c) => c.json((await engine.results()) ?? null));
  app.get('/api/picture', (c) => sent(c, engine.picture(c.req.query('path') ?? '', c.req.query('small') === '1')));
  app.get('/api/file/:name', async (c) => {
    const name = z.enum(savedFiles).parse(c.req.param('name'));
    c.header('content-disposition', `attachment; filename="${name}"`);
    return sent(c, engine.file(name));
  });
  app.post('/api/export', async (c) => {
    const wanted = exportWanted.safeParse(await c.req.json());
    if (!wanted.success)
      throw new CarafeError('USAGE', 'This is no export that the studio knows.', 'Load the page again.');
    const { content, ...about } = await engine.export(wanted.data);
    const form = new FormData();
    form.set('about', JSON.stringify(about));
    form.set('content', content);
    return new Response(form);
  });
  return app;
}

const frameSize = z.object({ width: z.coerce.number().int().min(1), height: z.coerce.number().int().min(1) });

/** A file, or pixels where the address says how many. @throws CarafeError USAGE */
async function photoOf(c: Context): Promise<Blob | Pixels> {
  const size = frameSize.safeParse(c.req.query());
  return size.success ? requirePixels({ ...size.data, data: new Uint8Array(await c.req.arrayBuffer()) }) : c.req.blob();
}

/** @throws CarafeError USAGE where none of this name was sent */
async function fileIn(c: Context, name: string): Promise<NewPhoto> {
  const file = (await c.req.formData()).get(name);
  if (!(file instanceof File)) throw new CarafeError('USAGE', message`No ${name} was sent.`, 'Load the page again.');
  return { name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) };
}

async function sent(c: Context, content: Promise<Blob>): Promise<Response> {
  const blob = await content;
  c.header('content-type', blob.type);
  return c.body(new Uint8Array(await blob.arrayBuffer()));
}

/** @throws CarafeError USAGE for more than a request may have */
async function limited(c: Context): Promise<void> {
  const length = Number(c.req.header('content-length') ?? Number.POSITIVE_INFINITY);
  if (length > mostBytes)
    throw new CarafeError('USAGE', 'This is too much at once.', 'Send fewer photos in one request.');
}

function refused(why: string): Message {
  return message`The studio refuses this request, since ${messageOf(why)}.`;
}
