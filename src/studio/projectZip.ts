/** A project as one zip: a folder a class, or photos and the list of their labels, as the command reads it too. */

import { Zip, ZipPassThrough } from 'fflate/browser';
import { labelListName } from '../sets/imageList.ts';
import type { PhotoFolder } from './photoFolder.ts';
import type { Project } from './project.ts';

/** Photos as they are: they are compressed already. */
export async function projectZip(
  project: Pick<Project, 'photos' | 'several' | 'labelsOf'>,
  folder: Pick<PhotoFolder, 'read' | 'labelList'>,
): Promise<Blob> {
  const parts: Blob[] = [];
  let failed: Error | undefined;
  const zip = new Zip((error, chunk) => {
    if (error) failed = error;
    else parts.push(new Blob([Uint8Array.from(chunk)]));
  });
  const add = (path: string, bytes: Uint8Array) => {
    const entry = new ZipPassThrough(path);
    zip.add(entry);
    entry.push(bytes, true);
    if (failed) throw failed;
  };
  const paths = [...project.photos];
  if (project.several) {
    const list = folder.labelList(new Map(paths.map((path) => [path, project.labelsOf(path)])));
    add(labelListName, new TextEncoder().encode(list));
  }
  for (const path of paths) add(path, await folder.read(path));
  zip.end();
  return new Blob(parts, { type: 'application/zip' });
}
