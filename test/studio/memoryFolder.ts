import { writeLabelList } from '../../src/studio/labelList.ts';
import type { PhotoFolder } from '../../src/studio/photoFolder.ts';

export interface MemoryFolder extends PhotoFolder {
  readonly files: Map<string, Uint8Array>;
}

/** A project's photos in memory. */
export function memoryFolder(): MemoryFolder {
  const files = new Map<string, Uint8Array>();
  let classes: readonly string[] = [];
  let labels: ReadonlyMap<string, readonly string[]> | undefined;
  let kept: unknown;
  return {
    files,
    place: 'memory',
    list: async () => ({ photos: [...files.keys()].filter((path) => !path.startsWith('.')), classes }),
    async read(path) {
      const bytes = files.get(path);
      if (!bytes) throw new Error(`${path} is not there`);
      return bytes;
    },
    has: async (path) => files.has(path),
    async write(more) {
      for (const [path, bytes] of more) files.set(path, bytes);
    },
    async move(moves) {
      for (const { from, to } of moves) {
        const bytes = files.get(from);
        if (!bytes) throw new Error(`${from} is not there`);
        if (files.has(to)) throw new Error(`${to} is taken`);
        files.delete(from);
        files.set(to, bytes);
      }
    },
    async remove(paths) {
      for (const path of paths) files.delete(path);
    },
    async setClasses(names) {
      classes = names;
    },
    readLabels: async () => structuredClone(labels),
    labelList: (book) => writeLabelList(book),
    async writeLabels(book) {
      labels = structuredClone(book);
    },
    readNotes: async () => structuredClone(kept),
    async writeNotes(notes) {
      kept = structuredClone(notes);
    },
    close: async () => {},
  };
}
