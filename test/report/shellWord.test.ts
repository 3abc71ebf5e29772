import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { commandAgain } from '../../src/cli/again.ts';
import { setName } from '../../src/report/sections/headline.ts';
import { shellWord } from '../../src/results/shellWord.ts';

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

  test('a command done again has what the user gave, and not what changes nothing of the file', () => {
    const raw = {
      head: 'svm',
      balance: true,
      budget: '5m',
      views: '2',
      json: true,
      threads: '1',
      seed: '3',
      refit: false,
    };
    expect(commandAgain('train', ['my photos/'], raw)(7)).toBe(
      'carafe train "my photos/" --head svm --budget 5m --views 2 --balance --seed 7',
    );
  });

  test('the command of a run on Windows can be typed there', () => {
    const command = commandAgain('train', ['C:\\My photos\\set'], { out: 'D:\\out' })(0);
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
