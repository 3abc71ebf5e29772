/** Photos of none of the classes. */

import type { Unknown } from '../../evaluation/unknown.ts';
import { enoughFor } from '../../metrics/tailThreshold.ts';
import { count, name, percent } from '../format.ts';
import { type Html, html } from '../html.ts';

/**
 * How it tells photos of none of its classes, and how well that works on classes of the user's own.
 * @param kind what photos have: one class, or a label or several
 */
export function unknown({ falsePositiveRate, rejected, leaveOneClassOut }: Unknown, kind: 'class' | 'label'): Html {
  const { target, guaranteed, estimated } = falsePositiveRate;
  return html`<section id="unknown"><h2>None of these</h2>
<p>A photo is called <strong>unknown</strong> if it differs from everything the classifier learned more than almost all photos of its classes do. About <strong>${percent(guaranteed)}</strong> of photos like these are called unknown by mistake${guaranteed > target && html` (you asked for ${percent(target)}, but so few photos cannot guarantee less)`}. ${
    rejected !== null &&
    html`Of the held-out photos, ${percent(rejected.value)} were (95% interval ${percent(rejected.low)} to ${percent(rejected.high)}).`
  }</p>
${estimated && html`<p>So few photos do not show where this limit lies, so it is estimated, and photos of other things may well be missed. More photos of all the kinds you will show it improve the limit; from about ${count(enoughFor(target))} on, it is measured.</p>`}
${leaveOneClassOut.length > 0 && leftOut(leaveOneClassOut, kind)}</section>`;
}

function leftOut(classes: Unknown['leaveOneClassOut'], kind: 'class' | 'label'): Html {
  const rows = classes.map(
    ({ label, auroc, caught }) =>
      html`<tr><th scope="row">${name(label)}</th><td>${auroc.toFixed(2)}</td><td>${percent(caught)}</td></tr>`,
  );
  return html`<p class="soft">Would it notice a ${kind} it has never seen? Each was left out in turn, with all its photos. The first figure is how well the left-out ${kind} is separated from the rest (1 = perfectly, 0.5 = by chance). The second is the share of its photos that would be called unknown, by a limit set on what was left.${classes.length === 2 && html` With two, only one was left to learn from, so these figures say little about the file, which knows both.`} Look-alikes are hard to notice; quite different things are easier.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Left out in turn"><table class="plain narrow"><thead><tr><th scope="col">${kind} left out</th><th scope="col">separated from the rest</th><th scope="col">called unknown</th></tr></thead>
<tbody>${rows}</tbody></table></div>`;
}
