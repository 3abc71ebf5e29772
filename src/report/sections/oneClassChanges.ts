/** What changed since an earlier one-class classifier. */

import type { OneClassChanges } from '../../results/oneClassResult.ts';
import { percent, plural, points } from '../format.ts';
import { type Html, html } from '../html.ts';
import type { Picture } from '../pictures.ts';
import { flippedCards } from './changes.ts';

type Compared = NonNullable<OneClassChanges['compared']>;

const said = { better: 'better', worse: 'worse', tie: 'no difference can be measured' } as const;

/** Each figure of both, and the photos that are answered differently. */
export function oneClassChanges({ compared, notCompared, known, head }: OneClassChanges, picture: Picture): Html {
  return html`<section id="changes"><h2>What changed?</h2>
${compared === undefined ? html`<p>The earlier classifier cannot be compared: ${notCompared}.</p>` : comparison(compared, { known, head }, picture)}</section>`;
}

function comparison(
  { photos, figures, flipped }: Compared,
  { known, head }: Pick<OneClassChanges, 'known' | 'head'>,
  picture: Picture,
): Html {
  const rows = figures.map(
    ({ metric, before, after, difference: { value, low, high }, verdict }) =>
      html`<tr><th scope="row">${metric}</th><td>${percent(before)}</td><td>${percent(after)}</td><td>${points(value)} <small class="soft">${points(low)} to ${points(high)}</small></td><td>${said[verdict]}</td></tr>`,
  );
  return html`<p>Both were judged on the same ${plural(photos, 'photo')}, which neither had seen, each by its own threshold. ${plural(flipped.length, 'answer')} changed.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Before and after"><table class="plain"><thead><tr><th scope="col">figure</th><th scope="col">before</th><th scope="col">now</th><th scope="col">difference</th><th scope="col">verdict</th></tr></thead>
<tbody>${rows}</tbody></table></div>
<p class="soft">The earlier classifier may have learned from these very photos. For this comparison its head (${head}) was therefore trained again on the ${plural(known, 'normal photo')} it had learned from, without those kept out.</p>
${flippedCards(flipped, picture)}`;
}
