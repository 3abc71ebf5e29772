import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ExportResult, exportResult } from '../../src/results/exportResult.ts';
import { predictResult } from '../../src/results/predictResult.ts';
import { drawImageSet } from '../drawn.ts';
import { noPython, python } from '../python.ts';
import { onTinyNetwork, temporaryFolder } from './carafe.ts';

const { carafe, network } = onTinyNetwork();
const folder = temporaryFolder();
const cache = join(folder, 'cache');
const at = (...path: string[]) => join(folder, ...path);

beforeAll(async () => {
  await drawImageSet(at('photos'), 16);
  await drawImageSet(at('seen'), 4, 16);
  for (const options of [
    ['--out', at('out')],
    ['--one-class', '--normal', 'circle', '--out', at('normal')],
  ])
    expect(
      await carafe(['train', at('photos'), '--folds', '2', ...options].filter(fits(options)), cache),
    ).toMatchObject({
      code: 0,
    });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** One class takes no folds. */
const fits = (options: readonly string[]) => (word: string) =>
  !options.includes('--one-class') || (word !== '--folds' && word !== '2');

async function exported(...words: string[]): Promise<ExportResult> {
  const { code, stdout, stderr } = await carafe(['export', ...words, '--json'], cache, folder);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return exportResult.parse(JSON.parse(stdout));
}

describe('export', () => {
  test('smaller weights beside the classifier, compared on photos; the file is a classifier', async () => {
    const result = await exported('out', '--weights', 'int8', '--photos', 'seen');
    expect(result).toMatchObject({ format: 'file', weights: 'int8', out: 'out/classifier-int8.onnx', failed: [] });
    expect(result.bytes).toBeLessThan(0.8 * result.classifierBytes);
    expect(result.photos).toMatchObject({ photos: 12 });
    expect(result.photos?.largest).toBeGreaterThan(0);
    expect(await carafe(['verify', at('out/classifier-int8.onnx')], cache)).toMatchObject({ code: 0 });
    expect(result.notes).toEqual([]);
    expect(
      (await exported('out/classifier-int8.onnx', '--weights', 'float16', '--out', 'out/half.onnx')).notes,
    ).toEqual(['The file is no smaller with float16 weights: those of this classifier are stored as int8 already.']);
  });

  test('what was there before is said to be overwritten', async () => {
    expect((await exported('out', '--format', 'fixed')).files).toMatchObject([{ overwritten: false }]);
    const { stdout } = await carafe(['export', 'out', '--format', 'fixed'], cache, folder);
    expect(stdout).toMatch(/Self-test {3}passed; same answers for 2 of 2 photos/);
    expect(stdout).toMatch(/classifier-fixed\.onnx \(.*\), overwritten/);
  });

  test.each([
    ['fixed', []],
    ['file', ['--weights', 'float16', '--out', 'normal/half.onnx']],
    ['page', []],
  ])('a classifier of one class with heatmaps: %s', async (format, more) => {
    const { selfTest } = await exported('normal', '--format', format, ...more);
    expect(selfTest).toMatchObject({ photos: 2, same: 2 });
    expect(selfTest.largest).toBeLessThan(0.05);
  });

  test.each([
    ['a foreign network', [network], /is an ONNX network, but not a classifier made by Carafe/],
    ['the classifier itself', ['out'], /would be written over .*classifier\.onnx itself/],
    [
      'the classifier in a folder',
      ['out', '--format', 'folder', '--weights', 'int8', '--out', 'out'],
      /over .* itself/,
    ],
    ['a format that is not there', ['out', '--format', 'tflite'], /--format/],
    ['weights that OpenCV does not take', ['out', '--format', 'opencv', '--weights', 'int8'], /--weights/],
    ['a name of another kind', ['out', '--format', 'page', '--out', 'page.onnx'], /does not end in \.html/],
    ['photos that are not there', ['out', '--format', 'fixed', '--photos', 'nowhere'], /nowhere/],
    ['a folder where a file is', ['out', '--format', 'folder', '--out', 'out/classifier.onnx'], /classifier\.onnx/],
    ['an export that is no classifier any more', ['out/classifier-fixed.onnx', '--format', 'page'], /not a classifier/],
  ])('refused: %s', async (_, words, what) => {
    await exported('out', '--format', 'fixed');
    const before = readdirSync(at('out'));
    const { code, stderr, stdout } = await carafe(['export', ...words], cache, folder);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(what);
    expect(stderr).not.toMatch(/\n {4}at /);
    expect(readdirSync(at('out'))).toEqual(before);
  });

  test('a damaged file', async () => {
    writeFileSync(at('damaged.onnx'), readFileSync(at('out/classifier.onnx')).subarray(0, 9000));
    const { code, stderr } = await carafe(['export', 'damaged.onnx', '--format', 'page'], cache, folder);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(/^error: damaged\.onnx/) });
  });

  test('a folder that cannot be written to', async () => {
    const place = '/proc/carafe/a.html';
    const { code, stderr } = await carafe(['export', 'out', '--format', 'page', '--out', place], cache, folder);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(/\/proc\/carafe cannot be written/) });
  });
});

const has = (command: string, words: string[]) => spawnSync(command, words).status === 0;
const hasOpenCv = has('pkg-config', ['--exists', 'opencv4']) && has('g++', ['--version']);
if (noPython) console.log(`test/cli/export.test.ts: Python skipped, ${noPython}`);
if (!hasOpenCv)
  console.log('test/cli/export.test.ts: C++ skipped, no g++ or OpenCV (apt-get install g++ libopencv-dev)');

describe('the programs of a folder', () => {
  const photos = ['circle', 'cross', 'square'].map((shape) => at('seen', shape, '16.jpg'));
  let answers: readonly (readonly [label: string, probability: number])[];
  beforeAll(async () => {
    const { out, notes } = await exported('out', '--format', 'folder');
    expect({ out, notes }).toEqual({ out: 'out/classifier-export', notes: [] });
    symlinkSync(resolve('node_modules'), at('node_modules'));
    const { stdout } = await carafe(['predict', at('out'), ...photos, '--json'], cache);
    const { predictions } = predictResult.parse(JSON.parse(stdout));
    answers = predictions.map((answer) => {
      if ('code' in answer) throw new TypeError(answer.reason);
      return [answer.label, answer.classes[0].probability];
    });
  });

  /** Programs that resize in the network differ a little from what a photo library does. */
  function expectAnswers(printed: string): void {
    const lines = printed
      .trim()
      .split('\n')
      .map((line) => line.split(' '));
    expect(lines.map(([label]) => label)).toEqual(answers.map(([label]) => label));
    for (const [at, [, probability]] of lines.entries()) expect(Number(probability)).toBeCloseTo(answers[at][1], 1);
  }
  const inFolder = { cwd: at('out/classifier-export'), encoding: 'utf8' } as const;

  test('JavaScript', () => {
    expectAnswers(execFileSync(process.execPath, ['predict.mjs', ...photos], inFolder));
  });

  test.skipIf(!python)('Python', () => {
    if (!python) throw new TypeError('unreachable');
    expectAnswers(execFileSync(python.command, ['predict.py', ...photos], { ...inFolder, env: python.env }));
  });

  test.skipIf(!hasOpenCv)('C++ with OpenCV', () => {
    const flags = execFileSync('pkg-config', ['--cflags', '--libs', 'opencv4'], { encoding: 'utf8' });
    execFileSync(
      'g++',
      ['-O1', '-Wall', '-Werror', 'predict.cpp', '-o', 'predict', ...flags.trim().split(/\s+/)],
      inFolder,
    );
    expectAnswers(execFileSync(join(inFolder.cwd, 'predict'), photos, inFolder));
  });
});
