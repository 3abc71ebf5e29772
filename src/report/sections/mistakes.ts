/** The surest wrong answers. */

import type { Evaluation, JudgedPhoto } from '../../metrics/evaluation.ts';
import { bars } from '../charts/bars.ts';
import { count, name, pathName, percent, plural } from '../format.ts';
import { type Html, html } from '../html.ts';
import { maxCards, type Picture } from '../pictures.ts';

/** The most confident wrong answers, each as a card with its picture and the classes' probabilities. */
export function mistakes({ mistakes: wrong, photos }: Evaluation, picture: Picture): Html {
  const shown = wrong.slice(0, maxCards);
  const more = wrong.length - shown.length;
  return html`<section id="mistakes"><h2>The worst mistakes</h2>
${
  wrong.length === 0
    ? html`<p>There are none: all ${plural(photos.length, 'photo')} were classified correctly. Other photos may still be misclassified; the interval above shows how many to expect.</p>`
    : html`<p class="soft">The most confident wrong answers come first. Look at each photo before you blame the classifier: its label may be wrong.</p>
<div class="cards">${shown.map((photo) => card(photo, picture))}</div>
${more > 0 && html`<p class="soft">${count(more)} more ${more === 1 ? 'is' : 'are'} behind the red numbers <a href="#taken">in the table above</a>.</p>`}`
}</section>`;
}

function card({ path, label, predicted, classes }: JudgedPhoto, picture: Picture): Html {
  const told = classes.filter((share, i) => share.label === label || (i < 3 && share.probability >= 0.01));
  const items = told.map(
    (share) =>
      ({
        label: share.label,
        share: share.probability,
        figure: percent(share.probability, 0),
        kind: share.label === label ? 'right' : share.label === predicted ? 'wrong' : 'plain',
      }) as const,
  );
  return html`<figure class="card">${picture(path) ?? html`<div class="missing">no small picture</div>`}
<figcaption><p><em>${name(label)}</em>, mistaken for <strong>${name(predicted)}</strong></p>
${bars(items)}<p class="path" title="${path}">${pathName(path)}</p></figcaption></figure>`;
}
