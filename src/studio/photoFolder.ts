/** Where a project's photos lie: a folder on disk, or a page's own database. */

/** Files by their paths: `class/file`, or anywhere where a list names their labels. Names that begin with a dot are the studio's own. */
export interface PhotoFolder {
  /** In words, for the user. */
  readonly place: string;
  /** Paths of all photos, the oldest first, and classes without photos: folders. */
  list(): Promise<{ readonly photos: readonly string[]; readonly classes: readonly string[] }>;
  /** @throws ImageError NOT_FOUND, UNREADABLE */
  read(path: string): Promise<Uint8Array>;
  /** Whether a file lies there, whoever laid it. */
  has(path: string): Promise<boolean>;
  /** All or none. @throws CarafeError UNWRITABLE where there is no room */
  write(files: ReadonlyMap<string, Uint8Array>): Promise<void>;
  /** Gives files other paths, but for those that are gone. @throws CarafeError UNWRITABLE, where another file lies at one of them, too */
  move(moves: readonly Move[]): Promise<void>;
  /** Deletes files, those that are there. */
  remove(paths: readonly string[]): Promise<void>;
  /** Makes the folders of classes, and takes those away that are empty and are no classes. */
  setClasses(classes: readonly string[]): Promise<void>;
  /** Labels of photos that may have several, by path, in the order of their list; undefined where there is no list. */
  readLabels(): Promise<ReadonlyMap<string, readonly string[]> | undefined>;
  /** The list of these labels as a file, with what an earlier one says of photos besides. */
  labelList(labels: ReadonlyMap<string, readonly string[]>): string;
  /** Undefined: each photo has the class of its folder. */
  writeLabels(labels: ReadonlyMap<string, readonly string[]> | undefined): Promise<void>;
  /** What the studio keeps beside the photos; undefined where it has kept nothing. */
  readNotes(): Promise<unknown>;
  writeNotes(notes: unknown): Promise<void>;
  close(): Promise<void>;
}

export interface Move {
  readonly from: string;
  readonly to: string;
}

/** Where photos lie that were taken out, until nobody can want them back. */
export const trash = '.carafe-trash';
