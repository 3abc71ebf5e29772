import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '../chromium.ts';

declare global {
  /** The built entries, in the page. */
  var carafe: typeof import('../../src/browser.ts') & typeof import('../../src/browserTrain.ts');
}

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What the server gives under a path: bytes, or the folder in which to look. */
export type Routes = Readonly<Record<string, Uint8Array | string | { folder: string }>>;

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript',
  mjs: 'text/javascript',
  wasm: 'application/wasm',
  jpg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
};

const blank = `<!doctype html><meta charset="utf-8"><title>Carafe</title><link rel="icon" href="data:,">
<script type="module">
  globalThis.carafe = { ...(await import('/web/predict.js')), ...(await import('/web/train.js')) };
  document.title = 'ready';
</script>`;

export interface ServedPages {
  readonly address: string;
  close(): Promise<void>;
}

export interface Served extends ServedPages {
  readonly browser: Browser;
}

/** Serves the built package and `routes`. */
export async function servePages(routes: Routes): Promise<ServedPages> {
  const known: Routes = {
    '/': blank,
    '/web/': { folder: join(root, 'web') },
    '/backbone/': { folder: join(root, 'backbone') },
    '/examples/': { folder: join(root, 'examples') },
    ...routes,
  };
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
    const body = bodyOf(known, path);
    const type = path === '/' ? types.html : types[path.split('.').at(-1) ?? ''];
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': type ?? 'application/octet-stream' });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The same, and the browser, with `args` beside its own. */
export async function serve(routes: Routes, args: readonly string[] = []): Promise<Served> {
  const { address, close } = await servePages(routes);
  const browser = await launchChromium(args);
  return {
    address,
    browser,
    async close() {
      await browser.close();
      await close();
    },
  };
}

function bodyOf(routes: Routes, path: string): Uint8Array | string | undefined {
  const exact = routes[path];
  if (typeof exact === 'string' || exact instanceof Uint8Array) return exact;
  for (const [prefix, value] of Object.entries(routes)) {
    if (!path.startsWith(prefix) || typeof value === 'string' || value instanceof Uint8Array) continue;
    const file = normalize(join(value.folder, path.slice(prefix.length)));
    if (file.startsWith(value.folder) && existsSync(file) && !file.endsWith('/')) return readFileSync(file);
  }
  return undefined;
}

/** A page in which `carafe` is loaded; `wrong` gathers what the console says. */
export async function openPage({ browser, address }: Served): Promise<{ page: Page; wrong: string[] }> {
  const page = await browser.newPage();
  page.setDefaultTimeout(60_000);
  const wrong: string[] = [];
  page.on('console', (message) => wrong.push(message.text()));
  page.on('pageerror', (error) => wrong.push(error.message));
  await page.goto(address);
  await page.waitForFunction(() => document.title === 'ready');
  return { page, wrong };
}
