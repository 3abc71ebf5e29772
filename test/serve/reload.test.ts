import { once } from 'node:events';
import { copyFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { beforeAll, expect, test } from 'vitest';
import { classes, labeller, photo, placeFor, post, put, type Started, started } from './started.ts';

let jpeg: Buffer;
let first: Uint8Array;
let second: Uint8Array;
beforeAll(async () => {
  jpeg = await photo();
  first = await classes();
  second = await classes(1e9);
});

async function versionOf({ ask }: Started): Promise<string> {
  return (await ask('/v1/models')).json.models[0].version;
}

test('a new file answers after its self-test, and no request is lost across swaps', async () => {
  const file = put('swapped/classifier.onnx', first);
  const service = await started(file, { threads: 2 });
  const versions = new Set<string>();
  let isOver = false;
  let failed = 0;
  let answered = 0;
  const clients = Array.from({ length: 8 }, async () => {
    while (!isOver) {
      const { status, json } = await service.ask('/v1/predict', post(jpeg));
      if (status === 200) answered++;
      else failed++;
      versions.add(json.modelVersion);
    }
  });
  for (const bytes of [second, first, second]) {
    writeFileSync(placeFor('swapped/.new'), bytes);
    renameSync(placeFor('swapped/.new'), file);
    const before = await versionOf(service);
    await service.reload();
    expect(await versionOf(service)).not.toBe(before);
    const until = answered + 50;
    await expect.poll(() => answered, { timeout: 30_000 }).toBeGreaterThan(until);
  }
  isOver = true;
  await Promise.all(clients);
  expect({ failed, versions: versions.size }).toEqual({ failed: 0, versions: 2 });
  expect(answered).toBeGreaterThan(150);
  expect(service.events.filter(({ event }) => event === 'fault')).toEqual([]);
});

test('it looks by itself; a file that is damaged, half written or away changes nothing', async () => {
  const file = put('watched/classifier.onnx', first);
  const service = await started(file);
  const before = await versionOf(service);
  writeFileSync(file, second.subarray(0, second.length / 2));
  await expect.poll(() => service.events.some(({ event }) => event === 'refused'), { timeout: 20_000 }).toBe(true);
  expect(await versionOf(service)).toBe(before);
  rmSync(file);
  await service.reload();
  expect(await service.ask('/v1/predict', post(jpeg))).toMatchObject({ status: 200 });
  writeFileSync(file, second);
  await expect.poll(() => versionOf(service), { timeout: 20_000 }).not.toBe(before);
});

test('a worse one is refused, and another kind of file is taken', async () => {
  const file = put('gated/classifier.onnx', first);
  const service = await started(file, { minAccuracy: 0.25 });
  const before = await versionOf(service);
  // The exact match ratio that is written into it is 0.5, its lower end 0.3.
  writeFileSync(file, await labeller());
  await service.reload();
  expect((await service.ask('/v1/models')).json.models[0]).toMatchObject({ task: 'multi-label' });
  const strict = await started(put('strict/classifier.onnx', first), { minAccuracy: 0.29 });
  expect(await versionOf(strict)).toBe(before);
});

test('files come to a folder and go', async () => {
  put('folder/a.onnx', first);
  const service = await started(placeFor('folder'));
  const names = async () => (await service.ask('/v1/models')).json.models.map(({ name }: { name: string }) => name);
  put('folder/b.onnx', second);
  await service.reload();
  expect(await names()).toEqual(['a', 'b']);
  rmSync(placeFor('folder/a.onnx'));
  for (let look = 0; look < 3; look++) await service.reload();
  expect(await names()).toEqual(['b']);
  // A drive that is away is not a folder that is empty.
  renameSync(placeFor('folder'), placeFor('elsewhere'));
  for (let look = 0; look < 4; look++) await service.reload();
  expect(await names()).toEqual(['b']);
  expect(await service.ask('/v1/models/b/predict', post(jpeg))).toMatchObject({ status: 200 });
});

test('a canary answers its share, and is reloaded, too', async () => {
  const canary = put('canary/new.onnx', second);
  const service = await started(put('main/classifier.onnx', first), { canary, canaryShare: 0.5 });
  const counts = new Map<string, number>();
  for (let i = 0; i < 60; i++) {
    const { modelVersion } = (await service.ask('/v1/predict', post(jpeg))).json;
    counts.set(modelVersion, (counts.get(modelVersion) ?? 0) + 1);
  }
  const { version, trial } = (await service.ask('/v1/models')).json.models[0];
  // One in 10^9 runs would have fewer.
  expect(counts.get(version)).toBeGreaterThan(8);
  expect(counts.get(trial.version)).toBeGreaterThan(8);
  expect(trial.share).toBe(0.5);
  expect((await service.ask('/metrics')).text).toContain(`version="${trial.version}"`);
  copyFileSync(placeFor('main/classifier.onnx'), canary);
  await service.reload();
  expect((await service.ask('/v1/models')).json.models[0].trial.version).toBe(version);
});

test('at its end it answers all that was sent before, also what it has not read yet', async () => {
  const service = await started(put('ended/classifier.onnx', first), { waiting: 50 });
  const head = `POST /v1/predict HTTP/1.1\r\nhost: x\r\ncontent-type: image/jpeg\r\ncontent-length: ${jpeg.length}\r\n\r\n`;
  const said = Array.from({ length: 12 }, () => '');
  const port = Number(new URL(service.address).port);
  const sockets = said.map((_, i) =>
    connect(port, '127.0.0.1').on('data', (text) => {
      said[i] += text;
    }),
  );
  const ended = Promise.allSettled(sockets.map((socket) => once(socket, 'close')));
  await Promise.all(
    sockets.map(
      (socket) =>
        new Promise<void>((resolve) => socket.write(head + jpeg.toString('latin1'), 'latin1', () => resolve())),
    ),
  );
  const closed = service.close();
  // A busy machine: by the time that the loop turns again, all waiting is over.
  for (const until = performance.now() + 300; performance.now() < until; );
  await closed;
  await ended;
  expect(said.filter((text) => text.startsWith('HTTP/1.1 200'))).toHaveLength(12);
  await expect(service.ask('/livez')).rejects.toThrow();
});
