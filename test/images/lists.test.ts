import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CarafeError } from '../../src/errors.ts';
import { findImageSet } from '../../src/sets/find.node.ts';
import { type ListFormat, parseImageList } from '../../src/sets/imageList.ts';
import type { FindOptions } from '../../src/sets/imageSet.ts';
import { listText } from '../../src/sets/listText.ts';

const refusal = (run: () => unknown): string => {
  try {
    return `no error: ${JSON.stringify(run())}`;
  } catch (error) {
    if (error instanceof CarafeError) return `${error.code} ${error.what} ${error.hint}`;
    throw error;
  }
};

/** The bytes of a text in an encoding that Node writes, or given byte by byte. */
const utf16 = (text: string, big = false, mark = true): Uint8Array => {
  const bytes = Buffer.from((mark ? '\ufeff' : '') + text, 'utf16le');
  return big ? bytes.swap16() : bytes;
};
const latin1 = (text: string): Uint8Array => Buffer.from(text, 'latin1');

describe('the text of a list', () => {
  const text = 'path;label\r\nä/1.jpg;Bär\r\n';
  test.each<[string, Uint8Array]>([
    ['UTF-8', Buffer.from(text)],
    ['UTF-8 with a mark', Buffer.from(`\ufeff${text}`)],
    ['UTF-16 LE', utf16(text)],
    ['UTF-16 BE', utf16(text, true)],
    ['UTF-16 LE without a mark', utf16(text, false, false)],
    ['UTF-16 BE without a mark', utf16(text, true, false)],
    ['UTF-16 of words without spaces', utf16(text)],
  ])('%s', (_, bytes) => {
    expect(listText(bytes, 'l.csv')).toBe(text);
  });

  test('Latin-1 is read where all Latin code pages agree', () => {
    expect(listText(latin1('path,label\n1.jpg,Bär\n2.jpg,süß\n3.jpg,café\n'), 'l.csv')).toContain(
      'Bär\n2.jpg,süß\n3.jpg,café',
    );
  });

  test.each<[string, Uint8Array, number]>([
    ['Polish of Windows', Uint8Array.of(...Buffer.from('path,label\na.jpg,d'), 0xb9, 0x62), 2],
    ['one letter in which code pages differ', latin1('path,label\na.jpg,cat\nb.jpg,jeleñ\n'), 3],
    ['Mac', Uint8Array.of(...Buffer.from('path,label\ra.jpg,B'), 0x8a, 0x72), 2],
    ['Cyrillic', Uint8Array.of(...Buffer.from('path,label\na.jpg,'), 0xea, 0xee, 0xf2), 2],
    ['Japanese', Uint8Array.of(...Buffer.from('path,label\na.jpg,'), 0x94, 0x4c, 0x8c, 0xa2), 2],
    ['broken UTF-8', Uint8Array.of(...Buffer.from('path,label\na.jpg,ca'), 0xc3, 0x28), 2],
    [
      'a mark, and then none of it',
      Uint8Array.of(0xef, 0xbb, 0xbf, ...Buffer.from('path,label\na.jpg,B'), 0xe4, 0x72),
      2,
    ],
  ])('%s is refused, with the line', (_, bytes, line) => {
    const said = refusal(() => listText(bytes, 'l.csv'));
    expect(said).toMatch(new RegExp(`^BAD_LIST l\\.csv, line ${line} has letters that are not valid UTF-8\\.`));
    expect(said).toContain('CSV UTF-8');
  });

  test('what is refused is read as it is named', () => {
    const mac = Uint8Array.of(...Buffer.from('a.jpg,B'), 0x8a, 0x72);
    expect(listText(mac, 'l.csv', 'macintosh')).toBe('a.jpg,Bär');
    expect(refusal(() => listText(mac, 'l.csv'))).toContain('`encoding: \'macintosh\'`: "a.jpg,Bär"');
    expect(refusal(() => listText(mac, 'l.csv', 'klingon'))).toMatch(/^USAGE `encoding: 'klingon'`/);
    expect(refusal(() => listText(Uint8Array.of(0x81), 'l.csv', 'shift_jis'))).toMatch(/^BAD_LIST/);
  });

  test('letters that were lost before, and zeros, are refused', () => {
    expect(refusal(() => listText(Buffer.from('path,label\na.jpg,B\ufffdr\n'), 'l.csv'))).toContain(
      'line 2 contains the character',
    );
    expect(refusal(() => listText(Buffer.from('path,label\na.jpg,\0\0\n'), 'l.csv'))).toContain(
      'line 2 contains zero bytes',
    );
  });
});

const read = (text: string, options: FindOptions = {}, format: ListFormat = 'csv') => {
  const notes: string[] = [];
  const items = parseImageList(text, format, { ...options, source: 'l.csv', onNote: (note) => notes.push(note) });
  return {
    rows: items.map(({ path, labels, split, group }) =>
      [path, labels.join('|'), split, group].filter((one) => one !== undefined).join(' '),
    ),
    notes,
  };
};

describe('the columns of a list', () => {
  test.each<[string, string, string[]]>([
    ['capitals', 'Path,Label\na.jpg,cat\n', ['a.jpg cat']],
    ['Hugging Face', 'file_name,label\na.jpg,cat\n', ['a.jpg cat']],
    ['filename and class', 'filename,class\na.jpg,cat\n', ['a.jpg cat']],
    ['image and category', 'image,category\na.jpg,cat\n', ['a.jpg cat']],
    ['blanks and underscores', 'Image Path;Class Name\na.jpg;cat\n', ['a.jpg cat']],
    ['a name beside a number', 'image_id,class_id,class_name\na.jpg,7,cat\n', ['a.jpg cat']],
    ['id and the one other column', 'id,breed\na.jpg,pug\n', ['a.jpg pug']],
    ['the surer of two', 'id,image,label\n1,a.jpg,cat\n', ['a.jpg cat']],
    [
      'sides of a split by another name',
      'file,label,subset\na.jpg,cat,Training\nb.jpg,dog,Testing\n',
      ['a.jpg cat train', 'b.jpg dog test'],
    ],
    ['a column set that is no split', 'file,label,set\na.jpg,cat,blue\n', ['a.jpg cat']],
    ['Split and Group', 'Path,Label,Split,Group\na.jpg,cat,TRAIN,g\n', ['a.jpg cat train g']],
    ['several by another name', 'image,tags\na.jpg,cat|dog\n', ['a.jpg cat|dog']],
    ['a column a class', 'filename,healthy,rust\na.jpg,1,0\nb.jpg,0,1\n', ['a.jpg healthy', 'b.jpg rust']],
    ['a column a label', 'filename,cat,dog,red\na.jpg,1,0,1\nb.jpg,0,0,0\n', ['a.jpg cat|red', 'b.jpg ']],
    ['what documented columns say, whatever stands beside', 'path,label,image,class\na.jpg,cat,x,y\n', ['a.jpg cat']],
    ["Excel's line sep=", 'sep=;\npath;label\na,b.jpg;cat\n', ['a,b.jpg cat']],
    ['lines of old Macs', 'path,label\ra.jpg,cat\rb.jpg,dog\r', ['a.jpg cat', 'b.jpg dog']],
    ['a comma inside a header in quotes', '"path";"label, as seen";"x"\na.jpg;cat;1\n', []],
    [
      "Label Studio's CSV",
      'annotation_id,choice,image\n1,cat,/data/upload/1/a.jpg\n2,"{""choices"":[""cat"",""dog""]}",/data/upload/1/b.jpg\n',
      ['/data/upload/1/a.jpg cat', '/data/upload/1/b.jpg cat|dog'],
    ],
  ])('%s', (name, text, rows) => {
    if (rows.length > 0) expect(read(text).rows).toEqual(rows);
    else
      expect(
        refusal(() => read(text)),
        name,
      ).toContain('`labelColumn`');
  });

  test('other columns than those documented are told', () => {
    expect(read('id,breed\na.jpg,pug\n').notes).toEqual(['l.csv: paths from the column "id", labels from "breed".']);
    expect(read('path,label\na.jpg,pug\n').notes).toEqual([]);
  });

  test.each<[string, string, string]>([
    ['two that may be the path', 'filename,imagename,label\na,b,c\n', '`pathColumn`'],
    ['two that may be the label', 'path,species,diagnosis\na,b,c\n', '`labelColumn`'],
    ['none', 'a,b,c\n1,2,3\n', '`pathColumn`'],
    ['no header', 'cats/1.jpg,cat\ncats/2.jpg,cat\n', 'The first line must name the columns'],
    ['no header, a part first', 'TRAIN,cats/1.jpg,cat\nTEST,cats/2.jpg,cat\n', 'The first line must name the columns'],
    ['no header, photos of rarer kinds', 'cats/1.HEIC,cat\ncats/2.ppm,cat\n', 'The first line must name the columns'],
    ['no label', 'path\na.jpg\n', 'Add a column label'],
  ])('%s: refused with what helps', (_, text, hint) => {
    expect(refusal(() => read(text))).toContain(hint);
  });

  test('flags say it', () => {
    const text = 'filename,imagename,species,diagnosis,use\na.jpg,b.jpg,cat,ill,dev\n';
    const options = { pathColumn: 'imagename', labelColumn: 'diagnosis', splitColumn: 'use' };
    expect(read(text, options)).toEqual({ rows: ['b.jpg ill val'], notes: [] });
    expect(read('path,label,split\na.jpg,cat,later\n', { ignoreSplit: true }).rows).toEqual(['a.jpg cat']);
    for (const [key, flag] of [
      ['pathColumn', '`pathColumn`'],
      ['labelColumn', '`labelColumn`'],
      ['splitColumn', '`splitColumn`'],
    ])
      expect(refusal(() => read(text, { ...options, [key]: 'no' }))).toContain(`USAGE ${flag} names the column "no"`);
  });
});

describe('JSON', () => {
  const json = (value: unknown) => read(JSON.stringify(value), {}, 'json');
  const coco = (annotations: object[], more: object = {}) => ({
    images: [
      { id: 1, file_name: 'a.jpg', width: 100, height: 50 },
      { id: 2, file_name: 'b.jpg', width: 100, height: 50 },
    ],
    categories: [
      { id: 7, name: 'cat' },
      { id: 8, name: 'dog' },
    ],
    annotations,
    ...more,
  });

  test('an array of rows', () => {
    expect(
      json([
        { path: 'a.jpg', label: 'cat' },
        { path: 'b.jpg', label: 'dog' },
      ]).rows,
    ).toEqual(['a.jpg cat', 'b.jpg dog']);
  });

  test('COCO, of labels for whole photos', () => {
    const { rows, notes } = json(
      coco([
        { image_id: 1, category_id: 7 },
        { image_id: 2, category_id: 8, bbox: [] },
      ]),
    );
    expect(rows).toEqual(['a.jpg cat', 'b.jpg dog']);
    expect(notes[0]).toContain('COCO');
    expect(json(coco([{ image_id: 1, category_id: 7, bbox: [0, 0, 100, 50] }])).rows).toEqual(['a.jpg cat']);
    expect(
      json(
        coco([
          { image_id: 1, category_id: 7 },
          { image_id: 1, category_id: 8 },
        ]),
      ).rows,
    ).toEqual(['a.jpg cat|dog', 'b.jpg ']);
  });

  test('Label Studio', () => {
    const task = (image: string, ...chosen: string[]) => ({
      data: { image },
      annotations: [{ result: [{ type: 'choices', value: { choices: chosen } }] }],
    });
    expect(json([task('a.jpg', 'cat'), task('b.jpg', 'dog')]).rows).toEqual(['a.jpg cat', 'b.jpg dog']);
    expect(json([task('a.jpg', 'cat', 'red'), task('b.jpg', 'dog')]).rows).toEqual(['a.jpg cat|red', 'b.jpg dog']);
    expect(json([{ id: 1, image: 'a.jpg', choice: 'cat' }]).rows).toEqual(['a.jpg cat']);
    expect(json([{ id: 1, image: 'a.jpg', choice: { choices: ['cat', 'red'] } }]).rows).toEqual(['a.jpg cat|red']);
  });

  test.each<[string, unknown, string]>([
    ['boxes of COCO', coco([{ image_id: 1, category_id: 7, bbox: [10, 10, 5, 5] }]), 'COCO file of boxes'],
    ['a category without a name', coco([{ image_id: 1, category_id: 9 }]), 'the category 9'],
    [
      'boxes of Label Studio',
      [{ data: { image: 'a.jpg' }, annotations: [{ result: [{ type: 'rectanglelabels', value: { x: 1 } }] }] }],
      'with regions (rectanglelabels)',
    ],
    ['anything else', { hello: 1 }, 'neither a list of photos'],
    ['numbers', [1, 2], 'neither a list of photos'],
  ])('%s: refused', (_, value, expected) => {
    expect(refusal(() => json(value))).toContain(expected);
  });
});

describe('the paths of a list', () => {
  let root = '';
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'carafe-lists-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));
  const put = (...paths: string[]) => {
    for (const path of paths) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), 'x');
    }
  };
  const found = async (rows: string, name = 'list.csv') => {
    writeFileSync(join(root, name), rows);
    const { items, notes } = await findImageSet(join(root, name));
    return {
      paths: items.map(({ path }) => path).sort(),
      files: items.map(({ file }) => file.slice(root.length + 1)).sort(),
      notes,
    };
  };

  test.each<[string, string[], string, string[]]>([
    [
      'backslashes',
      ['cat/1.jpg', 'dog/2.jpg'],
      'path,label\r\ncat\\1.jpg,cat\r\ndog\\2.jpg,dog\r\n',
      ['cat/1.jpg', 'dog/2.jpg'],
    ],
    ['no extension', ['cat/1.jpg', 'dog/2.png'], 'path,label\ncat/1,cat\ndog/2,dog\n', ['cat/1.jpg', 'dog/2.png']],
    [
      'ids of Kaggle',
      ['train/0a1.jpg', 'train/0b2.jpg', 'test/0c3.jpg'],
      'id,breed\n0a1,pug\n0b2,hound\n',
      ['train/0a1.jpg', 'train/0b2.jpg'],
    ],
    [
      'photos in images/',
      ['images/1.jpg', 'images/2.jpg'],
      'path,label\n1.jpg,a\n2.jpg,b\n',
      ['images/1.jpg', 'images/2.jpg'],
    ],
    ['dots in ids', ['a/x.1.jpg', 'a/x.2.jpg'], 'path,label\na/x.1,a\na/x.2,b\n', ['a/x.1.jpg', 'a/x.2.jpg']],
    [
      'uploads of Label Studio',
      ['a.jpg', 'b.jpg'],
      'image,choice\n/data/upload/1/0a1b2c3d-a.jpg,x\n/data/upload/1/b.jpg,y\n',
      ['a.jpg', 'b.jpg'],
    ],
    [
      'the same names in train and test',
      ['train/1.jpg', 'test/1.jpg', 'images/2.jpg'],
      'path,label\n1,a\n',
      ['train/1.jpg'],
    ],
  ])('%s', async (_, files, rows, expected) => {
    put(...files);
    const set = await found(rows);
    expect(set.files).toEqual(expected);
    expect(set.paths).toEqual(expected);
    expect(set.notes?.some((note) => note.includes('its paths are found'))).toBe(!rows.includes('\\'));
  });

  test('paths that are there as they stand are left alone', async () => {
    put('a/1.jpg', 'b/2.jpg', 'images/a/1.jpg');
    expect(await found('path,label\na/1.jpg,a\nb/2.jpg,b\n')).toEqual({
      paths: ['a/1.jpg', 'b/2.jpg'],
      files: ['a/1.jpg', 'b/2.jpg'],
      notes: [],
    });
    // One that is gone stays as it is written, and is listed when photos are read.
    expect((await found('path,label\na/1.jpg,a\nb/gone.jpg,b\n')).paths).toEqual(['a/1.jpg', 'b/gone.jpg']);
  });

  test.skipIf(process.platform === 'win32')('what cannot be meant is refused', async () => {
    put('a/1.jpg', 'a/1.png', 'train/2.jpg', 'train/3.jpg', 'images/2.jpg', 'photos/4.jpg', 'img/4.jpg');
    const said = (rows: string) =>
      found(rows).then(
        () => 'found',
        (error: CarafeError) => `${error.what} ${error.hint}`,
      );
    expect(await said('path,label\nC:\\Users\\me\\a\\1.jpg,a\n')).toMatch(/"C:.*Windows path.*backslashes may stay/);
    expect(await said('path,label\n\\\\server\\a\\1.jpg,a\n')).toContain('Windows path');
    expect(await said('path,label\nhttps://x.org/1.jpg,a\n')).toContain('an address');
    expect(await said('path,label\na/1,a\n')).toContain('may be "1.jpg" or "1.png"');
    expect(await said('path,label\n4.jpg,a\n')).toMatch(/several folders: 'img', 'photos'/);
  });

  test('a spreadsheet is no list', async () => {
    await expect(found('PK', 'list.xlsx')).rejects.toMatchObject({
      code: 'BAD_LIST',
      hint: expect.stringContaining('CSV UTF-8'),
    });
  });

  test('tabs in UTF-16, as Excel saves Unicode text', async () => {
    put('ä/1.jpg', 'b/2.jpg');
    writeFileSync(join(root, 'u.csv'), utf16('Path\tLabel\r\nä\\1.jpg\tBär\r\nb\\2.jpg\tcat\r\n'));
    const { items, classes } = await findImageSet(join(root, 'u.csv'));
    expect(classes).toEqual(['Bär', 'cat']);
    expect(items.map(({ path }) => path)).toEqual(['ä/1.jpg', 'b/2.jpg']);
  });
});
