import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { trainResult } from '../../src/report/trainResult.ts';
import { sharedData } from '../shared.ts';
import { carafe, temporaryFolder } from './carafe.ts';

const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const shared = sharedData();
if (!shared) console.log('test/cli/labelErrors.test.ts skipped: no shared photos');

const [photos, swapped] = [40, 4];

test.skipIf(!shared).each([
  ['cats_dogs', 'cats', 'dogs'],
  ['flowers5', 'daisy', 'sunflowers'],
])('%s: photos that were put into the wrong folder are listed first', async (set, a, b) => {
  const planted = new Set<string>();
  for (const [label, other] of [
    [a, b],
    [b, a],
  ]) {
    const from = join(shared ?? '', 'images', set, label);
    const names = readdirSync(from).sort().slice(0, photos);
    for (const to of [label, other]) mkdirSync(join(folder, set, to), { recursive: true });
    for (const [place, name] of names.entries()) {
      const isWrong = place % (photos / swapped) === 0;
      const path = `${isWrong ? other : label}/${name}`;
      if (isWrong) planted.add(path);
      copyFileSync(join(from, name), join(folder, set, path));
    }
  }
  const out = join(folder, `${set} out`);
  const { stdout, code } = await carafe(
    ['train', join(folder, set), '--out', out, '--json'],
    process.env.CARAFE_CACHE ?? join(folder, 'cache'),
  );
  expect(code).toBe(0);
  const { labelErrors = [] } = trainResult.parse(JSON.parse(stdout));
  const first = labelErrors.slice(0, planted.size);
  expect(first.filter(({ path }) => planted.has(path)).length).toBeGreaterThanOrEqual(5);
  for (const { path, label, suggested, probability } of labelErrors) {
    expect(path.startsWith(`${label}/`)).toBe(true);
    expect(suggested).toBe(label === a ? b : a);
    expect(probability.suggested).toBeGreaterThan(0.3);
  }
  const report = readFileSync(join(out, 'report.html'), 'utf8');
  expect(report).toContain('Labels to check');
  for (const { path } of labelErrors) expect(report).toContain(path.split('/')[1]);
});
