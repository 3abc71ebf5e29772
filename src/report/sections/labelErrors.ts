/** Photos whose labels may be wrong. */

import { labelCount, listedCount } from '../../doctor/labelWords.ts';
import type { TrainResult } from '../../results/trainResult.ts';
import { count, enumerate, name, percent, plural } from '../format.ts';
import { type Html, html } from '../html.ts';
import { maxLabels, type Picture } from '../pictures.ts';
import { gallery } from './gallery.ts';

const shownClasses = 5;

/** Photos whose labels may be wrong. Nothing where there are none. */
export function labelErrors({ labelErrors: found }: TrainResult, picture: Picture): Html | undefined {
  if (!found?.expected || found.photos.length === 0) return undefined;
  const { unrecognised, expected, planted, photos } = found;
  const shots = photos.map(({ path, label, suggested, wrong }, place) => ({
    path,
    picture: place < maxLabels ? picture(path) : undefined,
    note: html`<em>${name(label)}</em>, looks like <strong>${name(suggested)}</strong> (chance that the label is wrong: ${percent(wrong, 0)})`,
  }));
  return html`<section id="labels"><h2>Labels to check</h2>
<p class="soft">${labelCount({ ...found, expected })}. ${listedCount(found)} The likeliest come first. Not all are wrong, so look before you move a photo. As a check, ${plural(planted.count, 'label')} ${planted.count === 1 ? 'was' : 'were'} made wrong on purpose; a list as long as this one caught ${percent(planted.caughtInTwice.value, 0)} of them.${unrecognised.length > 0 && html` The labels of ${enumerate(unrecognised.slice(0, shownClasses).map((label) => html`<em>${name(label)}</em>`))}${unrecognised.length > shownClasses && ` and ${count(unrecognised.length - shownClasses)} more`} were not judged: these photos are mostly classified as other classes.`} <code>carafe doctor</code> writes a page on which you go through the list with the keyboard.</p>
${gallery(shots)}</section>`;
}
