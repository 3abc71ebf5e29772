/** Photos whose labels may be wrong. */

import type { TrainResult } from '../../results/trainResult.ts';
import { count, name, percent, plural } from '../format.ts';
import { type Html, html } from '../html.ts';
import { maxLabels, type Picture } from '../pictures.ts';
import { gallery } from './gallery.ts';

/** Photos whose labels may be wrong. Nothing where there are none. */
export function labelErrors({ labelErrors: found = [], evaluation }: TrainResult, picture: Picture): Html | undefined {
  if (found.length === 0) return undefined;
  const shots = found.map(({ path, label, suggested, probability }, place) => ({
    path,
    picture: place < maxLabels ? picture(path) : undefined,
    note: html`<em>${name(label)}</em>, looks like <strong>${name(suggested)}</strong> (${percent(probability.suggested, 0)})`,
  }));
  return html`<section id="labels"><h2>Labels to check</h2>
<p class="soft">Of the ${plural(evaluation.photos.length, 'test photo')}, ${count(found.length)} ${found.length === 1 ? 'looks' : 'look'} more like another class than like ${found.length === 1 ? 'its' : 'their'} own (confident learning). The likeliest wrong labels come first. Not all are wrong, so look before you move a photo. Then train again.</p>
${gallery(shots)}</section>`;
}
