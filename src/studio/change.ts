/** A change of a project, which can be taken back: photos that move, and labels that they get. */

import * as z from 'zod';
import { type ClassEntry, classEntry } from './engine.ts';
import { unlabelled } from './unlabelled.ts';

export const change = z.object({
  kind: z.enum([
    ...['make', 'rename', 'merge', 'enable', 'remove', 'move'],
    ...['label', 'several', 'drop', 'add'],
  ] as const),
  moves: z.array(z.object({ from: z.string(), to: z.string() })),
  before: z.array(classEntry),
  after: z.array(classEntry),
  /** Labels, where a photo may have several; photos are named as before the moves. */
  labels: z
    .array(z.object({ path: z.string(), before: z.array(z.string()), after: z.array(z.string()) }))
    .default(() => []),
  /** Whether photos may have several labels from then on. */
  several: z.boolean().optional(),
  /** What came in parts is one change. */
  batch: z.string().optional(),
});
export type Change = z.infer<typeof change>;

/** What is kept beside the photos. */
export const notes = z.object({
  classes: z.array(classEntry),
  /** The latest last; `done` of them hold. */
  changes: z.array(change),
  done: z.number().int(),
  /** Whether the changes are those of a project whose photos may have several labels. */
  several: z.boolean().default(false),
  /** Paths that the list names ahead of a change: what is not there after a fall is no row of the user's. */
  announced: z.array(z.string()).default(() => []),
});

/** Labels by path, where a photo may have several; undefined: each has the class whose folder it lies in. */
export type LabelBook = ReadonlyMap<string, readonly string[]> | undefined;

/** The class that a photo's path names. */
export function labelOf(path: string): string {
  return path.slice(0, path.indexOf('/'));
}

/** Classes that have a folder. */
export function foldersOf(classes: readonly ClassEntry[], book: LabelBook): string[] {
  return book ? [] : classes.map(({ name }) => name);
}

/** One, unless a photo may have several. */
export function labelsIn(book: LabelBook, path: string): readonly string[] {
  return book ? (book.get(path) ?? []) : [labelOf(path)];
}

/** The list of photos with their labels. */
export function listed(photos: Iterable<string>, book: LabelBook): (readonly [string, readonly string[]])[] {
  return [...photos].map((path) => [path, labelsIn(book, path)] as const);
}

/** Labels that are known by their order, and after them those that only photos have. */
export function classesOf(
  known: readonly ClassEntry[],
  there: Iterable<string>,
  isKept: (name: string) => boolean,
): ClassEntry[] {
  const kept = known.filter(({ name }) => isKept(name));
  const names = new Set(kept.map(({ name }) => name));
  const fresh = [...new Set(there)].filter((name) => !names.has(name)).sort();
  return [...kept, ...fresh.map((name) => ({ name, enabled: true }))];
}

/** The labels whose photos a change concerns. */
export function touchedBy({ moves, labels }: Pick<Change, 'moves' | 'labels'>): Set<string> {
  const listed = labels.flatMap(({ before, after }) =>
    [before, after].flatMap((own) => (own.length === 0 ? [unlabelled] : own)),
  );
  return new Set([...listed, ...moves.flatMap(({ from, to }) => [labelOf(from), labelOf(to)])]);
}

/** The labels after a change, or before it where it is taken back. Photos keep theirs wherever they move. */
export function bookAfter(book: LabelBook, done: Change, isBack: boolean): LabelBook {
  const { labels, moves, several } = done;
  const isKept = several === undefined ? book !== undefined : several !== isBack;
  if (!isKept) return undefined;
  const next = new Map(book);
  const carry = () => {
    const carried = moves.map(({ from, to }) => (isBack ? { from: to, to: from } : { from, to }));
    const own = carried.map(({ from, to }) => ({ to, labels: next.get(from) }));
    for (const { from } of carried) next.delete(from);
    for (const { to, labels } of own) if (labels) next.set(to, labels);
  };
  if (isBack) carry();
  for (const { path, before, after } of labels) next.set(path, isBack ? before : after);
  if (!isBack) carry();
  return next;
}
