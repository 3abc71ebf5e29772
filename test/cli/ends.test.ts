import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tinyBackbone, tinyClassifier } from '../classifier/tiny.ts';
import { drawImageSet } from '../drawn.ts';
import { tinyNetwork } from '../onnx/networks.ts';
import { tinyNetworkFile } from '../tinyNetwork.ts';
import { carafeProcess, temporaryFolder } from './carafe.ts';

const folder = temporaryFolder();
const network = tinyNetworkFile();
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeAll(async () => {
  await drawImageSet(join(folder, 'photos'), 2);
  writeFileSync(join(folder, 'classifier.onnx'), await tinyClassifier(await tinyBackbone(tinyNetwork())));
});

// Other tests run commands in their own process, where nothing shows that threads and files are let go. Training,
// verifying and predicting end in the smoke test.
test.each([
  ['study', 'photos', '--quick', '--backbone', network, '--out', 'study'],
  ['train', 'photos', '--dry-run'],
  ['explain', 'classifier.onnx', 'photos/circle/0.jpg'],
  ['edit', 'classifier.onnx', '--rename', 'été=x', '--to', 'edited.onnx'],
  ['inspect', network],
  ['backbones', 'check', network, 'photos'],
  ['cache'],
])('%s ends by itself', async (...args) => {
  expect(await carafeProcess(args, join(folder, 'cache'), folder)).toMatchObject({ code: 0 });
});

test('what is wrong ends with its exit code', async () => {
  const ended = await carafeProcess(['train', 'nowhere'], join(folder, 'cache'), folder);
  expect(ended).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/^error: .+\n.+\n$/) });
});
