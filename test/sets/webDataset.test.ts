/** Photos and labels in tars, as WebDataset writes them; the tars are those of the system's own tar. */

import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readPhotoAt } from '../../src/features/readFile.node.ts';
import { extract, train } from '../../src/index.ts';
import { findImageSet } from '../../src/sets/find.node.ts';
import { readTar } from '../../src/sets/tarHeaders.node.ts';
import { tarAddress, tarMember } from '../../src/sets/tarMember.ts';
import { drawImageSet } from '../drawn.ts';
import { tinyNetworkFile } from '../tinyNetwork.ts';

const folder = mkdtempSync(join(tmpdir(), 'carafe-test-'));
const at = (...parts: string[]) => join(folder, ...parts);
beforeAll(async () => {
  process.env.CARAFE_CACHE = at('cache');
  await drawImageSet(at('photos'), 6);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A tar of files with such content, in this order. */
function tarOf(name: string, files: Readonly<Record<string, string | Uint8Array>>, ...options: string[]): string {
  const inside = at(`inside ${name}`);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(inside, path, '..'), { recursive: true });
    writeFileSync(join(inside, path), content);
  }
  execFileSync('tar', ['-cf', at(name), '-C', inside, ...options, ...Object.keys(files)]);
  return at(name);
}

const photo = (shape: string, number: number) => readFileSync(at('photos', shape, `${number}.jpg`));

describe.each(['ustar', 'pax', 'gnu'])('format %s', (format) => {
  test('a photo is read where it lies, by a name of any length', async () => {
    const long = `${'folder/'.repeat(format === 'ustar' ? 20 : 60)}${'ü'.repeat(40)}.jpg`;
    const files = { 'a.jpg': photo('circle', 0), [long]: photo('cross', 1), 'empty.jpg': '', 'b.cls': '1' };
    const path = tarOf(`${format}.tar`, files, `--format=${format}`);
    const { entries, broken } = await readTar(path);
    expect(broken).toBeUndefined();
    expect(entries.map(({ name }) => name)).toEqual(Object.keys(files));
    const read = (i: number) => readPhotoAt(tarAddress({ tar: path, ...entries[i] }));
    expect(Buffer.from(await read(1))).toEqual(photo('cross', 1));
    await expect(read(2)).rejects.toThrow(expect.objectContaining({ code: 'EMPTY' }));
    await expect(readPhotoAt(tarAddress({ tar: path, ...entries[0] }), { maxBytes: 10 })).rejects.toThrow(
      expect.objectContaining({ code: 'TOO_LARGE' }),
    );
  });
});

test('labels stand beside photos: .cls, then .json, then .txt', async () => {
  const jpg = photo('circle', 0);
  const path = tarOf('labels.tar', {
    ...{ '0.jpg': jpg, '0.cls': '7\n', '0.json': '{"label": "no"}' },
    ...{ 'x/1.seg.jpg': jpg, 'x/1.json': '{"label": 3}' },
    ...{ '2.png': jpg, '2.json': '{"labels": ["a", "b"]}' },
    ...{ '3.jpg': jpg, '3.txt': 'a daisy' },
    ...{ '4.jpg': jpg, '4.txt': 'a photo\nof something' },
    ...{ '5.jpg': jpg, '5.json': 'broken', '5.txt': 'daisy' },
    ...{ '6.cls': '1' },
  });
  const { items, notes } = await findImageSet(path);
  expect(new Map(items.map(({ path: shown, labels }) => [shown, labels]))).toEqual(
    new Map<string, readonly string[]>([
      ['labels.tar/0.jpg', ['7']],
      ['labels.tar/2.png', ['a', 'b']],
      ['labels.tar/3.jpg', ['a daisy']],
      ['labels.tar/5.jpg', ['daisy']],
      ['labels.tar/x/1.seg.jpg', ['3']],
    ]),
  );
  expect(notes).toEqual(['Not used: 1 photo without a label beside it.']);
});

test('a range, a pattern and a folder of tars are one set', async () => {
  mkdirSync(at('shards'));
  for (const number of [0, 1, 2])
    cpSync(
      tarOf(`shard ${number}.tar`, { '0.jpg': photo('circle', number), '0.cls': `${number % 2}` }),
      at('shards', `s-00${number}.tar`),
    );
  for (const source of [at('shards'), at('shards/s-{000..002}.tar'), at('shards/s-*.tar')]) {
    const { items, classes } = await findImageSet(source);
    expect(items.map(({ path }) => path).sort()).toEqual(['s-000.tar/0.jpg', 's-001.tar/0.jpg', 's-002.tar/0.jpg']);
    expect(classes).toEqual(['0', '1']);
  }
  await expect(findImageSet(at('shards/s-{001..005}.tar'))).rejects.toThrow(
    /3 of the 5 tars of '.*' are not there, such as .*s-003\.tar\.\nCheck the path and the range\./,
  );
  await expect(findImageSet(at('shards.tar.gz'))).rejects.toThrow(/is compressed/);
  mkdirSync(at('compressed'));
  writeFileSync(at('compressed/0.tar.gz'), gzipSync(readFileSync(at('shards/s-000.tar'))));
  await expect(findImageSet(at('compressed'))).rejects.toThrow(/0\.tar\.gz is compressed/);
  cpSync(at('compressed/0.tar.gz'), at('named.tar'));
  await expect(findImageSet(at('named.tar'))).rejects.toThrow(/named\.tar: it is compressed by gzip/);
});

test('without labels, folders in the tar are classes; the features are those of the photos themselves', async () => {
  execFileSync('tar', ['-cf', at('classes.tar'), '-C', at('photos'), '.']);
  const one = { backbone: tinyNetworkFile(), threads: 1 };
  const { photos, failed } = await extract(at('classes.tar'), { ...one, out: at('features') });
  expect([photos.usable, failed.length]).toEqual([18, 0]);
  const [tarred, plain] = [
    await train(at('classes.tar'), { ...one, out: at('a') }),
    await train(at('photos'), { ...one, out: at('b') }),
  ];
  expect(tarred.classes).toEqual(plain.classes);
  expect(readFileSync(at('a/classifier.onnx'))).toEqual(readFileSync(at('b/classifier.onnx')));
  await expect(findImageSet(`${at('classes.tar')}s`)).rejects.toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
  cpSync(at('classes.tar'), at('twice/1.tar'));
  cpSync(at('classes.tar'), at('twice/2.tar'));
  await expect(findImageSet(at('twice'))).rejects.toThrow(/^Two photos are called '(circle|cross|square)\/\d\.jpg'/);
});

test('what is broken, links away or leads out of the tar is not used, and said', async () => {
  const files: Record<string, Uint8Array | string> = {};
  for (const number of [0, 1, 2]) {
    files[`${number}.jpg`] = photo('square', number);
    files[`${number}.cls`] = `${number % 2}`;
  }
  const whole = readFileSync(tarOf('whole.tar', files));
  writeFileSync(at('cut.tar'), whole.subarray(0, whole.indexOf('2.jpg') + 900));
  const cut = await findImageSet(at('cut.tar'));
  expect(cut.items).toHaveLength(2);
  expect(cut.notes).toEqual([`${at('cut.tar')}: it is cut short. The 4 files before that are used.`]);
  writeFileSync(at('unmarked.tar'), whole.subarray(0, whole.indexOf('2.jpg')));
  const unmarked = await findImageSet(at('unmarked.tar'));
  expect(unmarked.items).toHaveLength(2);
  expect(unmarked.notes).toEqual([
    `${at('unmarked.tar')}: its end mark is missing, so it may be cut short. The 4 files before that are used.`,
  ]);
  const damaged = Buffer.from(whole);
  damaged.write('Z', whole.indexOf('1.cls'));
  writeFileSync(at('damaged.tar'), damaged);
  expect((await readTar(at('damaged.tar'))).broken).toBe('it is damaged, or no tar');
  writeFileSync(at('no.tar'), 'x'.repeat(2000));
  await expect(findImageSet(at('no.tar'))).rejects.toThrow(
    /contains no photos in its tar\. .*it is damaged, or no tar/,
  );

  symlinkSync('/etc/passwd', at('inside whole.tar/link.jpg'));
  const renamed = ['--transform', 's,^1,../../1,', '-P'];
  execFileSync('tar', [
    '-cf',
    at('away.tar'),
    ...renamed,
    '-C',
    at('inside whole.tar'),
    '0.jpg',
    '0.cls',
    '1.jpg',
    '1.cls',
    'link.jpg',
  ]);
  const away = await findImageSet(at('away.tar'));
  expect(away.items.map(({ path }) => path)).toEqual(['away.tar/0.jpg']);
  expect(away.notes).toEqual(['Not used: 2 files with a name that leads out of the tar, or is hidden.']);
});

test('a tar that is cut or gone later is a reason, not an end', async () => {
  const path = tarOf('later.tar', { '0.jpg': photo('circle', 3) });
  const { entries } = await readTar(path);
  const address = tarAddress({ tar: path, ...entries[0] });
  expect(tarMember(address)).toEqual({ tar: path, from: 512, bytes: photo('circle', 3).length });
  writeFileSync(path, readFileSync(path).subarray(0, 600));
  await expect(readPhotoAt(address)).rejects.toThrow(expect.objectContaining({ code: 'TRUNCATED' }));
  rmSync(path);
  await expect(readPhotoAt(address)).rejects.toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
  for (const other of ['/a/b.jpg', 'tar:x', 'tar:1+2:', 's3://a/b']) expect(tarMember(other)).toBeUndefined();
});

test('a size below zero, which would lead back for ever, is damage', async () => {
  const header = (name: string, kind: string, bytes: number) => {
    const block = Buffer.alloc(512);
    block.write(name, 0, 'latin1');
    block.write(`${bytes.toString(8).padStart(11, '0')}\0`, 124, 'latin1');
    block.write('        ', 148, 'latin1');
    block.write(kind, 156, 'latin1');
    block.write('ustar\u000000', 257, 'latin1');
    const sum = block.reduce((all, byte) => all + byte, 0);
    block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
    return block;
  };
  const property = Buffer.alloc(512);
  const text = '14 size=-1536\n';
  property.write(text, 0, 'latin1');
  const file = join(folder, 'back.tar');
  writeFileSync(file, Buffer.concat([header('x', 'x', text.length), property, header('a.jpg', '0', 0)]));
  expect(await readTar(file)).toMatchObject({ entries: [], broken: 'it is damaged' });
});
