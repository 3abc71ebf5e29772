import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { deflateSync } from 'node:zlib';
import { beforeAll, expect, test } from 'vitest';
import { classes, photo, placeFor, post, postJson, put, type Started, started } from './started.ts';

let service: Started;
let jpeg: Buffer;
let port: number;
beforeAll(async () => {
  jpeg = await photo();
  service = await started(put('one/classifier.onnx', await classes()), {
    timeout: 1,
    maxBytes: 200_000,
    feedback: placeFor('feedback'),
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
  const bodies = ['', '{', 'null', '[]', '{"image":1}', '{"images":[]}', '{"image":""}', '['.repeat(50_000)];
  for (const body of bodies) {
    const { status, json } = await service.ask('/v1/predict', post(body, { 'content-type': 'application/json' }));
    expect({ body: body.slice(0, 20), status }).toEqual({ body: body.slice(0, 20), status: 400 });
    expect(json.error.code).toBe('BAD_REQUEST');
  }
  const odd = '{"__proto__":{"image":"x"},"image":"AAAA"}';
  expect((await service.ask('/v1/predict', post(odd, { 'content-type': 'application/json' }))).status).toBe(200);
  for (const body of ['{"inputs":[]}', '{"inputs":[{"name":"x","shape":[1,1e9,1e9,3],"datatype":"UINT8","data":[1]}]}'])
    expect((await service.ask('/v2/models/one/infer', post(body))).status).toBe(400);
  expect(
    (await service.ask('/v2/models/one/infer', post('{}', { 'inference-header-content-length': '-5' }))).status,
  ).toBe(400);
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
  expect(readdirSync(placeFor('feedback'))).toEqual([]);
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
