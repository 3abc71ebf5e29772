/** What the page shows of a project's photos. */

import { thumbnails } from '../features/thumbnails.ts';
import type { StudioPhoto, StudioState } from './engine.ts';
import type { Library } from './library.ts';
import type { Project } from './project.ts';
import type { StudioPlatform } from './studioPlatform.ts';
import { unlabelled } from './unlabelled.ts';

/** Photos with a label, or without any (`unlabelled`), the newest first. */
export function photosWith(label: string, project: Project, library: Library): StudioPhoto[] {
  return [...project.photos]
    .filter((path) => project.allLabelsOf([path]).has(label))
    .reverse()
    .map((path) => ({
      path,
      labels: project.labelsOf(path),
      ready: library.isReady(path),
      failure: library.failure(path),
    }));
}

/** Classes with their photos counted. @param revisions of each class that changed */
export function classesShown(
  project: Project,
  library: Library,
  revisions: ReadonlyMap<string, number>,
): Pick<StudioState, 'several' | 'classes' | 'unlabelled'> {
  const counts = library.counts();
  const photosOf = (label: string) => ({
    ...(counts.get(label) ?? { photos: 0, failed: 0 }),
    revision: revisions.get(label) ?? 0,
  });
  return {
    several: project.several,
    classes: project.classes.map((each) => ({ ...each, ...photosOf(each.name) })),
    unlabelled: project.several ? photosOf(unlabelled) : undefined,
  };
}

/** A photo, or a small picture of it. */
export async function pictureOf(
  path: string,
  isSmall: boolean,
  library: Library,
  { extraction, fileOf, folder }: StudioPlatform,
): Promise<Blob> {
  const sha256 = isSmall && library.sha256(path);
  const found = sha256 && (await thumbnails([{ path, file: fileOf(path), sha256 }], extraction)).get(path);
  // Until its content is known, and where it cannot be read, the photo itself.
  const bytes = found || (await folder.read(path));
  return new Blob([Uint8Array.from(bytes)], { type: found ? 'image/webp' : 'image/jpeg' });
}
