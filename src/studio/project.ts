/** The photos and classes of a project, and every change of them, there and back. */

import * as z from 'zod';
import { CarafeError } from '../errors.ts';
import { type ChangeKind, type ClassEntry, classEntry, type Edit } from './engine.ts';
import { type Move, type PhotoFolder, trash } from './photoFolder.ts';

const change = z.object({
  kind: z.enum(['make', 'rename', 'merge', 'enable', 'remove', 'move', 'drop', 'add']),
  moves: z.array(z.object({ from: z.string(), to: z.string() })),
  before: z.array(classEntry),
  after: z.array(classEntry),
  /** What came in parts is one change. */
  batch: z.string().optional(),
});
type Change = z.infer<typeof change>;

/** What is kept beside the photos. */
const notes = z.object({
  classes: z.array(classEntry),
  /** The latest last; `done` of them hold. */
  changes: z.array(change),
  done: z.number().int(),
});

/** Changes that can be taken back. */
const mostChanges = 100;

/**
 * A project: its photos lie in a folder of their class. A change is a list of moves, so that taking it back is the same
 * moves backwards; what is taken out moves to a folder of its own.
 */
export class Project {
  readonly #folder: PhotoFolder;
  #classes: readonly ClassEntry[];
  /** Paths, the oldest first. */
  #photos: Set<string>;
  #changes: Change[];
  #done: number;

  private constructor(folder: PhotoFolder, photos: readonly string[], kept: z.infer<typeof notes>) {
    this.#folder = folder;
    this.#photos = new Set(photos);
    this.#classes = kept.classes;
    this.#changes = kept.changes;
    this.#done = kept.done;
  }

  /** Opens what lies in a folder; classes that it has and the notes do not know come last. */
  static async open(folder: PhotoFolder): Promise<Project> {
    const { photos, classes } = await folder.list();
    const parsed = notes.safeParse(await folder.readNotes());
    const kept = parsed.success ? parsed.data : { classes: [], changes: [], done: 0 };
    const there = new Set([...classes, ...photos.map(labelOf)]);
    const known = kept.classes.filter(({ name }) => there.has(name));
    const names = new Set(known.map(({ name }) => name));
    const fresh = [...there].filter((name) => !names.has(name)).sort();
    const all = [...known, ...fresh.map((name) => ({ name, enabled: true }))];
    return new Project(folder, photos, { ...kept, classes: all });
  }

  get classes(): readonly ClassEntry[] {
    return this.#classes;
  }

  get photos(): ReadonlySet<string> {
    return this.#photos;
  }

  /** What would be taken back, and what would be done again. */
  get next(): { readonly undo?: ChangeKind | undefined; readonly redo?: ChangeKind | undefined } {
    return { undo: this.#changes[this.#done - 1]?.kind, redo: this.#changes[this.#done]?.kind };
  }

  /** Adds photos to a class. Gives their paths, and the classes that changed. */
  async add(label: string, photos: readonly { readonly name: string; readonly bytes: Uint8Array }[], batch?: string) {
    const name = this.#named(label) ?? requireName(label);
    const taken = new Set([...this.#photos].map(keyOf));
    const files = new Map<string, Uint8Array>();
    for (const photo of photos) {
      const path = freePath(`${name}/${fileName(photo.name)}`, taken);
      files.set(path, photo.bytes);
    }
    const after = this.#with(name);
    await this.#folder.setClasses(after.map((each) => each.name));
    await this.#folder.write(files);
    const number = this.#number();
    const moves = [...files.keys()].map((to, i) => ({ from: `${trash}/${number}/${i}-${to.split('/')[1]}`, to }));
    const last = this.#changes[this.#done - 1];
    const isMore = batch !== undefined && last?.batch === batch && this.#done === this.#changes.length;
    if (isMore) {
      this.#changes[this.#done - 1] = { ...last, moves: [...last.moves, ...moves], after };
      this.#classes = after;
      await this.#keep();
    } else await this.#record({ kind: 'add', moves, before: [...this.#classes], after, ...(batch && { batch }) });
    for (const path of files.keys()) this.#photos.add(path);
    return [...files.keys()];
  }

  /** @returns what moved, for those who keep things by path */
  async edit(wanted: Edit): Promise<readonly Move[]> {
    const done = this.#changeOf(wanted);
    if (!done) return [];
    await this.#apply(done.moves, done.after);
    await this.#record(done);
    return done.moves;
  }

  async undo(): Promise<readonly Move[]> {
    const last = this.#changes[this.#done - 1];
    if (!last) return [];
    const back = last.moves.map(({ from, to }) => ({ from: to, to: from })).reverse();
    await this.#apply(back, last.before);
    this.#done--;
    await this.#keep();
    return back;
  }

  async redo(): Promise<readonly Move[]> {
    const next = this.#changes[this.#done];
    if (!next) return [];
    await this.#apply(next.moves, next.after);
    this.#done++;
    await this.#keep();
    return next.moves;
  }

  #changeOf(wanted: Edit): Change | undefined {
    const before = [...this.#classes];
    const change = (moves: readonly Move[], after: ClassEntry[]): Change => ({
      kind: wanted.kind,
      moves: [...moves],
      before,
      after,
    });
    if (wanted.kind === 'make') {
      const name = requireName(wanted.label);
      return this.#named(name) === undefined ? change([], this.#with(name)) : undefined;
    }
    if (wanted.kind === 'move') {
      const to = this.#named(wanted.to) ?? requireName(wanted.to);
      return change(
        this.#into(
          this.#present(wanted.paths).filter((path) => labelOf(path) !== to),
          to,
        ),
        this.#with(to),
      );
    }
    if (wanted.kind === 'drop') return change(this.#toTrash(this.#present(wanted.paths)), before);
    const label = this.#named(wanted.label);
    if (label === undefined) throw noClass(wanted.label);
    if (wanted.kind === 'enable')
      return change(
        [],
        before.map((each) => (each.name === label ? { ...each, enabled: wanted.enabled } : each)),
      );
    const own = [...this.#photos].filter((path) => labelOf(path) === label);
    const without = before.filter(({ name }) => name !== label);
    if (wanted.kind === 'remove') return change(this.#toTrash(own), without);
    if (wanted.kind === 'merge') {
      const into = this.#named(wanted.into);
      if (into === undefined) throw noClass(wanted.into);
      return into === label ? undefined : change(this.#into(own, into), without);
    }
    const to = requireName(wanted.to);
    if (to === label) return undefined;
    if (this.#named(to) !== undefined && this.#named(to) !== label)
      throw new CarafeError(
        'USAGE',
        `There is a class '${to}' already.`,
        'Choose another name, or merge the two classes.',
      );
    return change(
      this.#into(own, to),
      before.map((each) => (each.name === label ? { ...each, name: to } : each)),
    );
  }

  #present(paths: readonly string[]): string[] {
    return [...new Set(paths)].filter((path) => this.#photos.has(path));
  }

  #into(paths: readonly string[], label: string): Move[] {
    const taken = new Set([...this.#photos].map(keyOf));
    return paths.map((from) => ({ from, to: freePath(`${label}/${from.slice(from.indexOf('/') + 1)}`, taken) }));
  }

  #toTrash(paths: readonly string[]): Move[] {
    const number = this.#number();
    return paths.map((from, i) => ({ from, to: `${trash}/${number}/${i}-${from.split('/').at(-1)}` }));
  }

  /** Names a change's own folder among what was taken out. */
  #number(): string {
    return crypto.randomUUID().slice(0, 8);
  }

  #with(name: string): ClassEntry[] {
    const there = this.#classes.some((each) => each.name === name);
    return there ? [...this.#classes] : [...this.#classes, { name, enabled: true }];
  }

  /** The class of this name; names that differ by case or composition alone are one on many disks. */
  #named(name: string): string | undefined {
    const key = keyOf(name);
    return this.#classes.find((each) => keyOf(each.name) === key)?.name;
  }

  async #apply(moves: readonly Move[], classes: readonly ClassEntry[]): Promise<void> {
    await this.#folder.setClasses([...new Set([...this.#classes, ...classes].map(({ name }) => name))]);
    await this.#folder.move(moves);
    await this.#folder.setClasses(classes.map(({ name }) => name));
    const moved = new Map(moves.map(({ from, to }) => [from, to]));
    const kept = [...this.#photos]
      .map((path) => moved.get(path) ?? path)
      .filter((path) => !path.startsWith(`${trash}/`));
    this.#photos = new Set([...kept, ...moves.flatMap(({ from, to }) => (from.startsWith(`${trash}/`) ? [to] : []))]);
    this.#classes = classes;
  }

  async #record(done: Change): Promise<void> {
    const undone = this.#changes.slice(this.#done);
    const held = [...this.#changes.slice(0, this.#done), done];
    const old = held.splice(0, Math.max(0, held.length - mostChanges));
    this.#changes = held;
    this.#done = held.length;
    this.#classes = done.after;
    await this.#keep();
    // What no change can bring back any more.
    const gone = [...old, ...undone].flatMap(({ moves }) => moves.flatMap(({ from, to }) => [from, to]));
    await this.#folder.remove(gone.filter((path) => path.startsWith(`${trash}/`)));
  }

  #keep(): Promise<void> {
    return this.#folder.writeNotes({ classes: this.#classes, changes: this.#changes, done: this.#done });
  }
}

/** The class that a photo's path names. */
export function labelOf(path: string): string {
  return path.slice(0, path.indexOf('/'));
}

function keyOf(name: string): string {
  return name.normalize('NFC').toLowerCase();
}

function noClass(label: string): CarafeError {
  return new CarafeError(
    'USAGE',
    `There is no class '${label}'.`,
    'It may have been renamed meanwhile: look at the list.',
  );
}

/** What some systems allow in no name of a folder. */
const forbidden = /[<>:"/\\|?*\p{Cc}]/u;

/** @throws CarafeError USAGE for a name that cannot be a folder's */
function requireName(label: string): string {
  const name = label.normalize('NFC').trim();
  if (name !== '' && name.length <= 100 && !forbidden.test(name) && !/^\.|\.$/.test(name)) return name;
  throw new CarafeError(
    'USAGE',
    name === '' ? 'A class needs a name.' : `'${name}' cannot be a class, since a folder bears its name.`,
    'Use letters, digits and blanks, at most 100, no slashes, and no dot at either end.',
  );
}

function fileName(name: string): string {
  const last = name.split(/[/\\]/).at(-1) ?? '';
  const plain = last
    .normalize('NFC')
    .replace(/[<>:"|?*\p{Cc}]/gu, '-')
    .replace(/^\.+/, '')
    .slice(-120);
  return plain || 'photo';
}

/** The path, numbered where it is taken, which it is then. @param taken keys of paths: many disks take `A.jpg` for `a.jpg` */
function freePath(wanted: string, taken: Set<string>): string {
  const dot = wanted.lastIndexOf('.');
  const [stem, end] = dot > wanted.indexOf('/') ? [wanted.slice(0, dot), wanted.slice(dot)] : [wanted, ''];
  let path = wanted;
  for (let copy = 2; taken.has(keyOf(path)); copy++) path = `${stem} (${copy})${end}`;
  taken.add(keyOf(path));
  return path;
}
