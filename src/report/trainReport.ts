/** The report of a training run. */

import type { TrainResult } from '../results/trainResult.ts';
import { plural } from './format.ts';
import { html } from './html.ts';
import { page } from './page.ts';
import { pictureFrom, planPictures } from './pictures.ts';
import { bottleneck } from './sections/bottleneck.ts';
import { changes } from './sections/changes.ts';
import { classes } from './sections/classes.ts';
import { confusion, wholeMatrix } from './sections/confusion.ts';
import { finetuning } from './sections/finetuning.ts';
import { headline, setName } from './sections/headline.ts';
import { labelErrors } from './sections/labelErrors.ts';
import { leaderboard } from './sections/leaderboard.ts';
import { learningCurve } from './sections/learningCurve.ts';
import { again, measured } from './sections/measured.ts';
import { mistakes } from './sections/mistakes.ts';
import { morePhotos } from './sections/morePhotos.ts';
import { notes } from './sections/notes.ts';
import { photos } from './sections/photos.ts';
import { reliability } from './sections/reliability.ts';
import { representations } from './sections/representations.ts';
import { robustness } from './sections/robustness.ts';
import { sets } from './sections/sets.ts';
import { unknown } from './sections/unknown.ts';
import { views } from './sections/views.ts';

/**
 * The report of a training run: one HTML file that needs nothing else.
 * @param thumbnails WebP bytes by photo path, as paths stand in the result; those of `picturesFor(result)` are used; a photo without one is listed by name
 */
export function trainReport(result: TrainResult, thumbnails: ReadonlyMap<string, Uint8Array>): string {
  const { evaluation, images, version } = result;
  const { withoutGroups } = result;
  const torn = withoutGroups && { withoutGroups, together: evaluation.accuracy };
  const plan = planPictures(result);
  const picture = pictureFrom(thumbnails);
  return page({
    title: `${setName(images.source)}: ${plural(images.found, 'photo')}, Carafe report`,
    kind: 'training report',
    version,
    body: html`${headline(result, picture)}
${notes(result, torn)}
${result.changes && changes(result.changes, ['class', 'classes'], picture)}
${confusion(evaluation, plan, picture, result.split.repeats)}
${mistakes(evaluation, picture)}
${labelErrors(result, picture)}
<div class="${evaluation.perClass.length <= wholeMatrix && 'two'}">${reliability(evaluation)}
${classes(evaluation)}</div>
${sets(evaluation)}
${result.leaderboard && leaderboard(result.leaderboard, result.split.kind === 'folds')}
${result.widths && bottleneck(result.widths, result.split.kind === 'folds')}
${representations(result)}
${result.finetuning && finetuning(result.finetuning, result.split.kind === 'folds')}
${result.learningCurve && learningCurve(result.learningCurve, result.head.name)}
${result.morePhotos && morePhotos(result.morePhotos)}
${result.robustness && robustness(result.robustness)}
${result.views && views(result.views)}
${unknown(result.unknown, 'class')}
${photos(result, picture)}
${measured(result)}
${again(result)}`,
  });
}
