import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Edit } from '../../src/studio/engine.ts';
import { Project } from '../../src/studio/project.ts';
import { memoryFolder } from './memoryFolder.ts';

const label = fc.constantFrom('cat', 'dog', 'Cat', 'fox');
const path = fc.constantFrom(
  ...['cat/a.jpg', 'dog/a.jpg', 'cat/a (2).jpg', 'fox/b.jpg', 'nowhere/x.jpg', 'photos/a.jpg', 'photos/b.jpg'],
);
const paths = fc.array(path, { minLength: 1, maxLength: 3 });
const edits: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({ kind: fc.constant('make' as const), label }),
  fc.record({ kind: fc.constant('rename' as const), label, to: label }),
  fc.record({ kind: fc.constant('merge' as const), label, into: label }),
  fc.record({ kind: fc.constant('enable' as const), label, enabled: fc.boolean() }),
  fc.record({ kind: fc.constant('remove' as const), label }),
  fc.record({ kind: fc.constant('move' as const), paths, to: label }),
  fc.record({ kind: fc.constant('label' as const), paths, label, on: fc.boolean() }),
  fc.record({ kind: fc.constant('several' as const), several: fc.boolean() }),
  fc.record({ kind: fc.constant('drop' as const), paths }),
);
const step = fc.oneof(
  edits,
  fc.record({ kind: fc.constant('add' as const), label, name: fc.constantFrom('a.jpg', 'A.jpg', 'b.jpg') }),
);

const stateOf = (project: Project) => ({
  classes: project.classes,
  several: project.several,
  photos: [...project.photos].sort().map((each) => [each, project.labelsOf(each)]),
});

test('whatever is done can be taken back and done again, and no photo is ever lost', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
      const folder = memoryFolder();
      const project = await Project.open(folder);
      const first = stateOf(project);
      let added = 0;
      for (const one of steps) {
        try {
          if (one.kind === 'add') await project.add([one.label], [{ name: one.name, bytes: Uint8Array.of(added++) }]);
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

test('who is killed in the middle of a change finds every photo, with its labels from before or after', async () => {
  const plan = fc.tuple(fc.array(step, { maxLength: 10 }), step, fc.nat(6));
  await fc.assert(
    fc.asyncProperty(plan, async ([steps, last, calls]) => {
      const before = await labelsAfter(steps);
      const after = await labelsAfter([...steps, last]);
      const found = await labelsAfter(steps, { last, calls });
      for (const photo of new Set([...before.keys(), ...after.keys(), ...found.keys()])) {
        const own = found.get(photo);
        if (before.has(photo) && after.has(photo)) expect(own).toBeDefined();
        if (own) expect([before.get(photo), after.get(photo)]).toContainEqual(own);
      }
    }),
    { numRuns: 150 },
  );
});

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Labels of photos by their number, as the next start finds them. @param killed a step whose studio does only so many calls of it */
async function labelsAfter(steps: readonly Step[], killed?: { readonly last: Step; readonly calls: number }) {
  const folder = memoryFolder();
  let left = Number.POSITIVE_INFINITY;
  const mortal =
    <T extends unknown[]>(call: (...args: T) => Promise<void>) =>
    async (...args: T) => {
      if (left-- > 0) await call(...args);
      else throw new Error('killed');
    };
  const { write, move, remove, setClasses, writeLabels, writeNotes } = folder;
  const project = await Project.open({
    ...folder,
    ...{ write: mortal(write), move: mortal(move), remove: mortal(remove), setClasses: mortal(setClasses) },
    ...{ writeLabels: mortal(writeLabels), writeNotes: mortal(writeNotes) },
  });
  for (const [number, one] of [...steps, ...(killed ? [killed.last] : [])].entries()) {
    if (killed && number === steps.length) left = killed.calls;
    const done =
      one.kind === 'add'
        ? project.add([one.label], [{ name: one.name, bytes: Uint8Array.of(number) }])
        : project.edit(one);
    // A class that is not there, a name that is taken, or the end.
    await done.catch(() => {});
  }
  const found = await Project.open(folder);
  return new Map([...found.photos].map((path) => [folder.files.get(path)?.[0], found.labelsOf(path)]));
}

test('a photo gets labels and loses them, may have none, and one class each is wanted back only where that is so', async () => {
  const folder = memoryFolder();
  const project = await Project.open(folder);
  const photo = (name: string) => [{ name, bytes: Uint8Array.of(1) }];
  await project.add(['cat'], photo('a.jpg'));
  await expect(project.add(['cat', 'dog'], photo('b.jpg'))).rejects.toThrow(/exactly one class/);
  await expect(project.edit({ kind: 'label', paths: ['cat/a.jpg'], label: 'cat', on: true })).rejects.toThrow(
    /exactly one class/,
  );
  await project.edit({ kind: 'several', several: true });
  await project.add(['dog', 'cat'], photo('a.jpg'));
  await project.add([], photo('c.jpg'));
  const labels = () => [...project.photos].map((each) => [each, ...project.labelsOf(each)]);
  expect(labels()).toEqual([['photos/a.jpg', 'cat'], ['photos/a (2).jpg', 'dog', 'cat'], ['photos/c.jpg']]);
  await project.edit({ kind: 'rename', label: 'dog', to: 'hound' });
  await project.edit({ kind: 'label', paths: [...project.photos], label: 'hound', on: true });
  await project.edit({ kind: 'remove', label: 'cat' });
  expect(labels()).toEqual([
    ['photos/a.jpg', 'hound'],
    ['photos/a (2).jpg', 'hound'],
    ['photos/c.jpg', 'hound'],
  ]);
  await project.edit({ kind: 'label', paths: ['photos/c.jpg'], label: 'hound', on: false });
  expect(labels().at(-1)).toEqual(['photos/c.jpg']);
  await expect(project.edit({ kind: 'several', several: false })).rejects.toThrow(/photos\/c\.jpg has no label/);
  await project.edit({ kind: 'drop', paths: ['photos/c.jpg'] });
  await project.edit({ kind: 'make', label: 'fox' });
  await project.edit({ kind: 'several', several: false });
  expect(labels()).toEqual([
    ['hound/a.jpg', 'hound'],
    ['hound/a (2).jpg', 'hound'],
  ]);
  expect(await folder.readLabels()).toBeUndefined();
  // A class without photos has its folder again.
  expect((await Project.open(folder)).classes.map(({ name }) => name)).toEqual(['hound', 'fox']);
});

test('photos that came in parts are taken back together', async () => {
  const project = await Project.open(memoryFolder());
  const photo = (name: string) => [{ name, bytes: Uint8Array.of(1) }];
  await project.add(['cat'], photo('a.jpg'), 'first');
  await project.add(['cat'], photo('b.jpg'), 'first');
  await project.add(['cat'], photo('c.jpg'), 'second');
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
  await project.add(['cat'], [{ name: 'a.jpg', bytes: Uint8Array.of(1) }]);
  await project.undo();
  expect([...folder.files.keys()]).toEqual([expect.stringMatching(/^\.carafe-trash\//)]);
  await project.edit({ kind: 'make', label: 'dog' });
  expect([...folder.files.keys()]).toEqual([]);
});

test.each([
  ['', /needs a name/],
  ['..', /cannot be the name of a class/],
  ['a/b', /cannot be the name of a class/],
  ['.hidden', /cannot be the name of a class/],
  ['x'.repeat(101), /cannot be the name of a class/],
])('a class cannot be called %j', async (name, why) => {
  const project = await Project.open(memoryFolder());
  await expect(project.edit({ kind: 'make', label: name })).rejects.toThrow(why);
});

test('a file name from outside cannot leave the folder of its class', async () => {
  const folder = memoryFolder();
  const project = await Project.open(folder);
  expect(
    await project.add(
      ['cat'],
      [
        { name: '../../etc/passwd', bytes: Uint8Array.of(1) },
        { name: '..\\.ssh', bytes: Uint8Array.of(2) },
        { name: '...', bytes: Uint8Array.of(3) },
      ],
    ),
  ).toEqual(['cat/passwd', 'cat/ssh', 'cat/photo']);
});
