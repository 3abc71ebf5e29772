/** What to photograph next. */

import { type ClassGains, gainOrder } from '../../evaluation/classGains.ts';
import { count, decimal, enumerate, name, plural, points } from '../format.ts';
import { type Html, html } from '../html.ts';

/** Classes that are named when they were not measured. */
const mostNamed = 12;

/** What ten more photos of each class would gain, and which mistake they would mend. */
export function morePhotos(gains: ClassGains): Html {
  const { photos, classes, left } = gains;
  const rows = classes.map(
    ({ label, now, gain, mends }) =>
      html`<tr><th scope="row">${name(label)}</th><td>${count(Math.round(now))}</td><td>${decimal(100 * gain.value)}</td><td>${decimal(100 * gain.low)} to ${decimal(100 * gain.high)}</td><td class="words">${mends ? html`${name(mends.label)} mistaken for ${name(mends.takenFor)}` : '–'}</td></tr>`,
  );
  return html`<section id="next"><h2>What to photograph next</h2>
<p>${said(gains)}</p>
<div class="scroll" tabindex="0" role="region" aria-label="What to photograph next"><table class="plain"><thead><tr><th scope="col">class</th><th scope="col">photos in training</th><th scope="col">gain<small>points</small></th><th scope="col">95% interval</th><th scope="col" class="words">would mend most</th></tr></thead>
<tbody>${rows}</tbody></table></div>
<p class="soft">The gain is what ${photos} more photos of the class would add to the accuracy over all classes, in points. For each class, the classifier was trained again without half of its photos. What that cost on held-out photos says, by the rate at which errors usually fall, what ${photos} more would gain. It assumes photos like these, and that each class counts in training as much as before.${left.length > 0 && html` Not measured, since they have too few separate photos or make fewer mistakes than these: ${left.length <= mostNamed ? enumerate(left.map(name)) : plural(left.length, 'class', 'classes')}.`}</p></section>`;
}

/** The class to photograph first, where one stands out. */
function said(gains: ClassGains): Html {
  const { photos, classes } = gains;
  const { best, most } = gainOrder(gains);
  if (!best)
    return html`No class stands out: ${photos} more photos of one class would gain at most <strong>${points(most)}</strong>.`;
  const { label, gain, mends } = best;
  return html`${classes.length > 1 && 'First of all '}${name(label)}: ${photos} more photos would gain about <strong>${points(gain.value)}</strong> (95% interval ${points(gain.low)} to ${points(gain.high)})${mends !== null && html`, most of all where ${name(mends.label)} is mistaken for ${name(mends.takenFor)}`}.`;
}
