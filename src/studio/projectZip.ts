/** A project as one zip: a folder a class, which the command reads too. */

import { Zip, ZipPassThrough } from 'fflate/browser';
import type { PhotoFolder } from './photoFolder.ts';
import type { Project } from './project.ts';

/** Photos as they are: they are compressed already. */
export async function projectZip(project: Pick<Project, 'photos'>, folder: Pick<PhotoFolder, 'read'>): Promise<Blob> {
  const parts: Blob[] = [];
  let failed: Error | undefined;
  const zip = new Zip((error, chunk) => {
    if (error) failed = error;
    else parts.push(new Blob([Uint8Array.from(chunk)]));
  });
  for (const path of project.photos) {
    const entry = new ZipPassThrough(path);
    zip.add(entry);
    entry.push(await folder.read(path), true);
    if (failed) throw failed;
  }
  zip.end();
  return new Blob(parts, { type: 'application/zip' });
}
