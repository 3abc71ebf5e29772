import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { studyResult } from '../../src/results/studyResult.ts';
import { drawImageSet } from '../drawn.ts';
import { carafe as embedded, onTinyNetwork, temporaryFolder } from './carafe.ts';

const { carafe } = onTinyNetwork();
const folder = temporaryFolder();
const photos = join(folder, 'photos');
const cache = join(folder, 'cache');
const out = join(folder, 'study');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeAll(() => drawImageSet(photos, 6));

test('a quick study: sentence, plot, page and pictures', async () => {
  const { code, stdout } = await carafe(['study', photos, '--quick', '--out', out], cache);
  expect(code).toBe(0);
  expect(stdout).toMatch(/numbers? (do|does) as well as all 48|All 48 numbers are needed|cannot show how narrow/);
  expect(stdout).toMatch(/numbers {2}accuracy/);
  expect(stdout).toContain('5-fold cross-validation, run 5 times');
  const page = readFileSync(join(out, 'study.html'), 'utf8');
  expect(page).toContain('Accuracy against width');
  for (const name of ['accuracy.svg', 'bytes.svg', 'plane.svg'])
    expect(readFileSync(join(out, name), 'utf8')).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" width="\d+"/);
});

test('one class: nothing can be told apart, and the rest is measured', async () => {
  const alone = join(folder, 'alone');
  await drawImageSet(alone, 12);
  for (const label of ['cross', 'square']) rmSync(join(alone, label), { recursive: true });
  const place = join(folder, 'alone-study');
  const { code, stdout } = await embedded(['study', alone, '--out', place, '--quick'], cache);
  expect(code).toBe(0);
  expect(stdout).toContain('There is only one class');
  expect(existsSync(join(place, 'accuracy.svg'))).toBe(false);
  expect(existsSync(join(place, 'plane.svg'))).toBe(true);
  // The same without a folder for the class.
  const flat = await embedded(['study', join(alone, 'circle'), '--out', place, '--quick', '--json'], cache);
  const result = studyResult.strict().parse(JSON.parse(flat.stdout));
  expect(result).toMatchObject({ classes: [{ label: 'circle', count: 12 }], answers: [], points: [], folds: null });
  expect(result.portrait.participationRatio).toBeGreaterThan(1);
  // Twelve photos and 1,280 units: some pair always goes up and down together.
  expect(result.portrait.redundant).toBeNull();
});

test('so few photos that nothing can be told: it says so, and names no width', async () => {
  const few = join(folder, 'few');
  await drawImageSet(few, 2);
  const { stdout } = await carafe(['study', few, '--out', join(folder, 'few-study'), '--quick', '--json'], cache);
  const result = studyResult.strict().parse(JSON.parse(stdout));
  // They were looked at for the study above.
  expect(result.images).toMatchObject({ found: 6, computed: 0 });
  expect(result.points.some(({ kind, precision }) => kind === 'pca' && precision === 'binary')).toBe(true);
  expect(result.plane).toHaveLength(6);
  expect(result.separability).toHaveLength(3);
  expect(new Set(result.points.map(({ rounds }) => rounds))).toEqual(new Set([5]));
  expect(result.sentence).toContain('6 photos cannot show how narrow');
  expect(result.answers.length).toBeGreaterThan(0);
  expect(result.answers.every(({ width }) => width === null)).toBe(true);
  expect(result.notes.join(' ')).toMatch(/'circle' has 2, 'cross' has 2, 'square' has 2 separate photos/);
  const page = readFileSync(join(folder, 'few-study', 'study.html'), 'utf8');
  expect(page).toContain('so few photos cannot show it');
});

test('quick and thorough at once are refused', async () => {
  const { code, stderr } = await carafe(['study', photos, '--quick', '--thorough', '--out', out], cache);
  expect(code).toBe(2);
  expect(stderr).toContain('--quick and --thorough cannot be used together');
});
