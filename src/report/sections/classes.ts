/** Class by class. */

import type { Evaluation } from '../../metrics/evaluation.ts';
import { count, enumerate, name, orDash } from '../format.ts';
import { type Html, html } from '../html.ts';
import { isHit, type Pair, pairsOf } from '../pairs.ts';
import { wholeMatrix } from './confusion.ts';
import { pairLink } from './pairs.ts';

/** Class by class, the weakest first; where the matrix is not drawn whole, also what each class was mistaken for. */
export function classes(evaluation: Evaluation): Html {
  const { perClass, confusion } = evaluation;
  const many = confusion.labels.length > wholeMatrix;
  const pairs = new Map<number, Pair[]>();
  for (const pair of many ? pairsOf(evaluation) : []) pairs.set(pair.truth, [...(pairs.get(pair.truth) ?? []), pair]);
  const places = new Map(confusion.labels.map((label, place) => [label, place]));
  const weakest = [...perClass].sort((a, b) => (a.f1 ?? 2) - (b.f1 ?? 2));
  const rows = weakest.map(({ label, precision, recall, f1, support }) => {
    const place = places.get(label) ?? -1;
    return html`<tr id="class-${place}"><th scope="row">${name(label)}</th><td>${orDash(recall)}</td><td>${orDash(precision)}</td><td>${orDash(f1)}</td><td>${count(support)}</td>${many && html`<td class="taken">${takenFor(pairs.get(place) ?? [], confusion.labels)}</td>`}</tr>`;
  });
  return html`<section id="classes"><h2>Class by class</h2>
<p class="soft">The weakest first. <strong>Found</strong>: the share of this class's photos that were recognised. <strong>Right</strong>: the share of answers with this name that were right. <strong>Both</strong> combines the two and is low if either is low.</p>
<div class="${many ? 'scroll tall' : 'scroll'}" tabindex="0" role="region" aria-label="Class by class"><table class="plain"><thead><tr><th scope="col">class</th><th scope="col">found<small>recall</small></th><th scope="col">right<small>precision</small></th><th scope="col">both<small>F1</small></th><th scope="col">photos</th>${many && html`<th scope="col" class="taken">classified as</th>`}</tr></thead>
<tbody>${rows}</tbody></table></div>
${untested(
  perClass.filter(({ support }) => support === 0).map(({ label }) => label),
  'of',
)}</section>`;
}

/** Names the classes, or labels, that no judged photo shows. */
export function untested(labels: readonly string[], what: 'of' | 'with'): Html | false {
  if (labels.length === 0) return false;
  return html`<p class="soft">No photo ${what} ${enumerate(labels.map(name))} was tested, so nothing can be said about ${labels.length === 1 ? 'it' : 'them'}.</p>`;
}

function takenFor(pairs: readonly Pair[], labels: readonly string[]): readonly Html[] {
  return pairs
    .toSorted((a, b) => b.count - a.count)
    .map(
      (pair, i) =>
        html`${i > 0 && ', '}${pairLink(pair, labels, html`${isHit(pair) ? 'correct' : name(labels[pair.answer]!)} (${count(pair.count)})`)}`,
    );
}
