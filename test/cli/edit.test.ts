import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { wantedEdits } from '../../src/cli/edit.ts';
import { tinyBackbone, tinyClassifier } from '../classifier/tiny.ts';
import { tinyNetwork } from '../onnx/networks.ts';
import { onTinyNetwork, temporaryFolder } from './carafe.ts';

test('several changes of each kind', () => {
  expect(wantedEdits({ remove: 'a, b', merge: 'c+d=e,f+g=c', rename: 'h=H,i=I', add: 'k=x,l=z,k=y' })).toEqual({
    remove: ['a', 'b'],
    merge: [
      { labels: ['c', 'd'], into: 'e' },
      { labels: ['f', 'g'], into: 'c' },
    ],
    rename: new Map([
      ['h', 'H'],
      ['i', 'I'],
    ]),
    add: new Map([
      ['k', ['x', 'y']],
      ['l', ['z']],
    ]),
  });
});

test('a comma, + or = with a backslash before it belongs to the label; other backslashes are letters', () => {
  expect(wantedEdits({ rename: 'größe & <b>\\=x\\,y=a\\+b' }).rename).toEqual(new Map([['größe & <b>=x,y', 'a+b']]));
  expect(wantedEdits({ remove: 'a\\,b,c' }).remove).toEqual(['a,b', 'c']);
  expect(wantedEdits({ merge: 'a\\+b+c=d' }).merge).toEqual([{ labels: ['a+b', 'c'], into: 'd' }]);
  expect(wantedEdits({ add: 'cat=C:\\photos\\a\\=b' }).add).toEqual(new Map([['cat', ['C:\\photos\\a=b']]]));
});

test.each([
  [{ rename: 'größe & <b>=x,y' }, "--rename größe & <b>=x,y: 'y' does not have the form cat=Cat."],
  [{ rename: 'a=b=c' }, "'a=b=c' does not have the form"],
  [{ rename: 'a=' }, "'a=' does not have the form"],
  [{ remove: 'a,' }, "--remove a,: '' does not have the form cat."],
  [{ remove: 'a=b' }, "'a=b' does not have the form cat."],
  [{ merge: 'a+=b' }, "'a+=b' does not have the form cat+dog=pet."],
  [{ merge: 'a+b' }, "'a+b' does not have the form"],
  [{ add: 'photos/cats' }, 'does not have the form cat=photos/cats.'],
  [{}, 'nothing to edit'],
])('what cannot be read is named as it was written: %j', (values, what) => {
  expect(() => wantedEdits(values)).toThrow(what);
});

test('options that are given twice go together, and writing over the file is told', async () => {
  const { carafe } = onTinyNetwork();
  const folder = temporaryFolder();
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'classifier.onnx');
  writeFileSync(file, await tinyClassifier(await tinyBackbone(tinyNetwork())));
  const renamed = ['--rename', 'été=a\\,b', '--rename', '🦊=fox'];
  const first = await carafe(['edit', 'classifier.onnx', ...renamed, '--to', file], folder, folder);
  expect(first.stdout).toContain('Classes: a "b", a,b, fox\n');
  expect(first.stdout).toContain('classifier.onnx, overwritten\n');
  const missed = await carafe(['edit', file, '--remove', 'a,b'], folder);
  expect(missed).toMatchObject({ code: 2, stderr: expect.stringMatching(/no class 'a'\.[\s\S]*is written \\, /) });
  const last = await carafe(['edit', file, '--remove', 'a\\,b'], folder);
  expect(last.stdout).toMatch(/^Removed a,b\. Photos of a,b are now given to the other classes/);
  expect(last.stdout).not.toContain('overwritten');
});
