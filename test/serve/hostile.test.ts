import { readdirSync, rmSync } from 'node:fs';
import { IncomingMessage } from 'node:http';
import { connect, Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { deflateSync } from 'node:zlib';
import { beforeAll, expect, test } from 'vitest';
import { PhotoAddresses } from '../../src/serve/addresses.node.ts';
import { Bodies, Pieces } from '../../src/serve/body.node.ts';
import { linesOf } from '../../src/serve/photos.node.ts';
import { classes, photo, placeFor, post, postJson, put, type Started, started } from './started.ts';

let service: Started;
let jpeg: Buffer;
let port: number;
beforeAll(async () => {
  jpeg = await photo();
  service = await started(put('one/classifier.onnx', await classes()), {
    timeout: 1,
    maxBytes: 200_000,
    feedback: placeFor('hostile-feedback'),
  });
  port = Number(new URL(service.address).port);
});

/** Sends bytes as they stand and gives all that comes back until the connection ends. */
function send(text: string | Buffer, keepOpen = true): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => (keepOpen ? socket.write(text) : socket.end(text)));
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(answer));
  });
}

/** It goes on, and answers. */
async function goesOn(): Promise<void> {
  expect(await service.ask('/v1/predict', post(jpeg))).toMatchObject({ status: 200 });
}

/** Faults of the service, which no client may cause. */
const faults = () => service.events.filter(({ event }) => event === 'fault');

test('half bodies and slow ones are ended', async () => {
  const head =
    'POST /v1/predict HTTP/1.1\r\nhost: localhost\r\ncontent-type: image/jpeg\r\ncontent-length: 5000\r\n\r\n';
  expect(await send(`${head}abc`)).toContain('408');
  await send(`${head}abc`, false);
  const slow = connect(port, '127.0.0.1', () => slow.write(head));
  const drip = setInterval(() => slow.write('x'), 100);
  let answer = '';
  slow.on('data', (chunk) => {
    answer += chunk;
  });
  slow.on('error', () => {});
  await new Promise((resolve) => slow.on('close', resolve));
  clearInterval(drip);
  expect(answer).toMatch(/408|TOO_LATE/);
  await goesOn();
});

test('a client that goes away frees its place', async () => {
  for (let i = 0; i < 20; i++) {
    const abort = new AbortController();
    const asked = fetch(`${service.address}/v1/predict`, { ...post(jpeg), signal: abort.signal }).catch(() => {});
    setTimeout(() => abort.abort(), i);
    await asked;
  }
  await expect
    .poll(async () => (await service.ask('/metrics')).text, { timeout: 30_000 })
    .toMatch(/carafe_queue_waiting 0[\s\S]*carafe_queue_running 0/);
  await goesOn();
});

test('headers and addresses without an end', async () => {
  expect(await send(`GET /v1/models HTTP/1.1\r\nhost: x\r\nx-long: ${'a'.repeat(100_000)}\r\n\r\n`)).toMatch(
    /^HTTP\/1.1 431[\s\S]*"code":"HEADERS_TOO_LARGE"/,
  );
  expect(await send(`GET /${'a'.repeat(20_000)} HTTP/1.1\r\nhost: x\r\n\r\n`)).toContain('"code":"HEADERS_TOO_LARGE"');
  const chunk = 'POST /v1/predict HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n';
  const lengths = 'POST /v1/predict HTTP/1.1\r\nhost: x\r\ncontent-length: -5\r\n\r\nx';
  for (const text of ['GARBAGE\r\n\r\n', chunk, lengths])
    expect(await send(text)).toMatch(/^HTTP\/1.1 400[\s\S]*"code":"BAD_REQUEST","what":"[^"]+","hint":"[^"]+"/);
  expect((await service.ask(`/v1/models/${'a'.repeat(8000)}`)).status).toBe(404);
  expect(await send('GET /v1/models HTTP/1.1\r\nconnection: close\r\n\r\n')).toMatch(/^HTTP\/1.1 200/);
  expect(await send('POST /v1/predict HTTP/1.1\r\nhost: x\r\nexpect: 200-foo\r\ncontent-length: 1\r\n\r\nx')).toMatch(
    /^HTTP\/1.1 417[\s\S]*"code":"EXPECTATION_FAILED"/,
  );
});

test('names of classifiers are no paths', async () => {
  for (const name of [
    '..%2f..%2fetc%2fpasswd',
    '%2e%2e',
    '..',
    '%00',
    'one%2f..',
    '__proto__',
    'constructor',
    '%',
    '%ff',
  ])
    for (const path of [`/v1/models/${name}`, `/v2/models/${name}`, `/v1/models/${name}:predict`]) {
      const answer = await send(`GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
      expect(answer, path).toMatch(/^HTTP\/1.1 (404|400)[\s\S]*"error":/);
      expect(answer).not.toContain('root:');
    }
});

test('bodies too large, said so or not', async () => {
  const large = Buffer.alloc(300_000, 1);
  expect(await service.ask('/v1/predict', post(large)).catch(() => ({ status: 413 }))).toMatchObject({ status: 413 });
  const chunked = new ReadableStream({
    start(controller) {
      for (let i = 0; i < 30; i++) controller.enqueue(new Uint8Array(20_000));
      controller.close();
    },
  });
  const init = { ...post(chunked), duplex: 'half' } as RequestInit;
  expect(await service.ask('/v1/predict', init).catch(() => ({ status: 413 }))).toMatchObject({ status: 413 });
  expect(await service.ask('/v1/predict', postJson({ image: large.toString('base64') }))).toMatchObject({
    json: { predictions: [{ code: 'TOO_LARGE' }] },
  });
  await goesOn();
});

test('ten thousand parts, and forms that are none', async () => {
  const parts = (count: number) =>
    Array.from(
      { length: count },
      (_, i) => `--b\r\ncontent-disposition: form-data; name="f${i}"; filename="x"\r\n\r\nx\r\n`,
    ).join('');
  const form = { 'content-type': 'multipart/form-data; boundary=b' };
  expect(await service.ask('/v1/predict', post(`${parts(10_000)}--b--`, form))).toMatchObject({ status: 413 });
  expect(await service.ask('/v1/predict', post(`${parts(40)}--b--`, form))).toMatchObject({ status: 413 });
  for (const body of ['', '--b', parts(2), '--b\r\n\r\n\r\n--b--', 'x'])
    expect((await service.ask('/v1/predict', post(body, form))).status).toBe(400);
  expect((await service.ask('/v1/predict', post('x', { 'content-type': 'multipart/form-data' }))).status).toBe(400);
});

test('wrong types, and JSON that is not what is expected', async () => {
  expect((await service.ask('/v1/predict', post('x', { 'content-type': 'text/html' }))).status).toBe(415);
  const bodies = ['', '{', 'null', '[]', '{"image":1}', '{"images":[]}', '{"image":""}', '['.repeat(1000)];
  for (const body of bodies) {
    const { status, json } = await service.ask('/v1/predict', post(body, { 'content-type': 'application/json' }));
    expect({ body: body.slice(0, 20), status }).toEqual({ body: body.slice(0, 20), status: 400 });
    expect(json.error.code).toBe('BAD_REQUEST');
  }
  const odd = '{"__proto__":{"image":"x"},"image":"AAAA"}';
  expect((await service.ask('/v1/predict', post(odd, { 'content-type': 'application/json' }))).status).toBe(200);
  expect((await service.ask('/v2/models/one/infer', post('{"inputs":[]}'))).status).toBe(400);
  const huge = '{"inputs":[{"name":"x","shape":[1,1e9,1e9,3],"datatype":"UINT8","data":[1]}]}';
  expect((await service.ask('/v2/models/one/infer', post(huge))).status).toBe(413);
  expect(
    (await service.ask('/v2/models/one/infer', post('{}', { 'inference-header-content-length': '-5' }))).status,
  ).toBe(400);
});

test('JSON of a million values is refused before it is read, at every address that takes JSON', async () => {
  const many = (value: string) => Array.from({ length: 60_000 }, () => value).join();
  const json = { 'content-type': 'application/json' };
  const values = [`[${many('1')}]`, '['.repeat(60_000), `{${many('"a":1')}}`, `[${many('"a"')}]`, `[${many('{}')}]`];
  for (const value of values) {
    for (const path of ['/v1/predict', '/v1/models/one:predict', '/v1/models/one:classify', '/v1/feedback'])
      expect(await service.ask(path, post(`{"images":${value}}`, json)), path).toMatchObject({
        status: 413,
        json: { error: { code: 'TOO_LARGE' } },
      });
    const { text } = await service.ask('/v1/predict', post(value, { 'content-type': 'application/x-ndjson' }));
    expect(JSON.parse(text)).toMatchObject({ error: { code: 'TOO_LARGE' } });
  }
  // There numbers may be pixels: a million and a half of them.
  const pixels = `{"inputs":[{"name":"x","shape":[1],"datatype":"UINT8","data":[${many('1,1,1,1,1,1,1,1,1')}]}]}`;
  expect((await service.ask('/v2/models/one/infer', post(pixels))).status).toBe(400);
  const wide = await started(placeFor('one/classifier.onnx'));
  const more = `{"inputs":[${many('1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1')}]}`;
  expect((await wide.ask('/v2/models/one/infer', post(more))).status).toBe(413);
});

test("tensors in KServe's protocol that are not what they say", async () => {
  const infer = (input: object, binary?: Buffer) => {
    const head = JSON.stringify({ inputs: [{ name: 'image', ...input }] });
    if (!binary) return service.ask('/v2/models/one/infer', post(head));
    const init = post(Buffer.concat([Buffer.from(head), binary]), {
      'inference-header-content-length': `${head.length}`,
    });
    return service.ask('/v2/models/one/infer', init);
  };
  const photo = jpeg.toString('base64');
  const pixels = (data: readonly unknown[], shape = [1, 2, 2, 3]) => infer({ shape, datatype: 'UINT8', data });
  const grey = Array.from({ length: 12 }, () => 128);
  expect((await pixels(grey)).status).toBe(200);
  expect((await pixels([[grey.slice(0, 6)], [grey.slice(0, 6)]])).status).toBe(200);
  for (const value of [256, -1, 0.5, 1e9, null, '1', true])
    expect((await pixels([value, ...grey.slice(1)])).status, String(value)).toBe(400);
  expect((await pixels(grey.slice(1))).status).toBe(400);
  expect((await pixels([...grey, 1])).status).toBe(400);
  for (const shape of [[], [12], [0, 2, 2, 3], [1, 0, 4, 3], [1, 3, 4, 1]])
    expect((await pixels(grey, shape)).status).toBe(400);
  for (const shape of [[], [2], [0], [1, 2]])
    expect((await infer({ shape, datatype: 'BYTES', data: shape.length > 0 ? [photo] : [] })).status).toBe(400);
  const parameters = { binary_data_size: 1 };
  const empty = Buffer.alloc(50_000 * 4);
  expect((await infer({ shape: [50_000], datatype: 'BYTES', parameters }, empty)).status).toBe(413);
  expect((await infer({ shape: [1], datatype: 'BYTES', parameters }, empty)).status).toBe(400);
  expect(
    (await infer({ shape: [50_000, 1, 1, 3], datatype: 'UINT8', parameters }, empty.subarray(0, 150_000))).status,
  ).toBe(413);
});

test('addresses of which no URL can be made get a code, too', async () => {
  for (const [target, host] of [
    ['*', 'x'],
    ['/\\v1', 'x'],
    ['ftp://x:99999/livez', 'x'],
    ['/livez', 'a b c'],
    ['/livez', '\xff\xfe'],
    ['/livez', 'x]/@y'],
  ])
    expect(
      await send(`OPTIONS ${target} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`),
      `${target} ${host}`,
    ).toMatch(/^HTTP\/1.1 400[\s\S]*"code":"BAD_REQUEST"/);
});

test('small pieces of a body take no more memory than large ones', async () => {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  const pieces = new Pieces();
  const source = Buffer.alloc(65_536, 'abc');
  collect();
  const before = process.memoryUsage();
  for (let i = 0; i < 200_000; i++) {
    // Each is a view of what came from the network with it.
    const came = i % 10_000 === 0 ? Buffer.from(source) : source;
    pieces.add(came.subarray(i % 65_536, (i % 65_536) + 1));
  }
  collect();
  const after = process.memoryUsage();
  expect(after.heapUsed + after.external - before.heapUsed - before.external).toBeLessThan(5e6);
  expect([pieces.size, pieces.take().toString('latin1', 0, 6)]).toEqual([200_000, 'abcabc']);
  expect(pieces.take().length).toBe(0);
});

test('a label longer than a file name may be, and a photo that comes under several labels at once', async () => {
  const send = (label: string) => service.ask(`/v1/feedback?label=${encodeURIComponent(label)}`, post(jpeg));
  expect(await send('花'.repeat(100))).toMatchObject({ status: 422, json: { error: { code: 'NOT_ANSWERABLE' } } });
  const labels = ['a', 'b', 'c', 'd', 'e', 'f'];
  for (const { status } of await Promise.all([...labels, ...labels].map(send))) expect(status).toBe(201);
  const files = readdirSync(placeFor('hostile-feedback'), { recursive: true }).filter((name) =>
    String(name).endsWith('.jpg'),
  );
  expect(files).toHaveLength(1);
  for (const label of labels) rmSync(placeFor(`hostile-feedback/${label}`), { recursive: true, force: true });
});

test('a bomb of 256 megapixels is refused before it is decoded, and other photos that are none', async () => {
  const { status, json } = await service.ask('/v1/predict', post(bomb(16_000)));
  expect({ status, code: json.error.code }).toEqual({ status: 413, code: 'TOO_LARGE' });
  for (const [bytes, wanted] of [
    [Buffer.alloc(0), 422],
    [Buffer.from('hello'), 415],
    [Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), 415],
    [jpeg.subarray(0, jpeg.length / 2), 422],
    [Buffer.concat([jpeg.subarray(0, 300), Buffer.alloc(500, 0xff)]), 422],
    [Buffer.from('GIF89a\xff\xff\xff\xff', 'latin1'), 422],
  ] as const)
    expect((await service.ask('/v1/predict', post(bytes))).status).toBe(wanted);
  await goesOn();
});

test('nothing of all this was a fault of the service, nothing was kept, and no photo was told of', async () => {
  await goesOn();
  expect(faults()).toEqual([]);
  expect(readdirSync(placeFor('hostile-feedback'))).toEqual([]);
  expect(JSON.stringify(service.events).length / service.events.length).toBeLessThan(300);
});

/** A PNG of one grey, as large as it says, in a few kilobytes a thousand lines. */
function bomb(edge: number): Buffer {
  const chunk = (name: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
    const ends = Buffer.alloc(8);
    ends.writeUInt32BE(data.length, 0);
    ends.writeUInt32BE(crc(body), 4);
    return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(edge, 0);
  header.writeUInt32BE(edge, 4);
  header.set([1, 0, 0, 0, 0], 8);
  const data = deflateSync(Buffer.alloc((edge / 8 + 1) * edge));
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))]);
}

function crc(bytes: Buffer): number {
  let value = 0xffffffff;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (value & 1 ? 0xedb88320 : 0);
  }
  return (value ^ 0xffffffff) >>> 0;
}

test('lines count with all other bodies in memory, and no longer than they are there', async () => {
  const bodies = new Bodies();
  let left = 0;
  const take = (bytes: number) => {
    left += bytes;
    bodies.hold(bytes);
  };
  const line = `${JSON.stringify({ image: jpeg.toString('base64') })}\n`;
  const incoming = new IncomingMessage(new Socket());
  for (const part of [line.slice(0, 50), line.slice(50), '\n', line, line.trim()]) incoming.push(part);
  incoming.push(null);
  const addresses = new PhotoAddresses([], 1e6);
  let photos = 0;
  for await (const { photo, bytes } of linesOf(
    incoming,
    { maxBytes: 1e6, maxPhotos: 3 },
    addresses,
    AbortSignal.timeout(5000),
    take,
  )) {
    photos += Number(photo !== undefined);
    left -= bytes;
  }
  await addresses.close();
  expect([photos, left, bodies.held]).toEqual([3, 0, 3 * line.length]);
  expect(() => bodies.hold(600e6)).toThrow(/no room/);
});
