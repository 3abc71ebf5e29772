/** Whether its confidence can be believed. */

import type { Evaluation } from '../../metrics/evaluation.ts';
import { isShaky, reliabilityChart } from '../charts/reliability.ts';
import { count, percent, plural } from '../format.ts';
import { type Html, html } from '../html.ts';

/** Whether its confidence can be believed: the reliability curve, in words and in figures too. */
export function reliability({ reliability: bins, ece, temperature, bias }: Evaluation): Html {
  return html`<section id="certainty"><h2>When it says 80%, is it right 80% of the time?</h2>
<div class="two"><div>${reliabilityChart(bins)}</div>
<div><p>${verdict(ece)}</p>
${isShaky(bins) && html`<p><strong>These figures are rough.</strong> A dot stands for only about ${plural(bins.after[0]!.count, 'photo')}, so chance moves the dots and exaggerates the difference.</p>`}
<p class="soft">Each dot stands for an equal number of photos, sorted by confidence. On the dotted line, confidence matches accuracy; below it, the classifier is overconfident. To calibrate, its scores are divided by one number (the temperature, here ${temperature.toFixed(2)}), chosen on training photos only. ${bias ? 'Each class also has its own number that is added to its score, since that measured better on held-out training photos; in close calls, this may change which class it names.' : 'This changes its confidence, never which class it names.'}</p>
<details><summary>The figures behind the dots</summary><div class="scroll"><table class="plain"><thead><tr><th scope="col">photos</th><th scope="col">confidence, calibrated</th><th scope="col">right</th></tr></thead>
<tbody>${bins.after.map((bin) => html`<tr><td>${count(bin.count)}</td><td>${percent(bin.confidence)}</td><td>${percent(bin.accuracy)}</td></tr>`)}</tbody></table></div></details></div></div></section>`;
}

/** The expected calibration error, before and after, in words. */
function verdict({ before, after, chance }: Evaluation['ece']): Html {
  const points = (value: number) => html`<strong>${(value * 100).toFixed(1)} points</strong>`;
  const start = html`On average, its confidence and its accuracy differ by ${points(after)}${chance !== undefined && html` (on as many photos, perfect confidence would show ${points(chance)} by chance)`}`;
  if (after < before) return html`${start}; before calibration it was ${points(before)}. (Expected calibration error.)`;
  return html`${start}; it was ${points(before)} before calibration, which did not help here. (Expected calibration error.)`;
}
