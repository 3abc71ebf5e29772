/** The report of a training run on photos with several labels. */

import type { LabelsResult } from '../results/trainResult.ts';
import { plural } from './format.ts';
import { html } from './html.ts';
import { page } from './page.ts';
import { flippedPaths, maxCards, maxGroups, maxOfGroup, pictureFrom } from './pictures.ts';
import { changes } from './sections/changes.ts';
import { setName } from './sections/headline.ts';
import { labelMistakes, labelReliability, labelsHeadline, labelTable } from './sections/labels.ts';
import { learningCurve } from './sections/learningCurve.ts';
import { again, measured } from './sections/measured.ts';
import { notes } from './sections/notes.ts';
import { photos } from './sections/photos.ts';
import { representations } from './sections/representations.ts';
import { unknown } from './sections/unknown.ts';
import { views } from './sections/views.ts';

/**
 * The report of a training run on photos with several labels: one HTML file that needs nothing else.
 * @param thumbnails WebP bytes by photo path; those of `labelPictures(result)` are used
 */
export function labelsReport(result: LabelsResult, thumbnails: ReadonlyMap<string, Uint8Array>): string {
  const { evaluation, images, version } = result;
  const { withoutGroups } = result;
  const torn = withoutGroups && { withoutGroups, together: evaluation.meanAveragePrecision };
  const picture = pictureFrom(thumbnails);
  return page({
    title: `${setName(images.source)}: ${plural(images.found, 'photo')}, Carafe report`,
    kind: 'training report',
    version,
    body: html`${labelsHeadline(result)}
${notes(result, torn)}
${result.changes && changes(result.changes, ['label', 'labels'], picture)}
${labelTable(evaluation)}
${labelMistakes(evaluation, picture)}
${labelReliability(evaluation)}
${representations(result)}
${result.learningCurve && learningCurve(result.learningCurve, result.head.name)}
${result.views && views(result.views)}
${unknown(result.unknown, 'label')}
${photos(result, picture)}
${measured(result)}
${again(result)}`,
  });
}

/** The photos of which `labelsReport` wants thumbnails. */
export function labelPictures({ duplicates, evaluation, changes }: LabelsResult): string[] {
  const sets = [...duplicates.conflicts.map((group) => group.map(({ path }) => path)), ...duplicates.groups];
  return [
    ...evaluation.mistakes.slice(0, maxCards).map(({ path }) => path),
    ...flippedPaths(changes?.compared?.flipped ?? []),
    ...sets.slice(0, 2 * maxGroups).flatMap((group) => group.slice(0, maxOfGroup)),
  ];
}
