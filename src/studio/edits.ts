/** What an edit of the user does to a project: which photos move, and which labels they get. */

import { CarafeError } from '../errors.ts';
import { message, messageOf } from '../message.ts';
import type { Change } from './change.ts';
import type { ClassEntry, Edit } from './engine.ts';
import { freePath, keyOf, requireName } from './names.ts';
import { type Move, trash } from './photoFolder.ts';

/** Where photos lie that may have several labels. */
export const together = 'photos';

/** A project as an edit finds it. */
export interface Held {
  readonly classes: readonly ClassEntry[];
  readonly photos: ReadonlySet<string>;
  /** Whether a photo may have several labels, or none. */
  readonly several: boolean;
  /** Paths that the list names, and where no photo is. */
  readonly absent: readonly string[];
  labelsOf(path: string): readonly string[];
  /** Keys of all paths that are taken. */
  taken(): Set<string>;
}

/** @returns undefined where nothing changes. @throws CarafeError USAGE */
export function changeOf(wanted: Edit, held: Held): Change | undefined {
  const before = [...held.classes];
  const change = (what: Partial<Change>): Change => ({
    ...{ kind: wanted.kind, moves: [], labels: [], before, after: before },
    ...what,
  });
  if (wanted.kind === 'several')
    return wanted.several === held.several ? undefined : change(switched(wanted.several, held));
  if (wanted.kind === 'make') {
    const name = requireName(wanted.label);
    return named(before, name) === undefined ? change({ after: withClasses(before, [name]) }) : undefined;
  }
  if (wanted.kind === 'move') {
    const to = named(before, wanted.to) ?? requireName(wanted.to);
    return change({ ...relabelled(held, wanted.paths, () => [to]), after: withClasses(before, [to]) });
  }
  if (wanted.kind === 'drop') {
    const paths = present(held, wanted.paths).filter((path) => held.photos.has(path));
    const labels = paths.map((path) => ({ path, before: [...held.labelsOf(path)], after: [] }));
    return change({ moves: toTrash(paths), labels: held.several ? labels : [] });
  }
  const label = named(before, wanted.label);
  if (label === undefined) throw noClass(wanted.label);
  const others = (labels: readonly string[]) => labels.filter((each) => each !== label);
  if (wanted.kind === 'label') {
    if (!held.several) throw oneOnly();
    return change(relabelled(held, wanted.paths, (own) => (wanted.on ? [...own, label] : others(own))));
  }
  if (wanted.kind === 'enable')
    return change({ after: before.map((each) => (each.name === label ? { ...each, enabled: wanted.enabled } : each)) });
  const own = [...held.photos, ...held.absent].filter((path) => held.labelsOf(path).includes(label));
  const after = before.filter(({ name }) => name !== label);
  if (wanted.kind === 'remove') return change({ ...relabelled(held, own, others), after });
  const called = (to: string) => relabelled(held, own, (all) => all.map((each) => (each === label ? to : each)));
  if (wanted.kind === 'merge') {
    const into = named(before, wanted.into);
    if (into === undefined) throw noClass(wanted.into);
    return into === label ? undefined : change({ ...called(into), after });
  }
  const to = requireName(wanted.to);
  if (to === label) return undefined;
  if (named(before, to) !== undefined && named(before, to) !== label)
    throw new CarafeError(
      'USAGE',
      message`There is a class '${to}' already.`,
      'Choose another name, or merge the two classes.',
    );
  return change({
    ...called(to),
    after: before.map((each) => (each.name === label ? { ...each, name: to } : each)),
  });
}

/** Lets photos have several labels, or one class each; every photo keeps the label that it has. */
function switched(several: boolean, held: Held): Partial<Change> {
  if (!several) {
    requireAllThere(held);
    // Labels of a list may be anything; from now on they name folders.
    for (const { name } of held.classes) requireName(name);
  }
  const paths = [...held.photos];
  const other = paths.find((path) => held.labelsOf(path).length !== 1);
  if (other !== undefined)
    throw new CarafeError(
      'USAGE',
      message`${other} has ${messageOf(held.labelsOf(other).length === 0 ? 'no label' : 'several labels')}.`,
      'Give each photo exactly one label first, or take the others out.',
    );
  const taken = held.taken();
  const moves = paths.map((from) => {
    const folder = several ? together : held.labelsOf(from)[0];
    return { from, to: freePath(`${folder}/${from.slice(from.lastIndexOf('/') + 1)}`, taken) };
  });
  const labels = paths.map((path) => {
    const own = [...held.labelsOf(path)];
    return several ? { path, before: [], after: own } : { path, before: own, after: [] };
  });
  return { moves, labels, several };
}

/** @throws CarafeError USAGE where a list that is to go names photos that are not there, and their labels nowhere else */
function requireAllThere({ absent: [first, ...rest] }: Held): void {
  if (first === undefined) return;
  throw new CarafeError(
    'USAGE',
    rest.length === 0
      ? message`The list names ${first}, where no photo is.`
      : message`The list names ${rest.length + 1} photos that are not there, such as ${first}.`,
    'Put them there and start the studio again, or take their rows out of the list.',
  );
}

/** Photos with other labels: where each has one class, it moves to the folder of its new one, or is taken out. */
function relabelled(
  held: Held,
  paths: readonly string[],
  give: (labels: readonly string[]) => readonly string[],
): Partial<Change> {
  const changed = present(held, paths)
    .map((path) => ({ path, before: [...held.labelsOf(path)], after: [...new Set(give(held.labelsOf(path)))] }))
    .filter(({ before, after }) => before.join('|') !== after.join('|'));
  if (held.several) return { labels: changed };
  const gone = changed.filter(({ after }) => after.length === 0).map(({ path }) => path);
  const taken = held.taken();
  const moved = changed.flatMap(({ path: from, after: [to] }) =>
    to === undefined ? [] : [{ from, to: freePath(`${to}/${from.slice(from.indexOf('/') + 1)}`, taken) }],
  );
  return { moves: [...moved, ...toTrash(gone)] };
}

function present({ photos, absent }: Held, paths: readonly string[]): string[] {
  const known = new Set([...photos, ...absent]);
  return [...new Set(paths)].filter((path) => known.has(path));
}

function toTrash(paths: readonly string[]): Move[] {
  const number = changeNumber();
  return paths.map((from, i) => ({ from, to: `${trash}/${number}/${i}-${from.split('/').at(-1)}` }));
}

/** Whether a photo is one of the project's, not taken out. */
export function isShown(path: string): boolean {
  return !path.startsWith(`${trash}/`);
}

/** Names a change's own folder among what was taken out. */
export function changeNumber(): string {
  return crypto.randomUUID().slice(0, 8);
}

/** The class of this name; names that differ by case or composition alone are one on many disks. */
export function named(classes: readonly ClassEntry[], name: string): string | undefined {
  const key = keyOf(name);
  return classes.find((each) => keyOf(each.name) === key)?.name;
}

export function withClasses(classes: readonly ClassEntry[], names: readonly string[]): ClassEntry[] {
  const fresh = names.filter((name) => !classes.some((each) => each.name === name));
  return [...classes, ...fresh.map((name) => ({ name, enabled: true }))];
}

export function oneOnly(): CarafeError {
  return new CarafeError(
    'USAGE',
    'Each photo of this project has exactly one class.',
    'Let photos carry several labels first, or choose one class.',
  );
}

function noClass(label: string): CarafeError {
  return new CarafeError(
    'USAGE',
    message`There is no class '${label}'.`,
    'It may have been renamed meanwhile: look at the list.',
  );
}
