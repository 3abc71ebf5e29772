/** What changed since an earlier classifier. */

import type { TrainResult } from '../../results/trainResult.ts';
import { enumerate, name, pathName, percent, plural, points } from '../format.ts';
import { type Html, html } from '../html.ts';
import { maxFlipped, type Picture } from '../pictures.ts';

type Changes = NonNullable<TrainResult['changes']>;
type Compared = NonNullable<Changes['compared']>;
type Flip = Compared['flipped'][number];

const headings = {
  right: 'Right now, wrong before',
  wrong: 'Wrong now, right before',
  other: 'Wrong both times, in different ways',
} as const;

/** What changed since the earlier classifier: the metric, and which answers flipped. */
export function changes(
  { added, removed, head, known, compared, notCompared }: Changes,
  [one, many]: readonly ['class', 'classes'] | readonly ['label', 'labels'],
  picture: Picture,
): Html {
  return html`<section id="changes"><h2>What changed?</h2>
${added.length > 0 && html`<p>New ${added.length === 1 ? one : many}: ${enumerate(added.map(name))}.</p>`}
${removed.length > 0 && html`<p>Removed: ${enumerate(removed.map(name))}.</p>`}
${compared === undefined ? html`<p>The earlier classifier cannot be compared: ${notCompared}.</p>` : comparison(compared, { head, known }, picture)}</section>`;
}

function figuresOf({ metric, before, after, photos }: Compared): Html {
  const same = html`the same ${plural(photos, 'photo')}, which neither had seen`;
  const [first, second] = [html`<strong>${percent(before)}</strong>`, html`<strong>${percent(after)}</strong>`];
  return metric === 'accuracy'
    ? html`the earlier classifier gets ${first} correct and the new one ${second}, on ${same}`
    : html`over the labels that both know, the earlier classifier has a ${metric} of ${first} and the new one ${second}, on ${same}`;
}

function comparison(compared: Compared, { head, known }: Pick<Changes, 'head' | 'known'>, picture: Picture): Html {
  const { difference, verdict, flipped } = compared;
  const said = {
    better: 'The new classifier is better',
    worse: 'The new classifier is worse',
    tie: 'No difference can be measured',
  }[verdict];
  return html`<p>${said}: ${figuresOf(compared)} (difference ${points(difference.value)}, 95% interval ${points(difference.low)} to ${points(difference.high)}). ${plural(flipped.length, 'answer')} changed.</p>
<p class="soft">The earlier classifier may have learned from these very photos. For this comparison its head was therefore trained again on the ${plural(known, 'photo')} it had learned from, without the held-out ones.${head === 'auto' && html` <code>--head auto</code> had chosen the kind of head, so that choice was made again without the held-out photos, too.`}</p>
${flippedCards(flipped, picture)}`;
}

/** The photos that are answered differently, by what became of the answer. */
export function flippedCards(flipped: readonly Flip[], picture: Picture): (Html | false)[] {
  return (['right', 'wrong', 'other'] as const).map((kind) =>
    group(
      kind,
      flipped.filter(({ became }) => became === kind),
      picture,
    ),
  );
}

function group(kind: keyof typeof headings, flips: readonly Flip[], picture: Picture): Html | false {
  if (flips.length === 0) return false;
  const shown = flips.slice(0, maxFlipped);
  return html`<h3>${headings[kind]} (${flips.length})</h3>
<div class="cards">${shown.map(
    (flip) => html`<figure class="card">${picture(flip.path) ?? html`<div class="missing">no small picture</div>`}
<figcaption><p>${answer(flip)}</p><p class="path" title="${flip.path}">${pathName(flip.path)}</p></figcaption></figure>`,
  )}</div>
${flips.length > shown.length && html`<p class="soft">${flips.length - shown.length} more are not shown; <code>--json</code> lists all.</p>`}`;
}

/** What the photo shows, and what it was and is classified as. */
function answer({ labels, before, after }: Flip): Html {
  return html`<em>${names(labels)}</em>: ${names(before)} → <strong>${names(after)}</strong>`;
}

function names(labels: readonly string[]): Html | string {
  return labels.length === 0 ? 'none' : html`${labels.map((label, i) => html`${i > 0 && ', '}${name(label)}`)}`;
}
