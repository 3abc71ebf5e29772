/** Editing a classifier in Node: photos by path. */

import { Classifier } from '../classifier/classifier.ts';
import { type Addition, type ClassEdits, editClasses, requireAddable } from '../classifier/edit.ts';
import { learnedFrom } from '../classifier/trainedPhotos.ts';
import { CarafeError } from '../errors.ts';
import type { FitContext } from '../heads/head.ts';
import { viewsOf } from '../images/view.ts';
import type { EditResult } from '../results/editResult.ts';
import type { FailedImage } from '../results/images.ts';
import { writeWhole } from '../runtime/files.node.ts';
import type { Pixels } from '../runtime/platform.ts';
import { findImages } from '../sets/find.node.ts';
import { version } from '../version.ts';
import { predictEach, requireSome } from './predictEach.ts';
import { readViews } from './readFor.node.ts';

/** Changes of a classifier's classes, in this order; then photos are added. */
export interface PhotoEdits extends ClassEdits {
  /** Photos (files, folders or patterns) by the class that they are of: an old one, or a new one. */
  readonly add?: ReadonlyMap<string, readonly string[]> | undefined;
}

/**
 * As `editClasses`, with photos to add; writes the new classifier to `to`.
 * Photos that it learned before are left out, as far as its card tells.
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
  const skipped = new Map<string, number>();
  if (add.size > 0) {
    const { training } = requireAddable(bytes, source);
    // Photos that were forgotten are still listed, and may come back.
    const forgets = training.forgot === true || (edits.remove ?? []).length > 0;
    const isNews = news(learnedFrom(forgets ? undefined : training.photos));
    const found = [];
    for (const [label, paths] of add) found.push({ label, photos: await findImages(paths) });
    const classifier = await Classifier.open(bytes, source, context.openSession, context);
    try {
      for (const { label, photos } of found) {
        const { looked, unreadable } = await lookAt(classifier, photos, isNews, context.signal);
        for (const one of unreadable) failed.push(one);
        skipped.set(label, photos.length - unreadable.length - looked.length);
        if (looked.length > 0)
          additions.push({ label, ids: looked.map(({ sha256 }) => sha256), features: stacked(looked) });
      }
    } finally {
      await classifier.release();
    }
  }
  const edited = await editClasses(bytes, source, edits, additions, context);
  const added = [...skipped].map(([label, alreadyLearned]) => {
    const one = edited.added.find((each) => each.label === label);
    if (one) return { ...one, alreadyLearned };
    if (edited.card.labels.includes(label))
      return { label, isNew: false, photos: 0, alreadyLearned, guaranteed: undefined };
    throw new CarafeError(
      'USAGE',
      `${source} has already learned all photos of the new class ${label} under other labels.`,
      'Give new photos of it.',
    );
  });
  await writeWhole(to, edited.bytes);
  return {
    version,
    command: 'edit',
    classifier: to,
    labels: edited.card.labels,
    removed: edited.removed ? { ...edited.removed, labels: [...edited.removed.labels] } : null,
    added: added.map(({ guaranteed, ...one }) => ({ ...one, unknownAtMost: guaranteed ?? null })),
    failed,
  };
}

/** Of a photo its features, and those of its views, as training would have looked at it. */
interface Looked {
  readonly sha256: string;
  readonly features: readonly Float32Array[];
}

/** Tells photos that were not learned before, and not asked about before. */
function news(wasLearned: (sha256: string) => boolean): (sha256: string) => boolean {
  const seen = new Set<string>();
  return (sha256) => {
    if (wasLearned(sha256) || seen.has(sha256)) return false;
    seen.add(sha256);
    return true;
  };
}

/** Photos that are no news are neither looked at nor given. */
async function lookAt(
  classifier: Classifier,
  photos: readonly { readonly path: string; readonly file: string }[],
  isNews: (sha256: string) => boolean,
  signal: AbortSignal | undefined,
): Promise<{ looked: Looked[]; unreadable: FailedImage[] }> {
  const { preprocessing, training } = classifier.card;
  const views = viewsOf(training.views);
  const sources = photos.map(({ path, file }) => ({ path, read: () => readViews(preprocessing, file, views) }));
  const look = async ({ all, sha256 }: { readonly all: readonly Pixels[]; readonly sha256: string }) => {
    if (!isNews(sha256)) return undefined;
    const features: Float32Array[] = [];
    for (const pixels of all) features.push((await classifier.run(pixels)).features);
    return { sha256, features };
  };
  const looked: Looked[] = [];
  const unreadable: FailedImage[] = [];
  for await (const answer of predictEach(look, sources, { signal }))
    if ('code' in answer) unreadable.push(answer);
    else if (answer.prediction) looked.push(answer.prediction);
  if (unreadable.length === photos.length) requireSome(unreadable);
  return { looked, unreadable };
}

/** Photo by photo to view after view. */
function stacked(looked: readonly Looked[]): Addition['features'] {
  const [{ features: views }] = looked;
  const columns = views[0].length;
  const rows = looked.length * views.length;
  const data = new Float32Array(rows * columns);
  for (const [photo, { features }] of looked.entries())
    for (const [view, values] of features.entries()) data.set(values, (view * looked.length + photo) * columns);
  return { rows, columns, data };
}
