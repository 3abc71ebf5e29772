import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findImageSet, findImages } from '../../src/sets/find.node.ts';
import { requireClasses } from '../../src/sets/imageSet.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'carafe-find-'));
});
afterEach(() => rmSync(root, { recursive: true }));

/** Finding reads no photo, so any bytes do. */
function put(...paths: string[]): void {
  for (const path of paths) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), 'x');
  }
}
function link(target: string, path: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  symlinkSync(target, join(root, path));
}
const brief = async (source = root) =>
  (await findImageSet(source)).items.map(({ path, labels }) => `${labels} ${path}`);
const found = async (...paths: string[]) => (await findImages(paths)).map(({ path }) => path.replace(`${root}/`, ''));

describe('findImageSet in a folder', () => {
  test('one folder a class, folders inside it, in a fixed order', async () => {
    put('b/2.JPG', 'b/10.jpg', 'b/in/1.webp', 'a/x.png', 'a/y.txt', 'a/.hidden.jpg', '.git/z.jpg', 'readme.md');
    const set = await findImageSet(root);
    expect(set.items.map(({ path }) => path)).toEqual(['a/x.png', 'b/10.jpg', 'b/2.JPG', 'b/in/1.webp']);
    expect(set.classes).toEqual(['a', 'b']);
    expect(set.source).toBe(root);
    expect(set.items[0].file).toBe(join(root, 'a/x.png'));
    expect(set.notes).toEqual([]);
    expect(set.leftOut).toEqual([
      { kind: '.md', count: 1 },
      { kind: '.txt', count: 1 },
    ]);
  });

  test('formats that cannot be read are found too, so that they are listed', async () => {
    put('a/1.heic', 'a/2.avif', 'a/3.bmp', 'a/4.nef', 'a/5.gif', 'a/6.pdf');
    expect(await brief()).toEqual(['a a/1.heic', 'a a/2.avif', 'a a/3.bmp', 'a a/4.nef', 'a a/5.gif']);
  });

  test('names of any kind: blanks, newlines, emoji, right to left, composed and decomposed', async () => {
    const composed = 'caf\u00e9';
    const decomposed = 'cafe\u0301';
    const labels = [composed, decomposed, ' a b ', 'line\nbreak', '🌻', 'שלום', 'C++', 'C#', '-rf', 'a\\b', '猫', '犬'];
    put(...labels.map((label) => `${label}/photo \n🌻.jpg`));
    const set = await findImageSet(root);
    expect(set.classes).toEqual(labels.toSorted((a, b) => (a < b ? -1 : 1)));
    expect(set.items.every(({ labels: [label], path }) => path === `${label}/photo \n🌻.jpg`)).toBe(true);
  });

  test('a split by folders', async () => {
    put('train/a/1.jpg', 'train/b/2.jpg', 'test/a/3.jpg', 'readme.md');
    const { items, classes } = await findImageSet(root);
    expect(classes).toEqual(['a', 'b']);
    expect(items.map(({ split }) => split)).toEqual(['test', 'train', 'train']);
  });

  test('symbolic links are followed; loops end', async () => {
    put('a/1.jpg', 'shared/in/2.jpg');
    link(root, 'a/up');
    link(join(root, 'a'), 'a/self');
    link(join(root, 'b'), 'b');
    link(join(root, 'shared'), 'c');
    link(join(root, 'shared/in'), 'shared/again');
    link(join(root, 'gone.jpg'), 'a/gone.jpg');
    expect(await brief()).toEqual([
      'a a/1.jpg',
      'a a/gone.jpg',
      'c c/again/2.jpg',
      'c c/in/2.jpg',
      'shared shared/again/2.jpg',
      'shared shared/in/2.jpg',
    ]);
  });

  test('folders that all link to each other end soon', async () => {
    const names = Array.from({ length: 12 }, (_, i) => `d${i}`);
    put(...names.map((name) => `class/x/${name}/photo.jpg`));
    for (const from of names) for (const to of names) link(join(root, 'class/x', to), `class/x/${from}/to-${to}`);
    const { items } = await findImageSet(root);
    expect(items.length).toBe(12);
  });

  test('says what it leaves out', async () => {
    put('a/1.jpg', 'b/2.jpg', 'stray.jpg');
    mkdirSync(join(root, 'empty'));
    expect((await findImageSet(root)).notes).toEqual([
      'Skipped photos outside the class folders: "stray.jpg".',
      'Skipped folders that contain no photos: "empty".',
    ]);
  });

  test('files that are no photos are counted by kind; what systems leave, and what Carafe wrote, is not', async () => {
    put('a/1.jpg', 'b/2.jpg', 'a/3.npy', 'a/4.NPY', 'b/noext', 'b/5', 'b/6.tar.gz', 'b/Thumbs.db', 'b/.DS_Store');
    put('__MACOSX/a/._1.jpg', '__MACOSX/a/1.jpg', 'a/desktop.ini', '.ipynb_checkpoints/x.jpg');
    put('carafe-out/classifier.onnx', 'carafe-out/report.html', 'carafe-out/heatmaps/1.png', 'result/study.html');
    put('out/classifier.onnx', 'out/report.html', 'out/kept.jpg');
    const { items, leftOut, notes } = await findImageSet(root);
    expect(items.map(({ path }) => path)).toEqual(['a/1.jpg', 'b/2.jpg', 'out/kept.jpg']);
    expect(notes).toEqual([]);
    expect(leftOut).toEqual([
      { kind: '.npy', count: 2 },
      { kind: 'without extension', count: 2 },
      { kind: '.gz', count: 1 },
    ]);
  });

  test('a photo without an extension, or with one of nobody, is told by its first bytes', async () => {
    put('a/1.jpg', 'b/2.jpg', 'b/noext', 'a/notes.txt');
    for (const name of ['a/3', 'b/4.jpg_large', 'b/5.img', 'a/6.txt'])
      writeFileSync(join(root, name), new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 0, 16]));
    writeFileSync(join(root, 'b/7'), 'P6 1 1 255 abc');
    const { items, leftOut } = await findImageSet(root);
    expect(items.map(({ path }) => path)).toEqual(['a/1.jpg', 'a/3', 'b/2.jpg', 'b/4.jpg_large', 'b/5.img', 'b/7']);
    expect(leftOut).toEqual([
      { kind: '.txt', count: 2 },
      { kind: 'without extension', count: 1 },
    ]);
  });

  test.skipIf(process.platform === 'win32')('pipes are passed over and counted, and never waited for', async () => {
    put('a/1.jpg', 'b/2.jpg');
    for (const name of ['b/pipe.jpg', 'b/pipe']) execFileSync('mkfifo', [join(root, name)]);
    link('/dev/zero', 'a/zero.jpg');
    const { items, leftOut } = await findImageSet(root);
    expect(items.map(({ path }) => path)).toEqual(['a/1.jpg', 'b/2.jpg']);
    expect(leftOut).toEqual([{ kind: 'pipe or device', count: 3 }]);
  });

  test('folders that are no part of the split, and classes without photos, are told', async () => {
    put('train/a/1.jpg', 'train/b/2.jpg', 'test/a/3.jpg', 'docs/4.jpg', 'docs/5.jpg', 'labels/6.txt');
    mkdirSync(join(root, 'test/c'));
    expect((await findImageSet(root)).notes).toEqual([
      'Not used: 2 photos in "docs", which was not taken for a class or a part of the split. If it is one, use `asClasses`.',
      'Skipped folders that contain no photos: "test/c".',
    ]);
  });

  test('one folder too low, or two: the one above is named', async () => {
    put('set/cat/1.jpg', 'set/dog/2.jpg', 'set/cat/2024/3.jpg', 'set/emu/2024/4.jpg');
    await expect(findImageSet(join(root, 'set/dog'))).rejects.toMatchObject({
      what: `'${join(root, 'set/dog')}' contains 1 photo, but no class folders.`,
      hint: expect.stringContaining(
        `contains 'cat', 'dog'. If these are the classes, give that folder (${join(root, 'set')}). If not, put `,
      ),
    });
    await expect(findImageSet(join(root, 'set/emu/2024'))).rejects.toMatchObject({
      hint: expect.stringContaining(`give that folder (${join(root, 'set')}). If not, put `),
    });
  });

  test('a folder of files of other kinds names them', async () => {
    put('stop/1.npy', 'stop/2.npy', 'yield/3.mat');
    await expect(findImageSet(root)).rejects.toMatchObject({
      what: expect.stringContaining('it contains 2 .npy, 1 .mat'),
    });
  });

  test('groupBy is a regular expression', async () => {
    put('a/n1_1.jpg', 'a/n1_2.jpg', 'b/n2_1.jpg');
    const { items } = await findImageSet(root, { groupBy: '/(n\\d+)_' });
    expect(items.map(({ group }) => group)).toEqual(['n1', 'n1', 'n2']);
    await expect(findImageSet(root, { groupBy: '(' })).rejects.toMatchObject({ code: 'USAGE' });
    put('b/other.jpg');
    const { groups } = await findImageSet(root, { groupBy: '/(n\\d+)_' });
    expect(groups).toEqual({ by: "--group-by '/(n\\d+)_'", groups: 2, unmatched: 1 });
    await expect(findImageSet(root, { groupBy: 'nosuch' })).rejects.toMatchObject({
      code: 'USAGE',
      what: `\`groupBy: 'nosuch'\` matches none of the 4 photos of ${root}.`,
      hint: expect.stringContaining('"a/n1_1.jpg"'),
    });
  });

  test.each([
    ['no such folder', 'nowhere', 'NOT_FOUND', /no folder or list '.*nowhere'/],
    ['no photos', 'none', 'NO_IMAGES', /contains no photos/],
    ['photos without class folders', 'loose', 'NO_IMAGES', /contains 2 photos, but no class folders/],
    ['a file that is no list', 'loose/1.jpg', 'BAD_LIST', /neither a folder nor/],
  ])('%s', async (_, name, code, what) => {
    put('none/readme.txt', 'loose/1.jpg', 'loose/2.jpg');
    const failure = findImageSet(join(root, name));
    await expect(failure).rejects.toMatchObject({ code, what: expect.stringMatching(what) });
    if (code !== 'NOT_FOUND')
      await expect(failure).rejects.toMatchObject({ hint: expect.stringContaining('photos/cat/1.jpg') });
  });
});

describe('findImageSet in a list', () => {
  test('paths are relative to the list; what it names is taken whatever its name', async () => {
    put('photos/a.jpg', 'b.dat');
    writeFileSync(join(root, 'list.CSV'), `path,label\nphotos/a.jpg,x\n./b.dat,y\n${root}/c.jpg,y\n../out.jpg,x\n`);
    const { items } = await findImageSet(join(root, 'list.CSV'));
    expect(items.map(({ path }) => path)).toEqual(['../out.jpg', 'photos/a.jpg', 'b.dat', 'c.jpg']);
    expect(items.map(({ file }) => file)).toEqual(
      ['../out.jpg', 'photos/a.jpg', 'b.dat', 'c.jpg'].map((path) => join(root, path)),
    );
  });

  test('JSON lines with groups', async () => {
    writeFileSync(join(root, 'l.jsonl'), '{"path":"a.jpg","label":"x","who":"p"}\n');
    const { items } = await findImageSet(join(root, 'l.jsonl'), { groupBy: 'who' });
    expect(items).toEqual([{ path: 'a.jpg', file: join(root, 'a.jpg'), labels: ['x'], group: 'p' }]);
  });

  test('a group column that is empty is an error where it was asked for, and otherwise no group', async () => {
    writeFileSync(join(root, 'l.csv'), 'path,label,group,who\na.jpg,x,,\nb.jpg,y,,p\n');
    const { groups } = await findImageSet(join(root, 'l.csv'), { groupBy: 'who' });
    expect(groups).toEqual({ by: "--group-by 'who'", groups: 1, unmatched: 1 });
    expect((await findImageSet(join(root, 'l.csv'))).groups).toBeUndefined();
    await expect(findImageSet(join(root, 'l.csv'), { groupBy: 'group' })).rejects.toMatchObject({ code: 'USAGE' });
  });

  test('a list without rows', async () => {
    writeFileSync(join(root, 'l.csv'), 'path,label\n');
    await expect(findImageSet(join(root, 'l.csv'))).rejects.toMatchObject({ code: 'NO_IMAGES' });
  });
});

describe('requireClasses', () => {
  test('one class is an error', async () => {
    put('a/1.jpg', 'a/2.jpg');
    const set = await findImageSet(root);
    expect(() => requireClasses(set)).toThrow(expect.objectContaining({ code: 'TOO_FEW_CLASSES' }));
    expect(() => requireClasses(set)).toThrow("only one class, 'a' (2 photos)");
  });

  test('two are enough', async () => {
    put('a/1.jpg', 'b/2.jpg');
    expect(requireClasses(await findImageSet(root))).toBeUndefined();
  });
});

describe('findImages', () => {
  test('files whatever their name, folders, patterns, in the order named, each once', async () => {
    put('x/b.jpg', 'x/a.jpg', 'x/in/c.png', 'x/note.txt', 'y.dat', 'z[1].jpg', 'z1.jpg');
    const at = (path: string) => join(root, path);
    expect(await found(at('y.dat'), at('x'), at('x/a.jpg'))).toEqual(['y.dat', 'x/a.jpg', 'x/b.jpg', 'x/in/c.png']);
    expect(await found(at('x/**/*'))).toEqual(['x/a.jpg', 'x/b.jpg', 'x/in/c.png']);
    expect(await found(at('z[1].jpg'))).toEqual(['z[1].jpg']);
    expect(await found(at('z[12].jpg'))).toEqual(['z1.jpg']);
    expect(await found(at('{y.dat,x/b.jpg}'))).toEqual(['x/b.jpg']);
  });

  test('relative paths stay relative as they are shown', async () => {
    const [image] = await findImages(['test/sets/../sets/find.test.ts']);
    expect(image).toEqual({
      path: 'test/sets/../sets/find.test.ts',
      file: join(process.cwd(), 'test/sets/find.test.ts'),
    });
  });

  test('a named file that is not there', async () => {
    await expect(findImages([join(root, 'gone.jpg')])).rejects.toMatchObject({
      code: 'NOT_FOUND',
      what: `There is no file or folder '${root}/gone.jpg'.`,
    });
  });

  test('nothing found', async () => {
    put('x/note.txt');
    await expect(findImages([join(root, 'x'), join(root, '*.jpg')])).rejects.toMatchObject({ code: 'NO_IMAGES' });
  });
});
