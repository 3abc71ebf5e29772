import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { train } from '../../src/index.ts';
import type { StudioState } from '../../src/studio/engine.ts';
import { openLocal } from '../../src/studio/studio.node.ts';
import { drawLabelledPhotos } from '../drawn.ts';
import { tinyNetworkFile } from '../tinyNetwork.ts';

const root = mkdtempSync(join(tmpdir(), 'carafe-earlier-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

test('a project begins with a classifier of several labels: labels, thresholds, and what is compared when', async () => {
  const backbone = tinyNetworkFile();
  const list = await drawLabelledPhotos(join(root, 'set'), 40);
  const { task, files } = await train(list, { out: join(root, 'out'), backbone });
  expect(task).toBe('multi-label');
  const row = (place: number): { path: string; labels: string[] } =>
    JSON.parse(readFileSync(list, 'utf8').split('\n')[place]);
  const engine = await openLocal(join(root, 'project'), { backbone });
  const states: StudioState[] = [];
  engine.watch((state) => states.push(state));
  try {
    const photo = (place: number) => {
      const { path, labels } = row(place);
      return { labels, name: `${place}.jpg`, bytes: readFileSync(join(root, 'set', path)) };
    };
    await engine.startFrom({ name: 'classifier.onnx', bytes: readFileSync(files.classifier) });
    const answer = await engine.predict(new Blob([photo(0).bytes]), { heatmap: false });
    expect(answer).toMatchObject({ label: undefined, learned: 0 });
    expect(answer?.classes.map(({ threshold }) => typeof threshold)).toEqual(['number', 'number', 'number']);
    const last = () => states.at(-1);
    await expect.poll(() => last()?.classes.length, { timeout: 60_000 }).toBe(3);
    expect(last()).toMatchObject({ several: true, earlier: { several: true, fits: true } });
    // One label each is learned as classes, which such a classifier does not name.
    const [label = ''] = last()?.classes.map(({ name }) => name) ?? [];
    await engine.add([label], [photo(0)]);
    await expect.poll(() => last()?.earlier?.fits, { timeout: 60_000 }).toBe(false);
    await engine.add([], [photo(1)]);
    await expect.poll(() => last()?.earlier?.fits, { timeout: 60_000 }).toBe(true);
  } finally {
    await engine.close();
  }
  // Photos that a project has already stay what it learns from, at their new paths.
  const other = await openLocal(join(root, 'begun'), { backbone });
  let state: StudioState | undefined;
  other.watch((next) => {
    state = next;
  });
  try {
    for (const [place, label] of ['ant', 'bee', 'ant', 'bee'].entries())
      await other.add([label], [{ name: `${place}.jpg`, bytes: readFileSync(join(root, 'set', row(place).path)) }]);
    await expect.poll(() => state?.waiting === 0 && state.learned > 0, { timeout: 60_000 }).toBe(true);
    const before = state?.learned ?? 0;
    await other.startFrom({ name: 'classifier.onnx', bytes: readFileSync(files.classifier) });
    await expect.poll(() => state?.several && state.learned > before, { timeout: 60_000 }).toBe(true);
  } finally {
    await other.close();
  }
});
