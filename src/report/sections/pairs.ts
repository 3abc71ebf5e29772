/** The photos behind its cells. */

import { name, percent, plainName, plural } from '../format.ts';
import { type Html, html } from '../html.ts';
import { isHit, type Pair } from '../pairs.ts';
import type { Picture } from '../pictures.ts';
import { gallery } from './gallery.ts';

/** The link that opens the photos behind a cell; its bare content where no photo stands behind it. */
export function pairLink(pair: Pair, labels: readonly string[], content: Html | string): Html {
  if (pair.photos.length === 0) return html`${content}`;
  const [of, as] = [plainName(labels[pair.truth]!), plainName(labels[pair.answer]!)];
  const title = isHit(pair) ? `${of}, classified correctly` : `${of}, mistaken for ${as}`;
  return html`<a href="#pair-${pair.truth}-${pair.answer}" title="${title}">${content}</a>`;
}

/**
 * The photos behind every cell, hidden but for the cell that was opened; until one is, the first shows.
 * @param shown paths of the photos that are pictured; the others are listed by name
 * @param back links that lead back to the cells
 */
export function pairPanels(
  pairs: readonly Pair[],
  labels: readonly string[],
  shown: ReadonlySet<string>,
  picture: Picture,
  back: Html,
): readonly Html[] {
  return pairs
    .filter(({ photos }) => photos.length > 0)
    .map((pair, i) => {
      const { truth, answer, photos } = pair;
      const shots = photos.map(({ path, probability }) => ({
        path,
        picture: shown.has(path) ? picture(path) : undefined,
        note: html`${percent(probability, 0)} confident`,
      }));
      const taken = isHit(pair) ? 'classified correctly' : html`mistaken for <strong>${name(labels[answer]!)}</strong>`;
      return html`<section class="pair${i === 0 && ' first'}" id="pair-${truth}-${answer}" tabindex="-1">
<h3><strong>${name(labels[truth]!)}</strong>, ${taken} <small>${plural(photos.length, 'photo')}</small></h3>
${gallery(shots)}
<p class="back">${back}</p></section>`;
    });
}
