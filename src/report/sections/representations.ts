/** How photos are seen and read: what was compared, what was taken, and what it gained. */

import type { AnyTrainResult, ChosenRepresentation, Gain } from '../../results/trainResult.ts';
import { count, percent, plural, points, seconds, times } from '../format.ts';
import { type Html, html } from '../html.ts';

const words = {
  framing: {
    title: 'How much of each photo?',
    what: 'What of a photo the network sees: its centre (crop), or the whole photo stretched to a square (squash). Both were compared',
    names: 'framing',
  },
  depths: {
    title: 'How deep into the network?',
    what: 'What of the network is read: its last features (last), or those and the maps of several depths (all). Both were compared',
    names: 'depths',
  },
} as const;

/** Each choice of how photos are seen or read, and what several looks did. */
export function representations({ representations: all = [], looks, split }: AnyTrainResult): Html {
  return html`${all.map((one) => choice(one, split.kind === 'folds'))}${looks && looked(looks)}`;
}

function choice(
  { kind, chosen, photos, candidates, inParts, gain, cost }: ChosenRepresentation,
  isByFolds: boolean,
): Html {
  const { title, what, names } = words[kind];
  const [usual] = candidates;
  const said =
    chosen === usual.name
      ? html`Carafe kept <strong>${chosen}</strong>: nothing else was clearly better.`
      : html`Carafe chose <strong>${chosen}</strong> instead of ${usual.name}. ${gain && gained(gain, html`${usual.name}`)}`;
  return html`<section id="${kind}"><h2>${title}</h2>
<p>${what} on ${plural(photos, 'training photo')}, by cross-validation on the same folds. ${said}</p>
<div class="scroll" tabindex="0" role="region" aria-label="${title}"><table class="plain"><thead><tr><th scope="col">${names}</th><th scope="col">log-loss</th><th scope="col">accuracy</th><th scope="col">95% interval</th><th scope="col">compared with ${usual.name}</th><th scope="col">95% interval</th></tr></thead>
<tbody>${candidates.map(({ name, logLoss, accuracy, difference }) => html`<tr><th scope="row">${name}${name === chosen && html` <b class="yes">✓</b>`}</th><td>${logLoss.toFixed(3)}</td><td>${percent(accuracy.value)}</td><td>${percent(accuracy.low)} to ${percent(accuracy.high)}</td>${name === usual.name ? html`<td></td><td></td>` : html`<td>${points(difference.value)}</td><td>${points(difference.low)} to ${points(difference.high)}</td>`}</tr>`)}</tbody></table></div>
<p class="soft">The log-loss decides, and another than ${usual.name} must be clearly better. These figures are for choosing. The figure at the top comes from photos that took no part in the choice${isByFolds && html`: each fold was tested with a choice made without it (${inParts.map((part, i) => html`${i > 0 && ', '}${part.name} ${times(part.parts)}`)})`}.${cost && html` Choosing, and looking again where another was taken, cost ${seconds(cost.seconds)} (${plural(cost.computed, 'look')} at a photo computed, ${count(cost.cached)} cached).`}</p></section>`;
}

function looked(looks: NonNullable<AnyTrainResult['looks']>): Html {
  const seen =
    looks.count === 2
      ? 'the photo and its mirror image'
      : 'the photo, its mirror image, another framing, and a close-up of the centre';
  return html`<section id="looks"><h2>What did ${count(looks.count)} looks gain?</h2>
<p>The features of each photo are the mean over ${count(looks.count)} looks: ${seen}. ${gained(looks, html`a single look`)}</p>
<p class="soft">They cost ${seconds(looks.seconds)} of feature extraction (${count(looks.computed)} computed, ${count(looks.cached)} cached). Every prediction takes ${count(looks.count)} times as long.</p></section>`;
}

/** What was gained on photos that had no say. */
function gained({ metric, gain, verdict }: Gain, over: Html): Html {
  const said = {
    better: html`That helped: ${metric} rose by`,
    worse: html`That did harm: ${metric} changed by`,
    tie: html`No difference can be measured: ${metric} changed by`,
  }[verdict];
  const same = gain.low === 0 && gain.high === 0;
  return html`${said} <strong>${points(gain.value)}</strong> (${same ? 'nothing changed for any photo' : `95% interval ${points(gain.low)} to ${points(gain.high)}`}), compared with ${over} on the same test photos.`;
}
