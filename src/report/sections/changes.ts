import { enumerate, name, pathName, percent, plural, points } from '../format.ts';
import { type Html, html } from '../html.ts';
import { maxFlipped, type Picture } from '../pictures.ts';
import type { TrainResult } from '../trainResult.ts';

type Changes = NonNullable<TrainResult['changes']>;
type Flip = NonNullable<Changes['compared']>['flipped'][number];

const headings = {
  right: 'Right now, wrong before',
  wrong: 'Wrong now, right before',
  other: 'Wrong before and now, in another way',
} as const;

/** What changed since the earlier classifier: accuracy, and which answers flipped. */
export function changes({ added, removed, known, compared }: Changes, picture: Picture): Html {
  return html`<section id="changes"><h2>What changed?</h2>
${added.length > 0 && html`<p>New ${added.length === 1 ? 'class' : 'classes'}: ${enumerate(added.map(name))}.</p>`}
${removed.length > 0 && html`<p>No longer there: ${enumerate(removed.map(name))}.</p>`}
${compared === undefined ? html`<p>${known === 0 ? 'None of these photos is known to be one that the earlier classifier had learned from, so that it cannot be trained again for a comparison.' : 'The earlier classifier cannot be compared: its head reads feature maps, and these were not computed; or none of its photos was kept out.'}</p>` : comparison(compared, known, picture)}</section>`;
}

function comparison(
  { photos, before, after, difference, verdict, flipped }: NonNullable<Changes['compared']>,
  known: number,
  picture: Picture,
): Html {
  const said = {
    better: 'The new classifier is better',
    worse: 'The new classifier is worse',
    tie: 'No difference can be measured',
  }[verdict];
  return html`<p>${said}: the earlier classifier would name <strong>${percent(before)}</strong> rightly, the new one <strong>${percent(after)}</strong>, of the same ${plural(photos, 'photo')} that neither had seen (difference ${points(difference.value)}, 95% interval ${points(difference.low)} to ${points(difference.high)}). ${plural(flipped.length, 'answer')} changed.</p>
<p class="soft">The earlier classifier may know these very photos. So its head was trained again for this comparison, on those of ${plural(known, 'photo')} that it had learned from which were not kept out.</p>
${(['right', 'wrong', 'other'] as const).map((kind) =>
  group(
    kind,
    flipped.filter(({ became }) => became === kind),
    picture,
  ),
)}`;
}

function group(kind: keyof typeof headings, flips: readonly Flip[], picture: Picture): Html | false {
  if (flips.length === 0) return false;
  const shown = flips.slice(0, maxFlipped);
  return html`<h3>${headings[kind]} (${flips.length})</h3>
<div class="cards">${shown.map(
    ({
      path,
      label,
      before,
      after,
    }) => html`<figure class="card">${picture(path) ?? html`<div class="missing">no small picture</div>`}
<figcaption><p><em>${name(label)}</em>: ${name(before)} → <strong>${name(after)}</strong></p><p class="path" title="${path}">${pathName(path)}</p></figcaption></figure>`,
  )}</div>
${flips.length > shown.length && html`<p class="soft">${flips.length - shown.length} more are not shown; <code>--json</code> lists all.</p>`}`;
}
