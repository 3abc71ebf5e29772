import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { ServeEvent } from '../../src/serve/events.ts';
import { PhotoQueue } from '../../src/serve/queue.ts';
import type { Service } from '../../src/serve/service.node.ts';
import { turningAway } from '../../src/serve/turnAway.node.ts';

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** A server whose queue is full until `end` is called; what is not turned away is answered with 200. */
async function full() {
  const queue = new PhotoQueue(1, 0);
  let end = () => {};
  void queue.run(
    () =>
      new Promise<void>((resolve) => {
        end = resolve;
      }),
    { signal: new AbortController().signal },
  );
  const events: ServeEvent[] = [];
  const counted: (string | number)[][] = [];
  const service = {
    queue,
    metrics: { request: (route: string, status: number) => counted.push([route, status]) },
    say: (event: ServeEvent) => events.push(event),
    isDraining: false,
  } as unknown as Service;
  const server = createServer(
    turningAway(service, (incoming, outgoing) => void incoming.resume().on('end', () => outgoing.end('ok'))),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { end: () => end(), events, counted, port, address: `http://127.0.0.1:${port}` };
}

test('where the queue is full every address that answers photos says so, and no other', async () => {
  const { address, events, counted, end } = await full();
  const post = async (path: string, headers: Record<string, string> = {}) => {
    const response = await fetch(address + path, { method: 'POST', body: 'x'.repeat(1000), headers });
    return { response, text: await response.text() };
  };
  const routes = {
    '/v1/predict?top=3': '/v1/predict',
    '/v1/models/a/predict': '/v1/models/:name/predict',
    '/v1/models/a:predict': '/v1/models/:call',
    '/v1/models/a/versions/1:classify': '/v1/models/:name/versions/:call',
    '/v2/models/a/infer': '/v2/models/:name/infer',
    '/v2/models/a/versions/b/infer': '/v2/models/:name/versions/:version/infer',
  };
  for (const path of Object.keys(routes)) {
    const { response, text } = await post(path, { 'x-request-id': 'mine' });
    expect({ path, status: response.status, code: JSON.parse(text).error.code }).toEqual({
      path,
      status: 503,
      code: 'BUSY',
    });
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(response.headers.get('x-request-id')).toBe('mine');
  }
  expect(counted).toEqual(Object.values(routes).map((route) => [route, 503]));
  expect(events.map((one) => one.event === 'request' && [one.route, one.code])).toEqual(
    Object.values(routes).map((route) => [route, 'BUSY']),
  );
  // A page of another origin gets the headers that let it read the answer.
  for (const [path, headers] of [
    ['/v1/feedback', {}],
    ['/v1/models', {}],
    ['/v1/predict', { origin: 'https://a.example' }],
  ] as const)
    expect((await post(path, headers)).response.status, path).toBe(200);
  expect((await fetch(`${address}/livez`)).status).toBe(200);
  end();
  await expect.poll(async () => (await post('/v1/predict')).response.status).toBe(200);
});

test('the connection of who is turned away goes on, and the rest of a body is not waited for', async () => {
  const { port } = await full();
  const ask = 'POST /v1/predict HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\n';
  const socket = connect(port, '127.0.0.1', () => socket.write(ask));
  let said = '';
  socket.on('data', (text) => {
    said += text;
  });
  await expect.poll(() => said).toContain('503');
  socket.write('x'.repeat(100_000));
  socket.write('GET /livez HTTP/1.1\r\nhost: x\r\n\r\n');
  await expect.poll(() => said).toContain('200 OK');
  said = '';
  socket.write(`${ask}x`);
  const drip = setInterval(() => socket.write('x'), 100);
  const ended = once(socket, 'close');
  socket.on('error', () => {});
  await ended;
  clearInterval(drip);
  expect(said).toContain('503');
});
