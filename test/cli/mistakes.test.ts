import { copyFileSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { failure } from '../../src/results/schemas.ts';
import { trainResult } from '../../src/results/trainResult.ts';
import { drawImageSet } from '../drawn.ts';
import { onTinyNetwork, temporaryFolder } from './carafe.ts';

const { carafe } = onTinyNetwork();
const folder = temporaryFolder();
const cache = join(folder, 'cache');
const good = join(folder, 'good');
/** For trainings whose figures are not the point. */
const simply = ['--folds', '2', '--head', 'prototype', '--framing', 'crop'];
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function make(name: string, files: Readonly<Record<string, Uint8Array | string>>): void {
  for (const [path, content] of Object.entries(files)) {
    const target = join(folder, name, path);
    mkdirSync(join(target, '..'), { recursive: true });
    writeFileSync(target, content);
  }
}

beforeAll(async () => {
  await drawImageSet(good, 8);
  const photo = (name: string) => readFileSync(join(good, name));
  make('empty', { 'note.txt': 'no photos here' });
  make('flat', { 'a.jpg': photo('circle/0.jpg'), 'b.jpg': photo('circle/1.jpg') });
  make('one-class', { 'only/a.jpg': photo('circle/0.jpg'), 'only/b.jpg': photo('circle/1.jpg') });
  make('single', {
    'many/a.jpg': photo('circle/0.jpg'),
    'many/b.jpg': photo('circle/1.jpg'),
    'few/c.jpg': photo('cross/0.jpg'),
  });
  make('broken', { 'a/1.jpg': '', 'a/2.jpg': 'not an image', 'b/1.jpg': '', 'b/2.jpg': 'nor this' });
  make('models', {
    'text.onnx': 'hello',
    'empty.onnx': '',
    'cut.onnx': readFileSync('backbone/carafe-s.onnx').subarray(0, 100_000),
  });
});

/** Arguments, exit code, and what the message must say. */
const mistakes: [string, string[], number, RegExp][] = [
  ['no such folder', ['train', 'nowhere'], 2, /nowhere/],
  ['a folder without photos', ['train', 'empty'], 2, /empty.*no (photo|image)/is],
  ['photos without class folders', ['train', 'flat'], 2, /no class folder/],
  ['one class', ['train', 'one-class'], 2, /only/],
  ['a class of one photo', ['train', 'single'], 2, /few/],
  ['only broken photos', ['train', 'broken'], 2, /None of the 4 photos/],
  ['a mistyped flag', ['train', 'good', '--backbon', 'x'], 2, /--backbone/],
  ['a flag of the first release', ['train', 'good', '--false-reject', '1'], 2, /Use --false-positive-rate\./],
  ["retrain.py's flag", ['train', 'good', '--bottleneck_dir', 'x'], 2, /Use the environment variable CARAFE_CACHE\./],
  ["another tool's flag", ['train', 'good', '--epochs=9'], 2, /Leave it out/],
  ['a mistyped command', ['trian', 'good'], 2, /train/],
  ['a missing argument', ['train'], 2, /photos/],
  ['a flag without its value', ['train', 'good', '--seed'], 2, /--seed/],
  ['a seed that is no number', ['train', 'good', '--seed', 'x'], 2, /--seed x.*whole number/],
  ['a head that is not there', ['train', 'good', '--head', 'foot'], 2, /--head foot.*softmax/s],
  [
    'a head of one-class classifiers',
    ['train', 'good', '--head', 'padim'],
    2,
    /--head padim only works with --one-class/,
  ],
  ['one fold', ['train', 'good', '--folds', '1'], 2, /--folds 1.*from 2 to 50/],
  ['a backbone that is not there', ['train', 'good', '--backbone', 'nothing.onnx'], 2, /nothing\.onnx/],
  ['a backbone that is text', ['train', 'good', '--backbone', 'models/text.onnx'], 2, /text\.onnx/],
  ['an empty backbone', ['train', 'good', '--backbone', 'models/empty.onnx'], 2, /empty\.onnx/],
  ['a truncated backbone', ['train', 'good', '--backbone', 'models/cut.onnx'], 2, /cut\.onnx/],
  [
    'a page over a photo',
    ['explain', 'good', 'good/circle/0.jpg', '--html', 'good/circle/0.jpg'],
    2,
    /--html.*\.html/s,
  ],
  ['a drawing over a network', ['inspect', 'models/text.onnx', '--html', 'models/text.onnx'], 2, /--html.*\.html/s],
  ['a classifier over a photo', ['edit', 'models/text.onnx', '--remove', 'a', '--to', 'good/circle/0.jpg'], 2, /--to/],
  ['a classifier that is not there', ['predict', 'nothing.onnx', 'good'], 2, /nothing\.onnx/],
  [
    'a backbone for a classifier',
    ['predict', join(process.cwd(), 'backbone/carafe-s.onnx'), 'good'],
    2,
    /not a classifier/,
  ],
  ['a photo for a classifier', ['verify', 'good/circle/0.jpg'], 2, /0\.jpg/],
  ['a place that cannot be written', ['train', 'good', '--out', 'good/circle/0.jpg/out'], 2, /cannot be written/],
  // There mkdir with `recursive` never returns.
  ...(process.platform === 'linux'
    ? ([
        ['a place where no folder can be made', ['train', 'good', '--out', '/proc/carafe/out'], 2, /cannot be written/],
        [
          'a page where no folder can be made',
          ['explain', 'carafe-out', 'good/circle/0.jpg', '--html', '/proc/carafe/page.html'],
          2,
          /cannot be written/,
        ],
      ] satisfies typeof mistakes)
    : []),
];

describe.each(mistakes)('%s', (_, args, code, says) => {
  test('is told in words, on stderr, without a stack', async () => {
    const ended = await carafe(args, cache, folder);
    expect(ended).toMatchObject({ code, stdout: '' });
    expect(ended.stderr).toMatch(says);
    expect(ended.stderr).toMatch(/^error: .+\n.+/m);
    expect(ended.stderr).not.toMatch(/\n\s+at /);
  });

  test('is one object with --json', async () => {
    const ended = await carafe([...args, '--json'], cache, folder);
    const { error } = failure.parse(JSON.parse(ended.stdout));
    expect(ended.code).toBe(code);
    expect(`${error.what} ${error.hint}`).toMatch(says);
  });
});

test('photos that cannot be read are listed, and the rest is trained on', async () => {
  await drawImageSet(join(folder, 'mixed'), 4);
  make('mixed', {
    'circle/empty.jpg': '',
    'cross/text.jpg': 'no image',
    'square/cut.jpg': readFileSync(join(good, 'square/0.jpg')).subarray(0, 900),
  });
  const ended = await carafe(['train', 'mixed', ...simply, '--json'], cache, folder);
  const { images } = trainResult.parse(JSON.parse(ended.stdout));
  expect(ended.code).toBe(0);
  expect(images.failed.map(({ path }) => path).sort()).toEqual([
    'circle/empty.jpg',
    'cross/text.jpg',
    'square/cut.jpg',
  ]);
  for (const { reason } of images.failed) expect(reason).toMatch(/\w+ \w+/);
});

test('strange names are kept, and cannot rewrite the terminal', async () => {
  const names = ['с пробелом', '猫', 'שלום', '🌹', 'a\nb', '\u001b[31mred', '__proto__', 'ok-2', 'Ok_2'];
  for (const [i, name] of names.entries()) {
    mkdirSync(join(folder, 'names', name), { recursive: true });
    for (let n = 0; n < 3; n++)
      copyFileSync(
        join(good, ['circle', 'cross', 'square'][i % 3], `${n + (i >= 3 ? 3 : 0)}.jpg`),
        join(folder, 'names', name, `photo ${n}\u202e.jpg`),
      );
  }
  const ended = await carafe(['train', 'names', ...simply, '--json'], cache, folder);
  const { classes } = trainResult.parse(JSON.parse(ended.stdout));
  expect(classes.map(({ label }) => label)).toEqual(names.toSorted());
  const shown = await carafe(['train', 'names', ...simply], cache, folder);
  expect(shown.code).toBe(0);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: this is what must not come out
  expect(shown.stdout).not.toMatch(/[\u001b\u202e]/);
});

test('a loop of symbolic links ends', async () => {
  await drawImageSet(join(folder, 'loop'), 4);
  symlinkSync(join(folder, 'loop'), join(folder, 'loop/circle/again'));
  const ended = await carafe(['train', 'loop', ...simply, '--json'], cache, folder);
  expect(ended.code).toBe(0);
  expect(trainResult.parse(JSON.parse(ended.stdout)).images.failed).toEqual([]);
});

test('help is printed without the runtime, and names every command', async () => {
  const { stdout, code } = await carafe(['--help'], cache);
  expect(code).toBe(0);
  for (const command of ['train', 'predict', 'evaluate', 'verify', 'demo', 'cache']) expect(stdout).toContain(command);
  expect((await carafe(['train', '--help'], cache)).stdout).toContain('--backbone');
});
