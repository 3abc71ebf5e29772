/** The page's own database: photos, what is known of them, notes. */

import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import { CarafeError } from '../errors.ts';
import type { Look, MapRecord, PhotoRecord } from '../features/store.ts';
import { message } from '../message.ts';

/** Where a photo is found: its content never changes under its id. */
interface Place {
  readonly id: string;
  readonly number: number;
}

interface Tables extends DBSchema {
  places: { key: string; value: Place };
  contents: { key: string; value: Uint8Array };
  notes: { key: string; value: unknown };
  digests: { key: string; value: string };
  photos: { key: string; value: PhotoRecord };
  thumbnails: { key: string; value: Uint8Array };
  vectors: { key: string; value: Look & { readonly features: Float32Array } };
  maps: { key: string; value: MapRecord };
}

export type PageDatabase = IDBPDatabase<Tables>;

const tables = ['places', 'contents', 'notes', 'digests', 'photos', 'thumbnails', 'vectors', 'maps'] as const;

/** @throws CarafeError UNAVAILABLE where the browser keeps nothing, as in some private windows */
export async function openPageDatabase(name: string): Promise<PageDatabase> {
  try {
    return await openDB<Tables>(name, 1, {
      upgrade(database) {
        for (const table of tables) database.createObjectStore(table);
      },
    });
  } catch (error) {
    throw new CarafeError(
      'UNAVAILABLE',
      'This browser window keeps no data, so photos would be lost.',
      'Open the page in a window that is not private, or allow it to store data.',
      { cause: error },
    );
  }
}

/** A full disk, or a limit of the browser, in words. */
export function unwritable(error: unknown): CarafeError {
  return new CarafeError(
    'UNWRITABLE',
    error instanceof Error && error.name === 'QuotaExceededError'
      ? 'The browser has no room left for more photos.'
      : message`The browser cannot keep this: ${error instanceof Error ? error.message : String(error)}.`,
    'Nothing that was there is lost. Free some space on the disk, save the project, or use `carafe studio`, which has the whole disk.',
    { cause: error },
  );
}
