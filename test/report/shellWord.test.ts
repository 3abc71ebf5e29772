import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { setName } from '../../src/report/sections/headline.ts';
import { shellWord, trainCommand } from '../../src/results/trainCommand.ts';

describe('a word on a command line', () => {
  test.each([
    ['photos/', 'photos/'],
    ['my photos', '"my photos"'],
    ['C:\\Users\\me\\photos', '"C:\\Users\\me\\photos"'],
    ['C:\\My photos', '"C:\\My photos"'],
    ["it's", '"it\'s"'],
    ['5$ & more', "'5$ & more'"],
    ['a"b', "'a\"b'"],
    ['ends\\', "'ends\\'"],
    ['', "''"],
  ])('%j is %s', (word, expected) => {
    expect(shellWord(word)).toBe(expected);
  });

  test
    .skipIf(process.platform === 'win32')
    .each([
      ...[
        'my photos',
        "it's",
        'C:\\Users\\new\\table',
        '5$ `x` !!',
        'a"b',
        'ends\\',
        '*?[a]~#(b)&;|<>',
        'Käfer & Co/ä — 狐',
      ],
    ])('a POSIX shell reads %j as it was', (word) => {
    const { stdout } = spawnSync('sh', ['-c', `printf %s ${shellWord(word)}`], { encoding: 'utf8' });
    expect(stdout).toBe(word);
  });

  test('the command of a run on Windows can be typed there', () => {
    const command = trainCommand('C:\\My photos\\set', { out: 'D:\\out', seed: 0, falsePositiveRate: 0.01 });
    expect(command).toBe('carafe train "C:\\My photos\\set" --out "D:\\out" --seed 0');
  });
});

test.each([
  ['C:\\Users\\me\\flowers', 'flowers'],
  ['C:\\Users\\me\\flowers\\', 'flowers'],
  ['\\\\server\\share\\flowers', 'flowers'],
  ['/home/me/flowers/', 'flowers'],
  ['..\\flowers\\.', 'flowers'],
])('a set at %s is called %s', (source, name) => {
  expect(setName(source)).toBe(name);
});
