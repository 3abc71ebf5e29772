import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { backbonesResult, checkResult, getResult } from '../../src/results/backbonesResult.ts';
import { inspectResult } from '../../src/results/inspectResult.ts';
import { trainResult } from '../../src/results/trainResult.ts';
import { drawImageSet } from '../drawn.ts';
import { carafeProcess, onTinyNetwork, temporaryFolder } from './carafe.ts';

const { carafe, network } = onTinyNetwork();
const folder = temporaryFolder();
const photos = join(folder, 'photos');
const cache = join(folder, 'cache');
const embedded = 'backbone/carafe-s.onnx';
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeAll(() => drawImageSet(photos, 8));

test('inspect shows layers, totals, bottlenecks and the cut, in text, as JSON and as a page', async () => {
  const page = join(folder, 'network.html');
  const text = await carafe(['inspect', embedded, '--html', page], cache);
  expect(text).toMatchObject({ code: 0, stderr: '' });
  expect(text.stdout).toMatch(/23 layers, 6,783,536 parameters, 748,265,472 multiply-adds a photo/);
  expect(text.stdout).toMatch(/Cut at .*1,280 features/);
  expect(readFileSync(page, 'utf8')).toMatch(/<svg[\s\S]*<\/html>\s*$/);
  const { stdout } = await carafe(['inspect', embedded, '--json'], cache);
  const { totals, cut } = inspectResult.parse(JSON.parse(stdout));
  expect(totals).toMatchObject({ layers: 23, parameters: 6_783_536 });
  expect(cut?.chosen.width).toBe(1280);
});

test('backbones lists the embedded one and the catalogue, with what is on this machine', async () => {
  const { stdout } = await carafe(['backbones', '--json'], cache);
  const { backbones } = backbonesResult.parse(JSON.parse(stdout));
  expect(backbones[0]).toMatchObject({ name: 'embedded', downloaded: true });
  expect(backbones.filter(({ downloaded }) => downloaded)).toHaveLength(1);
  expect(backbones.length).toBeGreaterThanOrEqual(10);
});

test('backbones get says what it has', async () => {
  const { stdout, code } = await carafe(['backbones', 'get', network, '--json'], cache);
  expect(code).toBe(0);
  expect(getResult.parse(JSON.parse(stdout))).toMatchObject({ file: network, source: null, licence: null });
  const text = await carafe(['backbones', 'get', 'embedded'], cache);
  expect(text.stdout).toMatch(
    /6\.9 MB[\s\S]*1,280 features of a photo, seen at 192 x 192 pixels[\s\S]*--backbone embedded/,
  );
  expect((await carafe(['backbones', 'get'], cache)).code).toBe(2);
  const unknown = await carafe(['backbones', 'get', 'resnet-51'], cache);
  expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining('mobilenet-v4-medium') });
});

test('backbones check compares preprocessings, the configured one first', async () => {
  const { stdout, code } = await carafe(['backbones', 'check', network, photos, '--json'], cache);
  const { variants, photos: count } = checkResult.parse(JSON.parse(stdout));
  expect(code).toBe(0);
  expect(count).toBe(24);
  expect(variants[0]).toMatchObject({ name: 'as configured', p: null });
  expect(variants.map(({ name }) => name).join()).toContain('BGR');
  expect((await carafe(['backbones', 'chekc'], cache)).code).toBe(2);
});

test('--preprocessing takes the place of what the backbone brings', async () => {
  const other = join(folder, 'other.json');
  writeFileSync(
    other,
    JSON.stringify({
      ...JSON.parse(readFileSync(network.replace('.onnx', '.json'), 'utf8')),
      image_mean: [0.4, 0.4, 0.4],
    }),
  );
  const args = ['train', photos, '--folds', '2', '--out', join(folder, 'out'), '--json'];
  const own = trainResult.parse(JSON.parse((await carafe(args, cache)).stdout));
  const changed = trainResult.parse(JSON.parse((await carafe([...args, '--preprocessing', other], cache)).stdout));
  expect(changed.images.computed).toBe(24);
  expect(changed.evaluation.logLoss).not.toBe(own.evaluation.logLoss);
  const missing = await carafe([...args.slice(0, -1), '--preprocessing', 'nothing.json'], cache);
  expect(missing.code).toBe(2);
  expect(missing.stderr).toContain('nothing.json');
});

test('a catalogue name without a network says what to do instead', async () => {
  const ended = await carafe(['train', photos, '--backbone', 'resnet-51', '--out', join(folder, 'out')], cache);
  expect(ended.code).toBe(2);
  expect(ended.stderr).toMatch(/resnet-51[\s\S]*resnet-50/);
});

test.each(['coreml', 'cuda'])('--device %s, which is not there, is an error in words', async (device) => {
  const args = ['train', photos, '--device', device, '--out', join(folder, 'out')];
  // The runtime complains of it on stderr, too: that of a process is not this one's.
  const ended = await carafeProcess(args, join(folder, 'cold'));
  expect(ended.code).toBe(2);
  expect(ended.stderr).toContain(device);
  expect(ended.stderr).toContain('--device cpu');
});
