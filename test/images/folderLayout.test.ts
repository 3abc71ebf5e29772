import { describe, expect, test } from 'vitest';
import { folderLayout } from '../../src/images/folderLayout.ts';

const brief = (paths: string[], groupBy?: RegExp) =>
  folderLayout(paths, groupBy).items.map(({ path, labels, split, group }) =>
    [path, labels.join('+'), split, group].filter((part) => part !== undefined).join(' | '),
  );

describe('folderLayout', () => {
  test('the first folder is the class, verbatim, whatever lies below it', () => {
    expect(brief(['C++/a.jpg', 'C#/b.jpg', 'c/2024/may/c.jpg', ' c/d.jpg', 'Rosé/e.jpg'])).toEqual([
      'C++/a.jpg | C++',
      'C#/b.jpg | C#',
      'c/2024/may/c.jpg | c',
      ' c/d.jpg |  c',
      'Rosé/e.jpg | Rosé',
    ]);
  });

  test.each([
    ['train and test', ['train/a/1.jpg', 'test/a/2.jpg'], ['a | train', 'a | test']],
    [
      'all three, in capitals',
      ['Train/a/1.jpg', 'VAL/b/2.jpg', 'Test/c/d/3.jpg'],
      ['a | train', 'b | val', 'c | test'],
    ],
    [
      'other names of val',
      ['train/a/1.jpg', 'valid/a/2.jpg', 'validation/a/3.jpg'],
      ['a | train', 'a | val', 'a | val'],
    ],
  ])('%s are a split', (_, paths, expected) => {
    expect(brief(paths)).toEqual(paths.map((path, i) => `${path} | ${expected[i]}`));
  });

  test.each([
    ['something else lies beside them', ['train/a/1.jpg', 'test/a/2.jpg', 'bus/3.jpg'], ['train', 'test', 'bus']],
    ['train has no class folders', ['train/1.jpg', 'test/2.jpg'], ['train', 'test']],
    [
      'train has photos outside its folders',
      ['train/a/1.jpg', 'train/2.jpg', 'test/a/3.jpg'],
      ['train', 'train', 'test'],
    ],
    ['there is no train', ['val/a/1.jpg', 'test/a/2.jpg'], ['val', 'test']],
    ['it is alone', ['train/a/1.jpg', 'train/b/2.jpg'], ['train', 'train']],
  ])('no split where %s', (_, paths, labels) => {
    expect(brief(paths)).toEqual(paths.map((path, i) => `${path} | ${labels[i]}`));
  });

  test('photos outside every class folder are told, not used', () => {
    expect(folderLayout(['a/1.jpg', '2.jpg']).unlabelled).toEqual(['2.jpg']);
    expect(folderLayout(['train/a/1.jpg', 'test/2.jpg']).unlabelled).toEqual(['test/2.jpg']);
  });

  test('groups are the first parentheses, or the match; what does not match has none', () => {
    expect(brief(['a/exp1_n2.jpg', 'a/x.jpg'], /exp(\d+)/u)).toEqual(['a/exp1_n2.jpg | a | 1', 'a/x.jpg | a']);
    expect(brief(['a/exp1_n2.jpg'], /exp\d+/u)).toEqual(['a/exp1_n2.jpg | a | exp1']);
  });
});
