import type { Unknown } from '../../evaluation/unknown.ts';
import { name, percent } from '../format.ts';
import { type Html, html } from '../html.ts';

/**
 * How it tells photos of none of its classes, and how well that works on classes of the user's own.
 * @param kind what photos have: one class, or a label or several
 */
export function unknown({ falseReject, rejected, leaveOneClassOut }: Unknown, kind: 'class' | 'label'): Html {
  const { wanted, promised } = falseReject;
  return html`<section id="unknown"><h2>None of these</h2>
<p>It says <strong>unknown</strong> where a photo lies farther from everything it learned than almost all photos like those it learned from. The limit lets about <strong>${percent(promised)}</strong> of photos like these be called unknown by mistake${promised > wanted && html` (${percent(wanted)} was asked for; so few photos cannot promise less)`}. ${
    rejected !== null &&
    html`Of the photos kept apart, ${percent(rejected.value)} were (95% interval ${percent(rejected.low)} to ${percent(rejected.high)}).`
  }</p>
${leaveOneClassOut.length > 0 && leftOut(leaveOneClassOut, kind)}</section>`;
}

function leftOut(classes: Unknown['leaveOneClassOut'], kind: 'class' | 'label'): Html {
  const rows = classes.map(
    ({ label, auroc, caught }) =>
      html`<tr><th scope="row">${name(label)}</th><td>${auroc.toFixed(2)}</td><td>${percent(caught)}</td></tr>`,
  );
  return html`<p class="soft">Could it tell a ${kind} that it was never shown? Each was left out in turn, with all its photos. The first figure says how often a photo of that ${kind} lies farther from the others than one of theirs does: 1 always, 0.5 is chance. The second says how many of its photos lie beyond the limit, and would be called unknown. What looks much like something that it was shown is hard to tell; things of quite another kind are easier.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Left out in turn"><table class="plain narrow"><thead><tr><th scope="col">${kind} left out</th><th scope="col">told from the others</th><th scope="col">called unknown</th></tr></thead>
<tbody>${rows}</tbody></table></div>`;
}
