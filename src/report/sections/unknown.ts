import type { Unknown } from '../../evaluation/unknown.ts';
import { name, percent } from '../format.ts';
import { type Html, html } from '../html.ts';

/** How it tells photos of none of its classes, and how well that works on classes of the user's own. */
export function unknown({ falseReject, rejected, leaveOneClassOut }: Unknown): Html {
  const { wanted, promised } = falseReject;
  return html`<section id="unknown"><h2>None of these</h2>
<p>It says <strong>unknown</strong> where a photo lies farther from everything it learned than almost all photos of its classes. The limit lets about <strong>${percent(promised)}</strong> of photos of known classes be called unknown by mistake${promised > wanted && html` (${percent(wanted)} was asked for; so few photos cannot promise less)`}. ${
    rejected !== null &&
    html`Of the photos kept apart, ${percent(rejected.value)} were (95% interval ${percent(rejected.low)} to ${percent(rejected.high)}).`
  }</p>
${leaveOneClassOut.length > 0 && leftOut(leaveOneClassOut)}</section>`;
}

function leftOut(classes: Unknown['leaveOneClassOut']): Html {
  const rows = classes.map(
    ({ label, auroc }) => html`<tr><th scope="row">${name(label)}</th><td>${auroc.toFixed(2)}</td></tr>`,
  );
  return html`<p class="soft">Could it tell a class that it was never shown? Each class was left out in turn. The figure says how often a photo of that class lies farther from the others than one of theirs does: 1 always, 0.5 is chance. Classes that look much like another one are hard to tell; things of quite another kind are easier.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Classes left out in turn"><table class="plain narrow"><thead><tr><th scope="col">class left out</th><th scope="col">told from the others</th></tr></thead>
<tbody>${rows}</tbody></table></div>`;
}
