/** The photos and classes of a project, and every change of them, there and back. */

import type * as z from 'zod';
import {
  bookAfter,
  type Change,
  classesOf,
  foldersOf,
  type LabelBook,
  labelOf,
  labelsIn,
  listed,
  notes,
  touchedBy,
} from './change.ts';
import { changeNumber, changeOf, isShown, named, oneOnly, together, withClasses } from './edits.ts';
import type { ChangeKind, ClassEntry, Edit, LabelledPhoto } from './engine.ts';
import { fileName, freePath, keyOf, requireName } from './names.ts';
import { type Move, type PhotoFolder, trash } from './photoFolder.ts';
import { unlabelled } from './unlabelled.ts';

/** Changes that can be taken back. */
const mostChanges = 100;

/** What a change did: photos that have other paths, and labels whose photos are others. */
export interface Changed {
  readonly moves: readonly Move[];
  readonly labels: ReadonlySet<string>;
}
const nothing: Changed = { moves: [], labels: new Set() };

/**
 * A project. Its photos lie in a folder of their class; where a photo may have several labels, they lie together, and a list names
 * the labels. A change is a list of moves and of labels, so that taking it back is the same backwards; what is taken out moves to a
 * folder of its own.
 */
export class Project {
  readonly #folder: PhotoFolder;
  #classes: readonly ClassEntry[];
  #labels: LabelBook;
  /** Paths, the oldest first. */
  #photos: Set<string>;
  /** Paths of photos that lie in the folder and are none of the project's. */
  readonly #others: readonly string[];
  #changes: Change[];
  #done: number;
  #hasList: boolean;

  private constructor(
    folder: PhotoFolder,
    photos: readonly string[],
    labels: LabelBook,
    kept: Pick<z.infer<typeof notes>, 'classes' | 'changes' | 'done' | 'announced'>,
  ) {
    const isOwn = labels ? (path: string) => labels.has(path) : (path: string) => path.includes('/');
    const there = new Set(photos);
    this.#folder = folder;
    this.#photos = new Set(photos.filter(isOwn));
    this.#others = photos.filter((path) => !isOwn(path));
    const announced = new Set(kept.announced);
    this.#labels = labels && new Map([...labels].filter(([path]) => there.has(path) || !announced.has(path)));
    this.#hasList = labels !== undefined;
    this.#classes = kept.classes;
    this.#changes = kept.changes;
    this.#done = kept.done;
  }

  /** Opens what lies in a folder; classes that it has and the notes do not know come last. */
  static async open(folder: PhotoFolder): Promise<Project> {
    const [{ photos, classes }, labels] = [await folder.list(), await folder.readLabels()];
    const parsed = notes.safeParse(await folder.readNotes());
    const kept = parsed.success ? parsed.data : { classes: [], changes: [], done: 0, several: false, announced: [] };
    const history =
      kept.several === (labels !== undefined) ? { changes: kept.changes, done: kept.done } : { changes: [], done: 0 };
    const { announced } = kept;
    const inFolders = new Set([...classes, ...photos.filter((path) => path.includes('/')).map(labelOf)]);
    const all = labels
      ? classesOf(kept.classes, [...labels.values()].flat(), () => true)
      : classesOf(kept.classes, inFolders, (name) => inFolders.has(name));
    return new Project(folder, photos, labels, { ...history, announced, classes: all });
  }

  get classes(): readonly ClassEntry[] {
    return this.#classes;
  }

  get photos(): ReadonlySet<string> {
    return this.#photos;
  }

  /** Whether a photo may have several labels, or none. */
  get several(): boolean {
    return this.#labels !== undefined;
  }

  /** Paths that the list names, and where no photo is: its rows are the user's, and stay. */
  get absent(): readonly string[] {
    return absentIn(this.#labels, this.#photos);
  }

  /** One, unless a photo may have several. */
  labelsOf(path: string): readonly string[] {
    return labelsIn(this.#labels, path);
  }

  /** All labels of some photos, `unlabelled` for those without one. */
  allLabelsOf(paths: readonly string[]): Set<string> {
    const each = paths.map((path) => this.labelsOf(path));
    return new Set(each.flatMap((labels) => (labels.length === 0 ? [unlabelled] : labels)));
  }

  /**
   * Photos that are learned from, in the order in which they came: those of classes that are; where a photo may have several labels
   * all, without the labels that are not.
   */
  taught(): LabelledPhoto[] {
    const enabled = new Set(this.#classes.flatMap(({ name, enabled }) => (enabled ? [name] : [])));
    return [...this.#photos].flatMap((path) => {
      const labels = this.labelsOf(path).filter((label) => enabled.has(label));
      return this.several || labels.length > 0 ? [{ path, labels }] : [];
    });
  }

  /** What the photos are by which results stand. */
  taughtKey(): string {
    const each = this.taught().map(({ path, labels }) => `${path}|${labels.join('|')}`);
    return each.sort().join('\n');
  }

  /** What would be taken back, and what would be done again. */
  get next(): { readonly undo?: ChangeKind | undefined; readonly redo?: ChangeKind | undefined } {
    return { undo: this.#changes[this.#done - 1]?.kind, redo: this.#changes[this.#done]?.kind };
  }

  /**
   * Adds photos, all with the same labels. Gives their paths.
   * @throws CarafeError USAGE for several labels, or none, where each photo has one class
   */
  async add(
    labels: readonly string[],
    photos: readonly { readonly name: string; readonly bytes: Uint8Array }[],
    batch?: string,
  ) {
    const names = [...new Set(labels.map((label) => named(this.#classes, label) ?? requireName(label)))];
    if (!this.#labels && names.length !== 1) throw oneOnly();
    const taken = this.taken();
    const files = new Map<string, Uint8Array>();
    for (const photo of photos) {
      const wanted = `${this.#labels ? together : names[0]}/${fileName(photo.name)}`;
      let path = freePath(wanted, taken);
      // Others may have laid files there meanwhile.
      while (await this.#folder.has(path)) path = freePath(wanted, taken);
      files.set(path, photo.bytes);
    }
    const after = withClasses(this.#classes, names);
    const number = changeNumber();
    const moves = [...files.keys()].map((to, i) => ({ from: `${trash}/${number}/${i}-${to.split('/')[1]}`, to }));
    const given = this.#labels ? moves.map(({ from }) => ({ path: from, before: [], after: names })) : [];
    const done = { kind: 'add' as const, moves, labels: given, before: [...this.#classes], after };
    await this.#folder.setClasses(foldersOf(after, this.#labels));
    const book = bookAfter(this.#labels, done, false);
    await this.#announce([...this.#photos, ...files.keys()], book);
    await this.#folder.write(files);
    this.#labels = book;
    for (const path of files.keys()) this.#photos.add(path);
    const last = this.#changes[this.#done - 1];
    if (batch !== undefined && last?.batch === batch && this.#done === this.#changes.length) {
      const joined = { moves: [...last.moves, ...moves], labels: [...last.labels, ...given] };
      this.#changes[this.#done - 1] = { ...last, ...joined, after };
      this.#classes = after;
      await this.#keep();
    } else await this.#record({ ...done, ...(batch && { batch }) });
    return [...files.keys()];
  }

  /** @throws CarafeError USAGE */
  async edit(wanted: Edit): Promise<Changed> {
    const done = changeOf(wanted, this);
    if (!done) return nothing;
    await this.#apply(done, false);
    await this.#record(done);
    return { moves: done.moves, labels: touchedBy(done) };
  }

  async undo(): Promise<Changed> {
    const last = this.#changes[this.#done - 1];
    if (!last) return nothing;
    const moves = await this.#apply(last, true);
    this.#done--;
    await this.#keep();
    return { moves, labels: touchedBy(last) };
  }

  async redo(): Promise<Changed> {
    const next = this.#changes[this.#done];
    if (!next) return nothing;
    await this.#apply(next, false);
    this.#done++;
    await this.#keep();
    return { moves: next.moves, labels: touchedBy(next) };
  }

  /** Keys of all paths that are taken. */
  taken(): Set<string> {
    return new Set([...this.#photos, ...this.#others, ...this.absent].map(keyOf));
  }

  /** Does a change, or takes it back. Gives what moved. */
  async #apply(done: Change, isBack: boolean): Promise<readonly Move[]> {
    const moves = isBack ? done.moves.map(({ from, to }) => ({ from: to, to: from })).reverse() : done.moves;
    const classes = isBack ? done.before : done.after;
    const book = bookAfter(this.#labels, done, isBack);
    const folders = foldersOf(classes, book);
    const moved = new Map(moves.map(({ from, to }) => [from, to]));
    const kept = [...this.#photos].map((path) => moved.get(path) ?? path).filter(isShown);
    const photos = new Set([...kept, ...moves.flatMap(({ from, to }) => (isShown(from) ? [] : [to]))]);
    await this.#folder.setClasses([...new Set([...foldersOf(this.#classes, this.#labels), ...folders])]);
    await this.#announce(photos, book);
    await this.#folder.move(moves);
    await this.#folder.setClasses(folders);
    this.#photos = photos;
    this.#classes = classes;
    this.#labels = book;
    return moves;
  }

  /**
   * Lists photos where they lie and where they will lie: who is killed in between finds the labels of all. A list may name a photo that
   * is not there; one that it does not name would be lost.
   */
  async #announce(photos: Iterable<string>, book: LabelBook): Promise<void> {
    if (!this.#labels && !book) return;
    const after = new Set(photos);
    await this.#writeNotes([...this.#photos, ...after].filter((path) => !(this.#photos.has(path) && after.has(path))));
    const rows = [...this.#rows(this.#photos, this.#labels), ...this.#rows(after, book)];
    await this.#folder.writeLabels(new Map(rows));
    this.#hasList = true;
  }

  /** The photos of a list, and those that are not there. */
  #rows(photos: ReadonlySet<string>, book: LabelBook): (readonly [string, readonly string[]])[] {
    return listed([...photos, ...absentIn(book, photos)], book);
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
    await this.#folder.remove(gone.filter((path) => !isShown(path)));
  }

  async #keep(): Promise<void> {
    const book = this.#labels;
    if (book) await this.#folder.writeLabels(new Map(this.#rows(this.#photos, book)));
    else if (this.#hasList) await this.#folder.writeLabels(undefined);
    this.#hasList = book !== undefined;
    await this.#writeNotes([]);
  }

  async #writeNotes(announced: readonly string[]): Promise<void> {
    await this.#folder.writeNotes({
      classes: this.#classes,
      changes: this.#changes,
      done: this.#done,
      several: this.several,
      announced,
    });
  }
}

/** Paths that a list names without a photo; those that were taken out are the studio's. */
function absentIn(book: LabelBook, photos: ReadonlySet<string>): string[] {
  return [...(book?.keys() ?? [])].filter((path) => !photos.has(path) && isShown(path));
}
