/** The confusion matrix. */

import type { Evaluation } from '../../metrics/evaluation.ts';
import { count, enumerate, name, plural } from '../format.ts';
import { type Html, html } from '../html.ts';
import { isHit, type Pair, pairsOf } from '../pairs.ts';
import { maxPictures, type Picture, type PicturePlan } from '../pictures.ts';
import { pairLink, pairPanels } from './pairs.ts';

/** Up to so many classes the whole matrix is drawn; above, only the part that is most mixed up. */
export const wholeMatrix = 16;
const partMatrix = 12;
/** Up to so many classes there is room for the photos beside the matrix. */
const besidePhotos = 7;

/** What gets mistaken for what: the matrix, and the photos behind each of its cells. */
export function confusion(evaluation: Evaluation, plan: PicturePlan, picture: Picture, repeats: number): Html {
  const { labels } = evaluation.confusion;
  const pairs = pairsOf(evaluation);
  const mixedUp = pairs.filter((pair) => !isHit(pair));
  const shown = classesToShow(labels.length, mixedUp);
  const whole = shown.length === labels.length;
  const back = html`<a href="#taken">Back to the table</a>${!whole && html` <a href="#classes">All classes</a>`}`;
  return html`<section id="taken"><h2>What gets mistaken for what</h2>
<p class="soft">Rows are the true labels; columns are the classifier's answers. Green is right, red is wrong; the colour is stronger where it happens more often. Open a number to see its photos.</p>
${mostMixedUp(mixedUp, labels)}
${!whole && html`<p class="soft">The table shows the ${shown.length} of ${count(labels.length)} classes that are most often mixed up. <a href="#classes">The list of all classes</a> shows what each was mistaken for.</p>`}
${repeats > 1 && html`<p class="soft">Every photo was tested ${repeats} times. Here it counts once, with its first answer; percentages elsewhere on this page average all answers.</p>`}
${pictureWords(plan, picture)}
<div class="${shown.length <= besidePhotos && 'beside'}"><div class="scroll" tabindex="0" role="region" aria-label="What gets mistaken for what"><table class="matrix">
<thead><tr><td></td>${shown.map((place) => html`<th scope="col"><span>${name(labels[place]!)}</span></th>`)}${!whole && html`<th scope="col"><span>other classes</span></th>`}<th scope="col"><span>photos</span></th></tr></thead>
<tbody>${shown.map((truth) => matrixRow(labels, pairs, truth, shown))}</tbody></table></div>
<div class="pairs">${pairPanels(pairs, labels, plan.behind, picture, back)}</div></div></section>`;
}

/** All classes where they are few, else those of the most frequent mistakes. In the matrix's order. */
function classesToShow(classes: number, mixedUp: readonly Pair[]): readonly number[] {
  const all = Array.from({ length: classes }, (_, place) => place);
  if (classes <= wholeMatrix) return all;
  const shown = new Set<number>();
  for (const place of [...mixedUp.flatMap(({ truth, answer }) => [truth, answer]), ...all])
    if (shown.size < partMatrix) shown.add(place);
  return [...shown].sort((a, b) => a - b);
}

function matrixRow(labels: readonly string[], pairs: readonly Pair[], truth: number, shown: readonly number[]): Html {
  const own = new Map(pairs.filter((pair) => pair.truth === truth).map((pair) => [pair.answer, pair]));
  const total = [...own.values()].reduce((sum, pair) => sum + pair.count, 0);
  const others = total - shown.reduce((sum, answer) => sum + (own.get(answer)?.count ?? 0), 0);
  const cells = shown.map((answer) => {
    const pair = own.get(answer);
    if (!pair) return html`<td class="none">·</td>`;
    return html`<td class="${truth === answer ? 'hit' : 'miss'}" style="--share:${share(pair.count, total)}">${pairLink(pair, labels, count(pair.count))}</td>`;
  });
  const rest =
    others === 0
      ? html`<td class="none">·</td>`
      : html`<td class="miss" style="--share:${share(others, total)}"><a href="#class-${truth}">${count(others)}</a></td>`;
  return html`<tr><th scope="row">${name(labels[truth]!)}</th>${cells}${shown.length < labels.length && rest}<td class="sum">${count(total)}</td></tr>`;
}

/** To a thousandth: what a shade can show. */
function share(part: number, total: number): number {
  return Math.round((part / total) * 1000) / 1000;
}

function mostMixedUp(mixedUp: readonly Pair[], labels: readonly string[]): Html | undefined {
  if (mixedUp.length === 0) return undefined;
  const links = mixedUp
    .slice(0, 3)
    .map((pair) =>
      pairLink(
        pair,
        labels,
        html`${name(labels[pair.truth]!)} mistaken for ${name(labels[pair.answer]!)} (${count(pair.count)})`,
      ),
    );
  return html`<p>Most often: ${enumerate(links)}.</p>`;
}

/** How many photos cannot be seen here, and why. */
function pictureWords({ behind, cut }: PicturePlan, picture: Picture): Html | undefined {
  const without = [...behind].filter((path) => !picture(path)).length;
  if (cut === 0 && without === 0) return undefined;
  return html`<p class="soft">${cut > 0 && html`To stay small, this page carries at most ${maxPictures} pictures, mistakes first; ${plural(cut, 'other photo')} ${cut === 1 ? 'is' : 'are'} listed by name. `}${without > 0 && html`${plural(without, 'photo')} without a small picture ${without === 1 ? 'is' : 'are'} listed by name, too.`}</p>`;
}
