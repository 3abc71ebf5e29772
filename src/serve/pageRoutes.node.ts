/** The pages of a service. */

import { readFile } from 'node:fs/promises';
import type { Hono } from 'hono';
import { openapi } from './openapi.node.ts';
import { docsPage, tryPage } from './pages.node.ts';
import type { Env } from './service.node.ts';

/** Scripts and requests of the page itself, pictures that it has at hand, and nothing else. */
const policy =
  "default-src 'none'; script-src 'self'; connect-src 'self'; img-src data: blob:; media-src blob:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const headers = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': policy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

export function pageRoutes(app: Hono<Env>): void {
  app.get('/', (c) => c.body(tryPage(), 200, headers));
  app.get('/docs', (c) => c.body(docsPage(), 200, headers));
  app.get('/openapi.json', (c) => c.json(openapi()));
  app.get('/try.js', async (c) => {
    // Out of src/ the built one is taken.
    const file = new URL('./try.web.js', import.meta.url.replace(/^(.*)\/src\/(.*)\.ts$/, '$1/dist/$2.js'));
    return c.body(await readFile(file, 'utf8'), 200, { 'content-type': 'text/javascript; charset=utf-8' });
  });
}
