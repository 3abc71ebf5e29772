import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadClassifier } from '../../src/index.ts';
import { servedDetection, servedPrediction } from '../../src/serve/answer.ts';
import {
  classes,
  labeller,
  oneClass,
  patches,
  photo,
  placeFor,
  post,
  postJson,
  put,
  type Started,
  started,
} from './started.ts';

let service: Started;
let file: string;
let jpeg: Buffer;
beforeAll(async () => {
  file = put('one/classifier.onnx', await classes());
  jpeg = await photo();
  service = await started(file);
});

describe('photos', () => {
  test('a raw photo is answered as the library answers it, in less than a kilobyte', async () => {
    const { status, json, text } = await service.ask('/v1/predict?top=3', post(jpeg, { 'content-type': 'image/jpeg' }));
    const classifier = await loadClassifier(file);
    const { label, probability, classes: all } = await classifier.predict(jpeg);
    expect({ status, json }).toMatchObject({ status: 200, json: { model: 'one', label, probability, classes: all } });
    expect(text.length).toBeLessThan(1000);
    servedPrediction.parse(json);
    await classifier.release();
  });

  test('curl without a content type is understood', async () => {
    const type = 'application/x-www-form-urlencoded';
    expect(await service.ask('/v1/models/one/predict', post(jpeg, { 'content-type': type }))).toMatchObject({
      status: 200,
    });
  });

  test('several photos come back in their order, those that cannot be used among them', async () => {
    const form = new FormData();
    form.append('photo', new Blob([new Uint8Array(jpeg)]), 'été.jpg');
    form.append('photo', new Blob(['no photo']), 'b.txt');
    const { status, json } = await service.ask('/v1/predict', { method: 'POST', body: form });
    expect(status).toBe(200);
    expect(json.predictions).toMatchObject([
      { path: 'été.jpg', label: expect.any(String) },
      { path: 'b.txt', code: 'NOT_AN_IMAGE' },
    ]);
  });

  test('JSON, one photo and several, with and without a data address', async () => {
    const image = jpeg.toString('base64');
    const one = await service.ask('/v1/predict', postJson({ image }));
    const many = await service.ask(
      '/v1/predict',
      postJson({ images: [`data:image/jpeg;base64,${image}`, { image, id: 'second' }] }),
    );
    expect(one.json.predictions).toHaveLength(1);
    expect(many.json.predictions.map(({ path }: { path: string }) => path)).toEqual(['0', 'second']);
    expect(many.json.predictions[0].label).toBe(one.json.predictions[0].label);
  });

  test('lines of JSON are answered line by line, more than a request may have photos', async () => {
    const images = await Promise.all(Array.from({ length: 40 }, (_, seed) => photo(seed % 5)));
    const body = images.map((one, i) => JSON.stringify({ image: one.toString('base64'), id: `p${i}` })).join('\n');
    const { status, text } = await service.ask(
      '/v1/predict',
      post(`${body}\n\nno json\n`, { 'content-type': 'application/x-ndjson' }),
    );
    const lines = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(status).toBe(200);
    expect(lines.slice(0, 40).map(({ path }) => path)).toEqual(images.map((_, i) => `p${i}`));
    expect(lines.at(-1)).toMatchObject({ error: { code: 'BAD_REQUEST' } });
  });

  test('what is asked for comes, and what does not fit is refused', async () => {
    const ask = (query: string) => service.ask(`/v1/predict?${query}`, post(jpeg));
    const plain = (await ask('top=3&features=true')).json;
    expect(plain.features.length).toBeGreaterThan(3);
    expect((await ask('set=1')).json.set).toContain(plain.label);
    expect((await ask('threshold=0.999')).json).toMatchObject({ label: 'unknown', probability: null });
    for (const query of ['heatmap=true', 'top=0', 'top=x', 'set=2', 'tresh=1'])
      expect(await ask(query)).toMatchObject({ status: 400, json: { error: { code: 'BAD_REQUEST' } } });
  });
});

describe('other kinds of classifiers', () => {
  test('several labels, with a threshold of the request', async () => {
    const { ask } = await started(put('labels.onnx', await labeller()));
    const { json } = await ask('/v1/predict?top=3', post(jpeg));
    servedPrediction.parse(json);
    const every = await ask('/v1/predict?threshold=0', post(jpeg));
    expect(every.json.labels).toHaveLength(3);
    expect(json.labels.length).toBeLessThan(3);
    expect(await ask('/v1/predict?set=1', post(jpeg))).toMatchObject({ status: 400 });
  });

  test('one class, with a threshold of the request', async () => {
    const { ask } = await started(put('good.onnx', await oneClass()));
    const { json } = await ask('/v1/predict', post(jpeg));
    expect(servedDetection.parse(json).isNormal).toBe(json.label === 'normal');
    expect((await ask('/v1/predict?threshold=1e30', post(jpeg))).json.label).toBe('normal');
    expect((await ask('/v1/predict?threshold=-1e30', post(jpeg))).json.label).toBe('abnormal');
    for (const query of ['top=2', 'set=1', 'heatmap=1'])
      expect(await ask(`/v1/predict?${query}`, post(jpeg))).toMatchObject({ status: 400 });
    const withPlaces = await started(await patches());
    const { heatmap } = (await withPlaces.ask('/v1/predict?heatmap=1', post(jpeg))).json;
    expect(heatmap.data).toHaveLength(heatmap.height * heatmap.width);
  });
});

describe('the service', () => {
  test('lists its classifiers, with the card', async () => {
    expect((await service.ask('/v1/models')).json.models).toMatchObject([
      { name: 'one', task: 'single-label', accuracy: { low: 0.3 } },
    ]);
    expect((await service.ask('/v1/models/one')).json.card.head.name).toBe('softmax');
    expect(await service.ask('/v1/models/two')).toMatchObject({
      status: 404,
      json: { error: { code: 'NO_SUCH_MODEL' } },
    });
  });

  test('says which method an address takes', async () => {
    const { status, headers, json } = await service.ask('/v1/predict');
    expect({ status, allow: headers.get('allow') }).toEqual({ status: 405, allow: 'POST' });
    expect(json.error.code).toBe('METHOD');
    expect(await service.ask('/livez', { method: 'DELETE' })).toMatchObject({ status: 405 });
    expect(await service.ask('/v1/nothing')).toMatchObject({
      status: 404,
      json: { error: { code: 'NO_SUCH_ADDRESS' } },
    });
  });

  test('says that it lives, is ready, and what it did', async () => {
    expect(await service.ask('/livez')).toMatchObject({ status: 200, text: 'ok' });
    expect(await service.ask('/readyz')).toMatchObject({ status: 200, text: 'ok' });
    const { label } = (await service.ask('/v1/predict', post(jpeg))).json;
    const { text } = await service.ask('/metrics');
    expect(text).toMatch(/^carafe_requests_total\{route="\/v1\/predict",status="200"\} \d+$/m);
    expect(text).toContain(`label="${label.replaceAll('"', '\\"')}"`);
    for (const name of ['decode_seconds', 'network_seconds', 'queue_waiting', 'photo_failures_total'])
      expect(text).toContain(`carafe_${name}`);
  });

  test('tells of each request under its id and trace, and nothing of the photo', async () => {
    const trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const form = new FormData();
    form.append('photo', new Blob([new Uint8Array(jpeg)]), 'secret-name.jpg');
    const { headers } = await service.ask('/v1/predict', {
      method: 'POST',
      body: form,
      headers: { 'x-request-id': 'mine', traceparent: trace },
    });
    expect(headers.get('x-request-id')).toBe('mine');
    expect(service.events.at(-1)).toMatchObject({
      event: 'request',
      id: 'mine',
      trace,
      route: '/v1/predict',
      status: 200,
    });
    expect(JSON.stringify(service.events)).not.toContain('secret-name');
  });

  test('several classifiers of a folder go by their names', async () => {
    put('many/a.onnx', await classes());
    put('many/b/classifier.onnx', await labeller());
    put('many/broken.onnx', Buffer.from('no network'));
    const { ask, events } = await started(placeFor('many'));
    expect((await ask('/v1/models')).json.models.map(({ name }: { name: string }) => name)).toEqual(['a', 'b']);
    expect(await ask('/v1/models/b/predict', post(jpeg))).toMatchObject({ status: 200 });
    expect(await ask('/v1/predict', post(jpeg))).toMatchObject({ status: 404 });
    expect(events).toContainEqual(expect.objectContaining({ event: 'refused', model: 'broken' }));
  });

  test('what cannot be served is said at the start', async () => {
    await expect(started(placeFor('nothing.onnx'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(started(file, { minAccuracy: 0.4 })).rejects.toMatchObject({ code: 'ASSERTION' });
    await expect(started(file, { timeout: -1 })).rejects.toMatchObject({ code: 'USAGE' });
    const port = Number(new URL(service.address).port);
    await expect(started(file, { port })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});

describe('who may ask', () => {
  test('keys: none, a wrong one, the right one; health needs none', async () => {
    const { ask } = await started(file, { keys: ['a-key-of-some-length'] });
    const key = (authorization: string) => ({ headers: { authorization } });
    expect(await ask('/v1/models')).toMatchObject({ status: 401, json: { error: { code: 'UNAUTHORIZED' } } });
    expect(await ask('/v1/models', key('Bearer a-key-of-some-lengtH'))).toMatchObject({ status: 401 });
    expect(await ask('/v1/models', key('Bearer a-key-of-some-length'))).toMatchObject({ status: 200 });
    for (const path of ['/livez', '/readyz', '/docs', '/openapi.json'])
      expect(await ask(path)).toMatchObject({ status: 200 });
    expect(await ask('/metrics')).toMatchObject({ status: 401 });
  });

  test('pages of other origins only where they are listed', async () => {
    const { ask } = await started(file, { origins: ['https://shop.example'] });
    const from = (origin: string) => ask('/v1/predict', post(jpeg, { origin }));
    expect((await from('https://shop.example')).headers.get('access-control-allow-origin')).toBe(
      'https://shop.example',
    );
    expect(await from('https://evil.example')).toMatchObject({ status: 403 });
    const preflight = await ask('/v1/predict', {
      method: 'OPTIONS',
      headers: { origin: 'https://shop.example', 'access-control-request-method': 'POST' },
    });
    expect(preflight.headers.get('access-control-allow-methods')).toContain('POST');
    const own = await started(file);
    expect(await own.ask('/v1/predict', post(jpeg, { origin: own.address }))).toMatchObject({ status: 200 });
  });

  test('a client that asks too often is told when to come back', async () => {
    const { ask } = await started(file, { rate: 1 });
    const answers = [];
    for (let i = 0; i < 4; i++) answers.push(await ask('/v1/models'));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429, 429]);
    expect(Number(answers[3].headers.get('retry-after'))).toBeGreaterThan(0);
  });

  test('photos by address: only from hosts that are listed, private ones by their number', async () => {
    const server = createServer((request, response) => {
      if (request.url === '/away') return response.writeHead(302, { location: 'http://169.254.169.254/' }).end();
      if (request.url === '/nowhere') return response.writeHead(302, { location: 'http://' }).end();
      if (request.url !== '/half') return response.end(jpeg);
      response.writeHead(200, { 'content-length': jpeg.length });
      response.write(jpeg.subarray(0, 100), () => response.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    afterAll(() => server.close());
    const { port } = server.address() as AddressInfo;
    const at = (host: string, path = '/') => postJson({ url: `http://${host}:${port}${path}` });
    const answer = async (ask: Started['ask'], init: RequestInit) =>
      (await ask('/v1/predict', init)).json.predictions[0];
    expect(await answer(service.ask, at('127.0.0.1'))).toMatchObject({ code: 'FORBIDDEN' });
    const { ask } = await started(file, { photoHosts: [`127.0.0.1:${port}`, `localhost:${port}`, '*.example'] });
    expect(await answer(ask, at('127.0.0.1'))).toMatchObject({ label: expect.any(String) });
    expect(await answer(ask, at('127.0.0.1', '/away'))).toMatchObject({ code: 'FORBIDDEN' });
    // One that breaks off is no fault of the others.
    const several = ['/half', '/', '/nowhere'].map((path) => ({ url: `http://127.0.0.1:${port}${path}` }));
    expect((await ask('/v1/predict', postJson({ images: several }))).json.predictions).toMatchObject([
      { code: 'NOT_FOUND', reason: expect.stringContaining('broke off') },
      { label: expect.any(String) },
      { code: 'NOT_FOUND' },
    ]);
    // A name must not stand for a private address, even one that is listed.
    expect(await answer(ask, at('localhost'))).toMatchObject({
      code: 'NOT_FOUND',
      reason: expect.stringContaining('private'),
    });
    expect(await answer(ask, at('2130706433', '/'))).toMatchObject({ label: expect.any(String) });
    expect(await answer(ask, postJson({ url: 'file:///etc/passwd' }))).toMatchObject({ code: 'BAD_REQUEST' });
    expect(await answer(ask, at('10.0.0.1'))).toMatchObject({ code: 'FORBIDDEN' });
    // Together they may be as large as four photos that are sent.
    const { ask: askLittle } = await started(file, { photoHosts: [`127.0.0.1:${port}`], maxBytes: jpeg.length });
    const images = Array.from({ length: 6 }, () => ({ url: `http://127.0.0.1:${port}/` }));
    const { json } = await askLittle('/v1/predict', postJson({ images }));
    const codes = json.predictions.map((one: { code?: string }) => one.code);
    expect(codes.filter((code?: string) => code === undefined)).toHaveLength(4);
    expect(codes.filter((code?: string) => code === 'TOO_LARGE')).toHaveLength(2);
  });
});

describe('feedback', () => {
  test('a photo with its right label lies where train reads it; said anew, it moves', async () => {
    const feedback = placeFor('feedback');
    const { ask } = await started(file, { feedback });
    const form = new FormData();
    form.append('photo', new Blob([new Uint8Array(jpeg)]), '../../x.jpg');
    form.append('label', 'rose');
    expect(await ask('/v1/feedback', { method: 'POST', body: form })).toMatchObject({
      status: 201,
      json: { isNew: true },
    });
    const [name] = readdirSync(join(feedback, 'rose'));
    expect(readFileSync(join(feedback, 'rose', name))).toEqual(jpeg);
    expect(await ask('/v1/feedback?label=%C3%A9t%C3%A9', post(jpeg))).toMatchObject({
      status: 201,
      json: { isNew: false },
    });
    expect(readdirSync(join(feedback, 'rose'))).toEqual([]);
    expect(readdirSync(join(feedback, 'été'))).toEqual([name]);
    for (const label of ['..', '../x', '.hidden', 'a/b', '', 'x'.repeat(200)])
      expect((await ask('/v1/feedback', postJson({ image: jpeg.toString('base64'), label }))).status).toBe(422);
    expect(await ask('/v1/feedback?label=rose', post('no photo'))).toMatchObject({ status: 415 });
    expect(await service.ask('/v1/feedback?label=rose', post(jpeg))).toMatchObject({ status: 404 });
  });

  test('with several labels a list is kept', async () => {
    const feedback = placeFor('feedback-labels');
    const { ask } = await started(put('several.onnx', await labeller()), { feedback });
    const image = jpeg.toString('base64');
    expect(await ask('/v1/feedback', postJson({ image, label: ['often', 'always'] }))).toMatchObject({ status: 201 });
    const row = JSON.parse(readFileSync(join(feedback, 'labels.jsonl'), 'utf8').trim());
    expect(row.labels).toEqual(['often', 'always']);
    expect(readFileSync(join(feedback, row.path))).toEqual(jpeg);
  });

  test('a sample of unknown photos is kept where that is asked for', async () => {
    const keepUnknown = placeFor('unknown');
    const { ask } = await started(put('strict.onnx', await classes(-1)), { keepUnknown });
    expect((await ask('/v1/predict', post(jpeg))).json).toMatchObject({ label: 'unknown', isKnown: false });
    await expect
      .poll(() => readdirSync(keepUnknown).filter((name) => name.endsWith('.jpg')).length, { timeout: 30_000 })
      .toBe(1);
  });
});
