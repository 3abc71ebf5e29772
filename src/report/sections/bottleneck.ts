/** Which bottlenecks were compared, and which was taken. */

import type { BottleneckWidths } from '../../evaluation/choices.ts';
import { count, percent, points, times } from '../format.ts';
import { type Html, html } from '../html.ts';

/** How narrow the layer before the head may be: the widths that were compared, and which was taken. */
export function bottleneck({ chosen, margin, widths, inParts }: BottleneckWidths, isByFolds: boolean): Html {
  const all = widths[widths.length - 1].width;
  const said =
    chosen === null
      ? html`Carafe chose no bottleneck: each loses more than ${points(margin)} or is measurably worse than all ${count(all)} features.`
      : html`Carafe chose <strong>${count(chosen)}</strong> numbers instead of ${count(all)}, the fewest that lose no more than ${points(margin)} and are not measurably worse.`;
  return html`<section id="bottleneck"><h2>How narrow a bottleneck?</h2>
<p>Principal components before the head, compared on the training photos, by cross-validation on the same folds. ${said}</p>
<div class="scroll" tabindex="0" role="region" aria-label="Widths"><table class="plain"><thead><tr><th scope="col">numbers</th><th scope="col">accuracy</th><th scope="col">95% interval</th><th scope="col">compared with all features</th><th scope="col">95% interval</th></tr></thead>
<tbody>${widths.map(({ width, accuracy, difference }) => html`<tr><th scope="row">${count(width)}${width === (chosen ?? all) && html` <b class="yes">✓</b>`}</th><td>${percent(accuracy.value)}</td><td>${percent(accuracy.low)} to ${percent(accuracy.high)}</td><td>${points(difference.value)}</td><td>${points(difference.low)} to ${points(difference.high)}</td></tr>`)}</tbody></table></div>
<p class="soft">These figures are for choosing. The figure at the top comes from photos that took no part in the choice${isByFolds && html`: each fold was tested with a width chosen without it (${inParts.map((part, i) => html`${i > 0 && ', '}${count(part.width ?? all)} ${times(part.parts)}`)})`}. <code>carafe study</code> measures more of what compressing costs.</p></section>`;
}
