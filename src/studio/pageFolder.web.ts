/** A project in the page's own database. */

import * as z from 'zod';
import { ImageError } from '../errors.ts';
import { writeLabelList } from './labelList.ts';
import { type PageDatabase, unwritable } from './pageDatabase.web.ts';
import type { PhotoFolder } from './photoFolder.ts';

export interface PageFolder extends PhotoFolder {
  /** What names a photo's content, whatever path it has. */
  readonly fileOf: (path: string) => string;
}

const labelled = z.array(z.tuple([z.string(), z.array(z.string())]));

/** The photos of the one project that a page has. */
export async function pageFolder(database: PageDatabase, place: string): Promise<PageFolder> {
  const ids = new Map<string, string>();
  let number = 0;
  const [paths, places] = await Promise.all([database.getAllKeys('places'), database.getAll('places')]);
  const known = paths.map((path, at) => ({ path, ...places[at] })).sort((a, b) => a.number - b.number);
  for (const { path, id } of known) ids.set(path, id);
  number = known.at(-1)?.number ?? 0;

  return {
    place,
    fileOf: (path) => ids.get(path) ?? '',
    list: async () => ({
      photos: [...ids.keys()].filter((path) => !path.startsWith('.')),
      classes: asList(await database.get('notes', 'classes')),
    }),
    async read(path) {
      const bytes = await database.get('contents', ids.get(path) ?? '');
      if (!bytes) throw new ImageError('NOT_FOUND', 'it is no longer in this browser');
      return bytes;
    },
    has: async (path) => ids.has(path),
    async write(files) {
      const made = [...files.keys()].map((path) => ({ path, id: crypto.randomUUID(), number: ++number }));
      const change = database.transaction(['places', 'contents'], 'readwrite');
      try {
        for (const { path, id, number } of made) {
          void change.objectStore('contents').put(Uint8Array.from(files.get(path) ?? []), id);
          void change.objectStore('places').put({ id, number }, path);
        }
        await change.done;
      } catch (error) {
        change.done.catch(() => {});
        try {
          change.abort();
        } catch {
          // It failed as a whole, and is over.
        }
        throw unwritable(error);
      }
      for (const { path, id } of made) ids.set(path, id);
    },
    async move(moves) {
      const change = database.transaction('places', 'readwrite');
      const moved = await Promise.all(
        moves.map(async ({ from, to }) => ({ from, to, place: await change.store.get(from) })),
      );
      for (const { from } of moved) void change.store.delete(from);
      for (const { to, place } of moved) if (place) void change.store.put(place, to);
      await change.done;
      for (const { from } of moved) ids.delete(from);
      for (const { to, place } of moved) if (place) ids.set(to, place.id);
    },
    async remove(paths) {
      const change = database.transaction(['places', 'contents'], 'readwrite');
      for (const path of paths) {
        const id = ids.get(path);
        void change.objectStore('places').delete(path);
        if (id) void change.objectStore('contents').delete(id);
      }
      await change.done;
      for (const path of paths) ids.delete(path);
    },
    async setClasses(classes) {
      await database.put('notes', [...classes], 'classes');
    },
    async readLabels() {
      const kept = labelled.safeParse(await database.get('notes', 'labels'));
      return kept.success ? new Map(kept.data) : undefined;
    },
    labelList: (labels) => writeLabelList(labels),
    async writeLabels(labels) {
      await (labels ? database.put('notes', [...labels], 'labels') : database.delete('notes', 'labels'));
    },
    readNotes: () => database.get('notes', 'project'),
    async writeNotes(notes) {
      await database.put('notes', notes, 'project');
    },
    async close() {
      database.close();
    },
  };
}

function asList(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}
