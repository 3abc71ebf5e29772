import { describe, expect, test } from 'vitest';
import { CarafeError } from '../../src/errors.ts';
import type { ListFormat } from '../../src/sets/imageList.ts';
import { parseImageList } from '../../src/sets/imageList.ts';

const csv = (text: string, groupBy?: string) => parseImageList(text, 'csv', { source: 'list.csv', groupBy });
const jsonl = (text: string, groupBy?: string) => parseImageList(text, 'jsonl', { source: 'list.jsonl', groupBy });

describe('parseImageList', () => {
  test('CSV with group and split', () => {
    expect(csv('path,label,group,split\na.jpg,cat,1,train\n./b/c.jpg,dog,,\n')).toEqual([
      { path: 'a.jpg', labels: ['cat'], group: '1', split: 'train' },
      { path: 'b/c.jpg', labels: ['dog'] },
    ]);
  });

  test.each([
    ['semicolons', 'path;label\na.jpg;cat\n'],
    ['tabs', 'path\tlabel\na.jpg\tcat\n'],
    ['a byte order mark and Windows lines', '\uFEFFpath,label\r\na.jpg,cat\r\n'],
    ['empty lines and blanks', 'path, label\n\n  a.jpg ,  cat\n\n'],
  ])('CSV with %s', (_, text) => {
    expect(csv(text)).toEqual([{ path: 'a.jpg', labels: ['cat'] }]);
  });

  test('quoted cells are taken verbatim', () => {
    expect(csv('path,label\n"a,\n ""b"".jpg"," 猫 "\n')).toEqual([{ path: 'a,\n "b".jpg', labels: [' 猫 '] }]);
  });

  test('several labels', () => {
    expect(csv('path,labels\na.jpg,cat|dog|cat\nb.jpg,\n')).toEqual([
      { path: 'a.jpg', labels: ['cat', 'dog'] },
      { path: 'b.jpg', labels: [] },
    ]);
    expect(jsonl('{"path":"a.jpg","labels":["x|y","z"]}').map(({ labels }) => labels)).toEqual([['x|y', 'z']]);
  });

  test('JSON lines, numbers as text', () => {
    expect(jsonl('{"path":"a.jpg","label":7,"group":3,"split":"val"}\n\n{"path":"b.jpg","label":"x"}\n')).toEqual([
      { path: 'a.jpg', labels: ['7'], group: '3', split: 'val' },
      { path: 'b.jpg', labels: ['x'] },
    ]);
  });

  test('a split is told as people write it, and left unread where it is to be ignored', () => {
    const split = (...sides: string[]) =>
      csv(`path,label,split\n${sides.map((side, i) => `${i}.jpg,cat,${side}\n`).join('')}`).map((item) => item.split);
    expect(split('Training', 'testing', 'VALIDATION', 'dev', '')).toEqual(['train', 'test', 'val', 'val', undefined]);
    expect(split('train', 'eval')).toEqual(['train', 'val']);
    expect(split('train', 'dev', 'eval')).toEqual(['train', 'val', 'test']);
    const later = 'path,label,split\na.jpg,cat,later\n';
    expect(parseImageList(later, 'csv', { source: 'l', ignoreSplit: true })).toEqual([
      { path: 'a.jpg', labels: ['cat'] },
    ]);
  });

  test('groupBy names another column', () => {
    expect(csv('path,label,patient\na.jpg,cat,p1\n', 'patient')[0].group).toBe('p1');
    expect(message(() => csv('path,label\na.jpg,cat\n', 'patient'))).toBe(
      'USAGE `groupBy` names the column "patient", which list.csv does not have; its columns are "path", "label".',
    );
  });

  test('an empty list has no items', () => {
    expect(csv('path,label\n')).toEqual([]);
    expect(jsonl('\n')).toEqual([]);
  });

  test.each<[ListFormat, string, string]>([
    ['csv', 'one,label,x\na,b,c\n', 'list has no column for the path; its columns are "one", "label", "x".'],
    [
      'csv',
      'path,one,two\na,b,c\n',
      'list has neither a column label nor labels; its columns are "path", "one", "two".',
    ],
    [
      'csv',
      '#filename,file_size,file_attributes,region_count,region_id,region_shape_attributes,region_attributes\na.jpg,9,"{""label"":""cat""}",0,0,"{}","{}"\n',
      'list is an export of the VGG Image Annotator, which stores labels inside other cells.',
    ],
    ['csv', 'path,label\na.jpg,cat\n,dog\n', 'list, line 3: the path is missing.'],
    ['csv', 'path,label\na.jpg,\n', 'list, line 2: the label of "a.jpg" is missing.'],
    ['csv', 'path,label,split\na.jpg,cat,later\n', 'list, line 2: split is "later".'],
    ['csv', 'path,label\na.jpg,cat\na.jpg,dog\n', 'list, line 3: "a.jpg" is already listed in line 2.'],
    [
      'csv',
      'path,label\na.jpg,cat,more\n',
      'list is not well-formed CSV: Invalid Record Length: columns length is 2, got 3 on line 2.',
    ],
    ['jsonl', '{"path":"a.jpg","label":"x"}\n{oops\n', 'list, line 2 is not JSON: '],
    ['jsonl', '["a.jpg"]\n', 'list, line 1 is not a JSON object.'],
    ['jsonl', '{"path":{},"label":"x"}\n', 'list, line 1: path is {}, which is not text.'],
  ])('%s: %j is refused', (format, text, expected) => {
    expect(message(() => parseImageList(text, format, { source: 'list' }))).toContain(`BAD_LIST ${expected}`);
  });
});

function message(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof CarafeError) return `${error.code} ${error.what}`;
    throw error;
  }
  return 'no error';
}
