/** Whether more photos would help. */

import type { LearningCurve } from '../../evaluation/learningCurve.ts';
import type { Interval } from '../../metrics/evaluation.ts';
import { gainWords } from '../../metrics/powerLaw.ts';
import { learningCurveChart } from '../charts/learningCurve.ts';
import { count, decimal, points } from '../format.ts';
import { type Html, html } from '../html.ts';

/** Whether more photos would help: the metric against the number of training photos, and what that promises. */
export function learningCurve(curve: LearningCurve, head: string): Html {
  const figure = curve.metric;
  const { photos, gain } = curve.expected;
  return html`<section id="more"><h2>Would more photos help?</h2>
<div class="two"><div>${learningCurveChart(curve)}</div>
<div><p>${gain === null ? 'The test found no mistakes, so it cannot show what more photos would gain.' : expectation(figure, photos, gain)}</p>
<p class="soft">The classifier was trained repeatedly on ever larger random parts of the photos and tested on held-out photos. A dot is the mean; its line reaches from the lowest to the highest result. The estimate for twice as many photos extends the curve; it assumes photos like these, and new kinds of photos may help more.${curve.head !== head && html` (Measured with the head ${curve.head}, which is quicker to train.)`}</p></div></div></section>`;
}

/** What twice as many photos would bring. */
function expectation(figure: string, photos: number, gain: Interval): Html {
  const between = html`by <strong>${decimal(100 * gain.low)} to ${points(gain.high)}</strong> (95% interval)`;
  const twice = html`with ${count(photos)} photos, twice as many, ${figure} would rise`;
  return {
    hardly: html`Probably not: ${twice} ${between}.`,
    rises: html`${gain.value >= 0.02 ? 'Yes' : 'A little'}: ${twice} by about <strong>${points(gain.value)}</strong> (95% interval ${decimal(100 * gain.low)} to ${decimal(100 * gain.high)}).`,
    untold: html`So few photos cannot show that: ${twice} ${between}.`,
  }[gainWords(gain)];
}
