/** The service worker: after the first load the page needs no network. */

/** Changes with every build, so that no old script meets a new one. */
declare const CARAFE_BUILD: string;

const cacheName = `carafe-studio-${CARAFE_BUILD}`;
// The page's own types are those of a window; what is used here of a service worker is stated.
const scope = globalThis as unknown as {
  readonly clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(
    kind: 'install' | 'activate',
    listen: (event: { waitUntil(work: Promise<unknown>): void }) => void,
  ): void;
  addEventListener(
    kind: 'fetch',
    listen: (event: { readonly request: Request; respondWith(answer: Promise<Response>): void }) => void,
  ): void;
};
const shell = ['./', 'studio.js', 'german.js', 'worker.js', 'measurer.js'];
/** They isolate the page from others, so that browsers give it threads: hosts of static files mostly send none of them. */
const isolating = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'same-origin',
};

scope.addEventListener('install', (event) =>
  event.waitUntil(
    caches
      .open(cacheName)
      .then((cache) => cache.addAll(shell))
      .then(() => scope.skipWaiting()),
  ),
);

scope.addEventListener('activate', (event) =>
  event.waitUntil(
    caches.keys().then(async (names) => {
      const old = names.filter((name) => name.startsWith('carafe-studio-') && name !== cacheName);
      await Promise.all(old.map((name) => caches.delete(name)));
      await scope.clients.claim();
    }),
  ),
);

scope.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method === 'GET' && new URL(request.url).origin === location.origin) event.respondWith(answer(request));
});

/** What is kept first; what is not is fetched, and kept. */
async function answer(request: Request): Promise<Response> {
  const cache = await caches.open(cacheName);
  const kept = await cache.match(request, { ignoreSearch: true });
  if (kept) return isolated(kept);
  const response = await fetch(request);
  if (response.ok && response.status === 200) await cache.put(request, response.clone());
  return isolated(response);
}

function isolated(response: Response): Response {
  const { status, statusText, body } = response;
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(isolating)) headers.set(name, value);
  return new Response(body, { status, statusText, headers });
}
