/** Editing a classifier in Node: photos by path. */

import { Classifier } from './classifier/classifier.ts';
import { type Addition, type ClassEdits, editClasses, requireAddable } from './classifier/edit.ts';
import { writeWhole } from './files.node.ts';
import type { FitContext } from './heads/head.ts';
import { findImages } from './images/find.node.ts';
import { viewsOf } from './images/view.ts';
import type { Pixels } from './platform.ts';
import { predictEach, requireSome } from './predict.ts';
import { readViews } from './readFor.node.ts';
import type { EditResult } from './report/editResult.ts';
import type { FailedImage } from './report/trainResult.ts';
import { version } from './version.ts';

/** Changes of a classifier's classes, in this order; then photos are added. */
export interface PhotoEdits extends ClassEdits {
  /** Photos (files, folders or patterns) by the class that they are of: an old one, or a new one. */
  readonly add?: ReadonlyMap<string, readonly string[]> | undefined;
}

/**
 * As `editClasses`, with photos to add; writes the new classifier to `to`.
 * @throws CarafeError besides NOT_FOUND, NO_IMAGES and ALL_IMAGES_FAILED, class by class
 */
export async function editPhotos(
  bytes: Uint8Array,
  source: string,
  { add = new Map(), ...edits }: PhotoEdits,
  to: string,
  context: FitContext,
): Promise<EditResult> {
  const additions: Addition[] = [];
  const failed: FailedImage[] = [];
  if (add.size > 0) {
    requireAddable(bytes, source);
    const found = [];
    for (const [label, paths] of add) found.push({ label, photos: await findImages(paths) });
    const classifier = await Classifier.open(bytes, source, context.openSession, context);
    try {
      for (const { label, photos } of found) {
        const { rows, unreadable } = await featuresOf(classifier, photos, context.signal);
        failed.push(...unreadable);
        additions.push({ label, ...stacked(rows) });
      }
    } finally {
      await classifier.release();
    }
  }
  const edited = await editClasses(bytes, source, edits, additions, context);
  await writeWhole(to, edited.bytes);
  return {
    version,
    command: 'edit',
    classifier: to,
    labels: edited.card.labels,
    added: edited.added.map(({ promised, ...one }) => ({ ...one, unknownAtMost: promised ?? null })),
    failed,
  };
}

/** Of each photo that can be read its features, and those of its views, as training would have looked at it. */
async function featuresOf(
  classifier: Classifier,
  photos: readonly { readonly path: string; readonly file: string }[],
  signal: AbortSignal | undefined,
): Promise<{ rows: Float32Array[][]; unreadable: FailedImage[] }> {
  const { preprocessing, training } = classifier.card;
  const views = viewsOf(training.views);
  const sources = photos.map(({ path, file }) => ({ path, read: () => readViews(preprocessing, file, views) }));
  const look = async (views: readonly Pixels[]) => {
    const features: Float32Array[] = [];
    for (const pixels of views) features.push((await classifier.run(pixels)).features);
    return features;
  };
  const rows: Float32Array[][] = [];
  const unreadable: FailedImage[] = [];
  for await (const answer of predictEach(look, sources, signal))
    if ('code' in answer) unreadable.push(answer);
    else rows.push(answer.prediction);
  if (rows.length === 0) requireSome(unreadable);
  return { rows, unreadable };
}

/** Photo by photo to view after view. */
function stacked(rows: readonly (readonly Float32Array[])[]): Omit<Addition, 'label'> {
  const [[{ length: columns }, ...views]] = rows;
  const data = new Float32Array(rows.length * (views.length + 1) * columns);
  for (const [photo, all] of rows.entries())
    for (const [view, features] of all.entries()) data.set(features, (view * rows.length + photo) * columns);
  return { features: { rows: rows.length * (views.length + 1), columns, data }, photos: rows.length };
}
