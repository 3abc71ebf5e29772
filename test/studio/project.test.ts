import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Edit } from '../../src/studio/engine.ts';
import { Project } from '../../src/studio/project.ts';
import { memoryFolder } from './memoryFolder.ts';

const label = fc.constantFrom('cat', 'dog', 'Cat', 'fox');
const path = fc.constantFrom('cat/a.jpg', 'dog/a.jpg', 'cat/a (2).jpg', 'fox/b.jpg', 'nowhere/x.jpg');
const paths = fc.array(path, { minLength: 1, maxLength: 3 });
const edits: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({ kind: fc.constant('make' as const), label }),
  fc.record({ kind: fc.constant('rename' as const), label, to: label }),
  fc.record({ kind: fc.constant('merge' as const), label, into: label }),
  fc.record({ kind: fc.constant('enable' as const), label, enabled: fc.boolean() }),
  fc.record({ kind: fc.constant('remove' as const), label }),
  fc.record({ kind: fc.constant('move' as const), paths, to: label }),
  fc.record({ kind: fc.constant('drop' as const), paths }),
);
const step = fc.oneof(
  edits,
  fc.record({ kind: fc.constant('add' as const), label, name: fc.constantFrom('a.jpg', 'A.jpg', 'b.jpg') }),
);

const stateOf = ({ classes, photos }: Project) => ({ classes, photos: [...photos].sort() });

test('whatever is done can be taken back and done again, and no photo is ever lost', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
      const folder = memoryFolder();
      const project = await Project.open(folder);
      const first = stateOf(project);
      let added = 0;
      for (const one of steps) {
        try {
          if (one.kind === 'add') await project.add(one.label, [{ name: one.name, bytes: Uint8Array.of(added++) }]);
          else await project.edit(one);
        } catch (error) {
          // A class that is not there, or a name that is taken: nothing has changed.
          expect(error).toMatchObject({ code: 'USAGE' });
        }
        const inProject = [...project.photos];
        expect(new Set(inProject.map((each) => each.toLowerCase())).size).toBe(inProject.length);
        expect(folder.files.size).toBe(added);
        for (const each of inProject) expect(folder.files.has(each)).toBe(true);
      }
      const last = stateOf(project);
      for (let i = 0; i < 40; i++) await project.undo();
      expect(stateOf(project)).toEqual(first);
      for (let i = 0; i < 40; i++) await project.redo();
      expect(stateOf(project)).toEqual(last);
      expect(stateOf(await Project.open(folder))).toEqual(last);
      expect([...folder.files.values()].map(([value]) => value).sort((a, b) => a - b)).toEqual([
        ...Array(added).keys(),
      ]);
    }),
    { numRuns: 150 },
  );
});

test('photos that came in parts are taken back together', async () => {
  const project = await Project.open(memoryFolder());
  const photo = (name: string) => [{ name, bytes: Uint8Array.of(1) }];
  await project.add('cat', photo('a.jpg'), 'first');
  await project.add('cat', photo('b.jpg'), 'first');
  await project.add('cat', photo('c.jpg'), 'second');
  await project.undo();
  expect([...project.photos]).toEqual(['cat/a.jpg', 'cat/b.jpg']);
  await project.undo();
  expect([...project.photos]).toEqual([]);
  await project.redo();
  expect([...project.photos]).toEqual(['cat/a.jpg', 'cat/b.jpg']);
});

test('what can never come back is deleted', async () => {
  const folder = memoryFolder();
  const project = await Project.open(folder);
  await project.add('cat', [{ name: 'a.jpg', bytes: Uint8Array.of(1) }]);
  await project.undo();
  expect([...folder.files.keys()]).toEqual([expect.stringMatching(/^\.carafe-trash\//)]);
  await project.edit({ kind: 'make', label: 'dog' });
  expect([...folder.files.keys()]).toEqual([]);
});

test.each([
  ['', /needs a name/],
  ['..', /cannot be a class/],
  ['a/b', /cannot be a class/],
  ['.hidden', /cannot be a class/],
  ['x'.repeat(101), /cannot be a class/],
])('a class cannot be called %j', async (name, why) => {
  const project = await Project.open(memoryFolder());
  await expect(project.edit({ kind: 'make', label: name })).rejects.toThrow(why);
});

test('a file name from outside cannot leave the folder of its class', async () => {
  const folder = memoryFolder();
  const project = await Project.open(folder);
  expect(
    await project.add('cat', [
      { name: '../../etc/passwd', bytes: Uint8Array.of(1) },
      { name: '..\\.ssh', bytes: Uint8Array.of(2) },
      { name: '...', bytes: Uint8Array.of(3) },
    ]),
  ).toEqual(['cat/passwd', 'cat/ssh', 'cat/photo']);
});
