import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { afterAll, expect, test } from 'vitest';
import { readListed } from '../../src/studio/labelList.ts';
import { photoFolder } from '../../src/studio/photoFolder.node.ts';
import { Project } from '../../src/studio/project.ts';
import { projectZip } from '../../src/studio/projectZip.ts';

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
