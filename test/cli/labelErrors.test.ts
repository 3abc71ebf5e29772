import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { trainResult } from '../../src/results/trainResult.ts';
import { sharedData } from '../shared.ts';
import { carafe, temporaryFolder } from './carafe.ts';

const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const shared = sharedData();
if (!shared) console.log('test/cli/labelErrors.test.ts skipped: no shared photos');

const [photos, swapped] = [40, 4];

/**
 * How many of the eight that were planted must be among the first eight (by chance it would be 0.8), and in the whole list. The
 * embedded network, which tells 40 cats from 40 dogs in about 85% of the photos, finds no more there.
 */
test.skipIf(!shared).each([
  ['cats_dogs', 'cats', 'dogs', 3, 5],
  ['flowers5', 'daisy', 'sunflowers', 4, 7],
] as const)(
  '%s: photos in the wrong folder are listed first more often than by chance',
  async (set, a, b, least, leastListed) => {
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
    const { labelErrors } = trainResult.parse(JSON.parse(stdout));
    const listed = labelErrors?.photos ?? [];
    const first = listed.slice(0, planted.size);
    expect(first.filter(({ path }) => planted.has(path)).length).toBeGreaterThanOrEqual(least);
    expect(listed.filter(({ path }) => planted.has(path)).length).toBeGreaterThanOrEqual(leastListed);
    expect(listed.length).toBeLessThanOrEqual(photos);
    for (const { path, label, suggested, wrong } of listed) {
      expect(path.startsWith(`${label}/`)).toBe(true);
      expect(suggested).toBe(label === a ? b : a);
      expect(wrong).toBeGreaterThan(0);
    }
    const report = readFileSync(join(out, 'report.html'), 'utf8');
    expect(report).toContain('Labels to check');
    for (const { path } of listed) expect(report).toContain(path.split('/')[1]);
  },
);
