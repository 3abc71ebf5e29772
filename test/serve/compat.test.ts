import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadClassifier } from '../../src/index.ts';
import { classes, oneClass, put, type Started, started } from './started.ts';

/** What clients of other servers send, byte by byte, as `test/fixtures/serve/make.py` recorded it. */
interface Recorded {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

const fixtures = join(import.meta.dirname, '../fixtures/serve');
const recorded: Recorded[] = JSON.parse(readFileSync(join(fixtures, 'requests.json'), 'utf8'));
const jpeg = readFileSync(join(fixtures, 'photo.jpg'));

let service: Started;
let good: Started;
let expected: readonly number[];
let label: string;
beforeAll(async () => {
  const file = put('flowers/classifier.onnx', await classes(1e9));
  service = await started(file);
  good = await started(put('flowers.onnx', await oneClass()));
  const classifier = await loadClassifier(file);
  const answer = await classifier.predict(jpeg);
  label = answer.label;
  const byLabel = new Map(answer.classes.map((one) => [one.label, one.probability]));
  expected = classifier.labels.map((one) => byLabel.get(one) ?? 0);
  await classifier.release();
});

function replay(name: string, to = service) {
  const found = recorded.find((one) => one.name === name);
  if (!found) throw new TypeError(`no request ${name} was recorded`);
  const { method, path, headers, body } = found;
  return to.ask(path, { method, headers, ...(body !== '' && { body: Buffer.from(body, 'base64') }) });
}

describe('KServe V2', () => {
  test('health and metadata', async () => {
    expect((await replay('kserve live')).json).toEqual({ live: true });
    expect((await replay('kserve ready')).json).toEqual({ ready: true });
    expect((await replay('kserve model ready')).json).toMatchObject({ name: 'flowers', ready: true });
    expect((await replay('kserve metadata')).json).toMatchObject({
      name: 'flowers',
      inputs: [{ name: 'image', datatype: 'BYTES', shape: [-1] }],
      outputs: expect.arrayContaining([{ name: 'probabilities', datatype: 'FP32', shape: [-1, 3] }]),
    });
  });

  test('photos as base64 and as a binary tensor give what the library gives', async () => {
    for (const name of ['kserve infer base64', 'kserve infer binary']) {
      const { status, json } = await replay(name);
      expect(status).toBe(200);
      const outputs = new Map(json.outputs.map((one: { name: string }) => [one.name, one]));
      expect(outputs.get('probabilities')).toMatchObject({ shape: [1, 3], data: expected });
      expect(outputs.get('label')).toMatchObject({ datatype: 'BYTES', shape: [1], data: [label] });
      expect(outputs.get('isKnown')).toMatchObject({ datatype: 'BOOL', data: [true] });
    }
  });

  test('outputs that are asked for, of two photos as pixels', async () => {
    const { json } = await replay('kserve infer pixels');
    expect(json).toMatchObject({ id: '42', model_name: 'flowers' });
    expect(json.outputs.map(({ name }: { name: string }) => name)).toEqual(['probabilities', 'features']);
    expect(json.outputs[0].shape).toEqual([2, 3]);
    expect(json.outputs[0].data.slice(0, 3)).toEqual(json.outputs[0].data.slice(3));
  });

  test('one class has a score', async () => {
    const { json } = await replay('kserve infer base64', good);
    expect(json.outputs.map(({ name }: { name: string }) => name)).toEqual(['label', 'score', 'isNormal']);
  });
});

describe('TensorFlow Serving', () => {
  test('status and metadata', async () => {
    expect((await replay('tf status')).json.model_version_status).toMatchObject([{ version: '1', state: 'AVAILABLE' }]);
    expect((await replay('tf metadata')).json.model_spec).toMatchObject({ name: 'flowers', version: '1' });
  });

  test('rows, rows with a named input, columns, and a version give probabilities', async () => {
    for (const name of ['tf predict rows', 'tf predict named input', 'tf predict version'])
      expect((await replay(name)).json).toEqual({ predictions: [expected] });
    expect((await replay('tf predict columns')).json).toEqual({ outputs: [expected] });
  });

  test('classify gives labels with their probabilities, the likeliest first', async () => {
    const { json } = await replay('tf classify');
    expect(json.result[0][0]).toEqual([label, Math.max(...expected)]);
    expect(json.result[0]).toHaveLength(3);
  });

  test('all outputs by name', async () => {
    expect((await replay('tf predict named outputs')).json.predictions[0]).toMatchObject({
      label,
      probabilities: expected,
    });
  });

  test('what is not there is said', async () => {
    expect(await service.ask('/v1/models/flowers/versions/7:predict', { method: 'POST', body: '{}' })).toMatchObject({
      status: 404,
    });
    expect(await service.ask('/v1/models/flowers:dream', { method: 'POST', body: '{}' })).toMatchObject({
      status: 404,
    });
    for (const body of [
      '{}',
      '{"instances":[]}',
      '{"instances":[{"b64":3}]}',
      '[',
      '{"instances":[{"a":{"b64":"eA=="},"b":{"b64":"eA=="}}]}',
    ])
      expect(await service.ask('/v1/models/flowers:predict', { method: 'POST', body })).toMatchObject({ status: 400 });
  });
});
