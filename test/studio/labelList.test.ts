import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { unzipSync } from 'fflate';
import { afterAll, expect, test } from 'vitest';
import { readListed } from '../../src/studio/labelList.ts';
import { photoFolder } from '../../src/studio/photoFolder.node.ts';
import { Project } from '../../src/studio/project.ts';
import { projectZip } from '../../src/studio/projectZip.ts';
import { openLocal } from '../../src/studio/studio.node.ts';
import { tinyNetworkFile } from '../tinyNetwork.ts';

const root = mkdtempSync(join(tmpdir(), 'carafe-list-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

test('columns that a dropped list has besides are named, so that the page can say that it does not keep them', () => {
  const further = (text: string, name = 'l.csv') => readListed({ name, bytes: new TextEncoder().encode(text) }).further;
  expect(further('image,labels,taken by,note\na.jpg,sea,Ann,calm\n')).toEqual(['taken by', 'note']);
  expect(further('path,labels\na.jpg,sea\n')).toEqual([]);
  expect(further('{"path":"a.jpg","labels":["sea"],"note":"x"}\n', 'l.jsonl')).toEqual([]);
});

test('other columns of an opened list stay with their photos, in the folder and in the zip', async () => {
  mkdirSync(join(root, 'in'), { recursive: true });
  for (const name of ['a', 'b', 'c']) writeFileSync(join(root, `in/${name}.jpg`), name);
  const rows = [
    'image;tags;taken by;note',
    './in/a.jpg;sea|sky;Ann;"calm; grey"',
    'in/b.jpg;sea;;',
    'in/c.jpg;;Bo;"say ""hi"""',
  ];
  writeFileSync(join(root, 'labels.csv'), `${rows.join('\r\n')}\r\n`);
  const folder = await photoFolder(root);
  const project = await Project.open(folder);
  await project.edit({ kind: 'label', paths: ['in/c.jpg'], label: 'sky', on: true });
  await project.edit({ kind: 'drop', paths: ['in/a.jpg'] });
  const head = 'path,labels,taken by,note\n';
  const rest = 'in/b.jpg,sea,,\nin/c.jpg,sky,Bo,"say ""hi"""\n';
  const written = () => readFileSync(join(root, 'labels.csv'), 'utf8');
  expect(written()).toBe(`${head}${rest}`);
  await project.undo();
  expect([...written().split('\n')].sort()).toEqual(
    [...`${head}${rest}in/a.jpg,sea|sky,Ann,calm; grey\n`.split('\n')].sort(),
  );
  await project.add(['sea'], [{ name: 'new.jpg', bytes: Uint8Array.of(1) }]);
  expect(written()).toContain('\nphotos/new.jpg,sea,,\n');
  // The next start reads what it wrote.
  const again = await photoFolder(root);
  const reopened = await Project.open(again);
  expect(reopened.labelsOf('in/c.jpg')).toEqual(['sky']);
  const zip = unzipSync(new Uint8Array(await (await projectZip(reopened, again)).arrayBuffer()));
  const lines = (text: string) => text.split('\n').sort();
  expect(lines(new TextDecoder().decode(zip['labels.csv']))).toEqual(lines(written()));
});

/** A folder of photos, each with its name inside, and a list. */
function listedFolder(name: string, photos: readonly string[], rows: readonly string[]): string {
  const place = join(root, name);
  for (const photo of photos) {
    mkdirSync(dirname(join(place, photo)), { recursive: true });
    writeFileSync(join(place, photo), photo);
  }
  writeFileSync(join(place, 'labels.csv'), `${rows.join('\n')}\n`);
  return place;
}

test('rows of photos that are not there stay in the list, with all their columns, whatever is done', async () => {
  const place = listedFolder(
    'absent',
    ['in/a.jpg', 'images/c.jpg'],
    ['path,labels,note', 'in/a.jpg,sea,', 'in/gone.jpg,sea|sky,far', 'c.jpg,sky,'],
  );
  const project = await Project.open(await photoFolder(place));
  expect([...project.photos]).toEqual(['in/a.jpg']);
  expect(project.absent).toEqual(['in/gone.jpg', 'c.jpg']);
  const rows = () => readFileSync(join(place, 'labels.csv'), 'utf8').trim().split('\n').slice(1).sort();
  await project.edit({ kind: 'make', label: 'fox' });
  expect(rows()).toEqual(['c.jpg,sky,', 'in/a.jpg,sea,', 'in/gone.jpg,sea|sky,far']);
  await project.edit({ kind: 'rename', label: 'sky', to: 'cloud' });
  await project.edit({ kind: 'drop', paths: ['in/a.jpg'] });
  expect(rows()).toEqual(['c.jpg,cloud,', 'in/gone.jpg,sea|cloud,far']);
  await project.undo();
  await project.undo();
  expect(rows()).toEqual(['c.jpg,sky,', 'in/a.jpg,sea,', 'in/gone.jpg,sea|sky,far']);
  // Their labels would be nowhere without the list.
  await expect(project.edit({ kind: 'several', several: false })).rejects.toThrow(/2 photos that are not there/);
  expect((await Project.open(await photoFolder(place))).absent).toHaveLength(2);
});

test.each(['n/a', '..', '../../elsewhere', 'a:b'])('a list with the label %s makes no folder of it', async (label) => {
  const place = listedFolder(`label-${label.length}`, ['in/a.jpg'], ['path,labels', `in/a.jpg,"${label}"`]);
  const project = await Project.open(await photoFolder(place));
  await expect(project.edit({ kind: 'several', several: false })).rejects.toThrow(/cannot be the name of a class/);
  expect(readFileSync(join(place, 'in/a.jpg'), 'utf8')).toBe('in/a.jpg');
  expect(readFileSync(join(place, 'labels.csv'), 'utf8')).toContain(label);
});

test('a file that somebody laid there meanwhile is written over by nothing', async () => {
  const place = join(root, 'meanwhile');
  const project = await Project.open(await photoFolder(place));
  const own = (path: string) => readFileSync(join(place, path), 'utf8');
  await project.add(['cat'], [{ name: 'a.jpg', bytes: Uint8Array.from(Buffer.from('first')) }]);
  writeFileSync(join(place, 'cat/b.jpg'), 'theirs');
  expect(await project.add(['cat'], [{ name: 'b.jpg', bytes: Uint8Array.from(Buffer.from('ours')) }])).toEqual([
    'cat/b (2).jpg',
  ]);
  expect(own('cat/b.jpg')).toBe('theirs');
  await project.edit({ kind: 'move', paths: ['cat/a.jpg'], to: 'dog' });
  writeFileSync(join(place, 'cat/a.jpg'), 'theirs');
  await expect(project.undo()).rejects.toThrow(/Another file lies at cat\/a\.jpg/);
  expect([own('cat/a.jpg'), own('dog/a.jpg')]).toEqual(['theirs', 'first']);
  rmSync(join(place, 'cat/a.jpg'));
  await project.undo();
  expect(own('cat/a.jpg')).toBe('first');
});

test('a photo that somebody took away keeps no change from being taken back', async () => {
  const place = join(root, 'away');
  const project = await Project.open(await photoFolder(place));
  const photo = (name: string) => ({ name, bytes: Uint8Array.from(Buffer.from(name)) });
  await project.add(['cat'], [photo('a.jpg'), photo('b.jpg')]);
  await project.edit({ kind: 'move', paths: ['cat/a.jpg', 'cat/b.jpg'], to: 'dog' });
  rmSync(join(place, 'dog/a.jpg'));
  await project.undo();
  expect(readFileSync(join(place, 'cat/b.jpg'), 'utf8')).toBe('b.jpg');
  await project.undo();
  expect([...project.photos]).toEqual([]);
});

test('a folder has one studio at a time; one that was killed holds nothing', async () => {
  const place = join(root, 'locked');
  mkdirSync(place);
  const lock = join(place, '.carafe-studio');
  // The process that started this one.
  writeFileSync(lock, String(process.ppid));
  await expect(openLocal(place, { backbone: tinyNetworkFile() })).rejects.toThrow(/has a studio open on/);
  writeFileSync(lock, '999999999');
  const studio = await openLocal(place, { backbone: tinyNetworkFile() });
  expect(readFileSync(lock, 'utf8')).toBe(String(process.pid));
  await studio.close();
  expect(existsSync(lock)).toBe(false);
});
