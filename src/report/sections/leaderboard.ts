/** Which heads were compared, and how they did. */

import type { Leaderboard } from '../../evaluation/choices.ts';
import { name, percent, points, seconds, times } from '../format.ts';
import { type Html, html } from '../html.ts';

const verdicts = { best: 'the best', tie: 'a tie with the best', worse: 'worse than the best' } as const;

/** Which heads were compared, how they did, and which was taken. */
export function leaderboard({ chosen, budget, heads, leftOut, inParts }: Leaderboard, isByFolds: boolean): Html {
  return html`<section id="heads"><h2>Which head?</h2>
<p>${heads.length} ${heads.length === 1 ? 'kind of head was' : 'kinds of heads were'} compared on the training photos, by cross-validation on the same folds${budget !== null && ` within ${seconds(budget)}`}. Carafe chose <strong>${name(chosen)}</strong>, the simplest one whose log-loss is at most half a standard error above the lowest.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Heads"><table class="plain"><thead><tr><th scope="col">head, the simplest first</th><th scope="col">log-loss</th><th scope="col">accuracy</th><th scope="col">95% interval</th><th scope="col">compared with the best</th><th scope="col">verdict</th><th scope="col">took</th></tr></thead>
<tbody>${heads.map((head) => html`<tr><th scope="row">${name(head.name)}${head.name === chosen && html` <b class="yes">✓</b>`}</th><td>${head.logLoss.toFixed(3)}</td><td>${percent(head.accuracy.value)}</td><td>${percent(head.accuracy.low)} to ${percent(head.accuracy.high)}</td><td>${points(head.difference.value)}</td><td class="taken">${verdicts[head.verdict]}</td><td>${seconds(head.seconds)}</td></tr>`)}</tbody></table></div>
${leftOut.length > 0 && html`<p class="soft">Left out: ${leftOut.map(({ name: head, reason }, i) => html`${i > 0 && '; '}${name(head)}, since ${reason}`)}.</p>`}
<p class="soft">These figures are for choosing. The figure at the top comes from photos that took no part in the choice${isByFolds && html`: each fold was tested with a head chosen without it (${inParts.map((part, i) => html`${i > 0 && ', '}${name(part.name)} ${times(part.parts)}`)})`}.</p></section>`;
}
