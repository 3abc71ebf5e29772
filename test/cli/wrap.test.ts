import { PassThrough } from 'node:stream';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { output } from '../../src/cli/terminal.ts';
import { widthOf, wrap } from '../../src/cli/wrap.ts';

describe('lines longer than the terminal', () => {
  test.each([
    ['a short line stays', 20, 'a short line stays'],
    ['one two three four', 9, 'one two\n  three\n  four'],
    ['  → one two three', 12, '  → one two\n    three'],
    ['a  b  c    d', 8, 'a  b  c\n  d'],
    ['see /a/very/long/path.jpg now', 10, 'see\n  /a/very/long/path.jpg\n  now'],
    ['one two\n\n  three', 5, 'one\n  two\n\n  three'],
    ['狐狸 狐狸 狐狸', 10, '狐狸 狐狸\n  狐狸'],
  ])('%j in %i columns', (text, columns, expected) => {
    expect(wrap(text, columns)).toBe(expected);
  });

  const words = fc.array(fc.stringMatching(/^[a-zé狐🦊]{1,12}$/u), { minLength: 1, maxLength: 30 });
  test('are broken between words alone, and only what is one word is longer', () => {
    fc.assert(
      fc.property(words, fc.integer({ min: 8, max: 60 }), fc.integer({ min: 0, max: 6 }), (all, columns, indent) => {
        const text = ' '.repeat(indent) + all.join(' ');
        const lines = wrap(text, columns).split('\n');
        expect(lines.join(' ').trim().split(/ +/)).toEqual(all);
        for (const line of lines) if (line.trim().includes(' ')) expect(widthOf(line)).toBeLessThanOrEqual(columns);
      }),
    );
  });
});

test.each([
  ['abc', 3],
  ['été', 3],
  ['e\u0301', 1],
  ['狐', 2],
  ['🦊', 2],
  ['한글', 4],
])('%s takes %i columns', (text, columns) => {
  expect(widthOf(text)).toBe(columns);
});

test('a terminal has lines broken; a file or a pipe has them as they are', () => {
  const said = (isTTY: boolean) => {
    const stream = Object.assign(new PassThrough(), { isTTY, columns: 11 });
    output(stream).say('one two three four\n');
    return String(stream.read());
  };
  expect(said(true)).toBe('one two\n  three\n  four\n');
  expect(said(false)).toBe('one two three four\n');
});
