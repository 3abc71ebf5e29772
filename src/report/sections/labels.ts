/** Several labels a photo: figures, table, mistakes, reliability. */

import type { LabelEvaluation } from '../../metrics/labelEvaluation.ts';
import type { LabelsResult } from '../../results/trainResult.ts';
import { bars } from '../charts/bars.ts';
import { intervalChart } from '../charts/interval.ts';
import { isShaky, reliabilityChart } from '../charts/reliability.ts';
import { bytes, count, name, orDash, pathName, percent, plural, seconds } from '../format.ts';
import { type Html, html } from '../html.ts';
import { maxCards, type Picture } from '../pictures.ts';
import { untested } from './classes.ts';
import { fact, judged, looked, setName } from './headline.ts';
import { verdict } from './verdict.ts';

/** What a classifier of several labels is, how good it is and how sure that is. */
export function labelsHeadline(result: LabelsResult): Html {
  const { images, classes, evaluation, backbone, head, unlabelled = 0, seconds: spent, files } = result;
  const { meanAveragePrecision: figure, baseline, microF1, macroF1, exactMatch } = evaluation;
  const without = unlabelled > 0 && html`; ${plural(unlabelled, 'photo')} ${unlabelled === 1 ? 'has' : 'have'} none`;
  return html`<header>
<h1>${name(setName(images.source))}: ${plural(classes.length, 'label')}, ${plural(images.found, 'photo')}</h1>
${verdict(result.verdict)}
<p class="big">${percent(figure.value)} <small>mean average precision: how well photos with a label rank above those without it</small></p>
${intervalChart(figure, baseline)}
<p class="soft">On other photos like these, the figure would most likely lie between <strong>${percent(figure.low)}</strong> and <strong>${percent(figure.high)}</strong> (95% interval).</p>
<p>A photo may have several labels${without}. Each label is decided separately. ${judged(result)}</p>
<dl class="facts">
${fact('Labels given', percent(microF1.value), html`F1 of all answers; ${percent(microF1.low)} to ${percent(microF1.high)}`)}
${fact('The mean label', percent(macroF1.value), html`F1, with rare labels counting as much; ${percent(macroF1.low)} to ${percent(macroF1.high)}`)}
${fact('All correct', percent(exactMatch.value), html`of the photos have every label right; ${percent(exactMatch.low)} to ${percent(exactMatch.high)}`)}
${fact('Made in', seconds(spent.total), looked(result))}
${fact('Network', name(backbone.name), html`gives ${count(backbone.width)} numbers per photo; each label has its own head, ${name(head.name)}`)}
${fact('File', bytes(files.classifierBytes), html`with network and labels`)}
</dl></header>`;
}

/** Label by label, the weakest first. */
export function labelTable({ perLabel }: LabelEvaluation): Html {
  const weakest = [...perLabel].sort((a, b) => (a.averagePrecision?.value ?? 2) - (b.averagePrecision?.value ?? 2));
  const figure = (of: LabelEvaluation['perLabel'][number]['f1']) =>
    of ? html`${percent(of.value)}<br><small>${percent(of.low, 0)} to ${percent(of.high, 0)}</small>` : '–';
  return html`<section id="labels"><h2>Label by label</h2>
<p class="soft">The weakest first. <strong>Ranked</strong>: average precision. <strong>Found</strong>: the share of photos with this label that were given it. <strong>Right</strong>: the share of times it was given correctly. <strong>Both</strong> combines the two and is low if either is low. A photo is given the label when its probability reaches the <strong>threshold</strong>, which was chosen on training photos.</p>
<div class="${perLabel.length > 20 ? 'scroll tall' : 'scroll'}" tabindex="0" role="region" aria-label="Label by label"><table class="plain"><thead><tr><th scope="col">label</th><th scope="col">ranked<small>average precision</small></th><th scope="col">found<small>recall</small></th><th scope="col">right<small>precision</small></th><th scope="col">both<small>F1</small></th><th scope="col">threshold</th><th scope="col">photos</th></tr></thead>
<tbody>${weakest.map(
    ({ label, averagePrecision, recall, precision, f1, threshold, support }) =>
      html`<tr><th scope="row">${name(label)}</th><td>${figure(averagePrecision)}</td><td>${orDash(recall)}</td><td>${orDash(precision)}</td><td>${figure(f1)}</td><td>${percent(threshold, 0)}</td><td>${count(support)}</td></tr>`,
  )}</tbody></table></div>
${untested(
  perLabel.filter(({ support }) => support === 0).map(({ label }) => label),
  'with',
)}</section>`;
}

/** The surest wrong labels, each photo as a card. */
export function labelMistakes({ mistakes, photos }: LabelEvaluation, picture: Picture): Html {
  const shown = mistakes.slice(0, maxCards);
  const more = mistakes.length - shown.length;
  return html`<section id="mistakes"><h2>The worst mistakes</h2>
${
  mistakes.length === 0
    ? html`<p>There are none: all ${plural(photos.length, 'photo')} were given exactly their labels.</p>`
    : html`<p class="soft">The most confident wrong answers come first. Labels that are missing from the list show up here, so look at each photo before you blame the classifier.</p>
<div class="cards">${shown.map((photo) => card(photo, picture))}</div>
${more > 0 && html`<p class="soft">${plural(more, 'more photo')} ${more === 1 ? 'has' : 'have'} a wrong label; <code>--json</code> lists ${more === 1 ? 'it' : 'them all'}.</p>`}`
}</section>`;
}

function card({ path, missed, extra }: LabelEvaluation['mistakes'][number], picture: Picture): Html {
  const bar = (kind: 'right' | 'wrong') => (one: (typeof missed)[number]) =>
    ({ label: one.label, share: one.probability, figure: percent(one.probability, 0), kind }) as const;
  const list = (labels: typeof missed) => labels.map(({ label }, i) => html`${i > 0 && ', '}<em>${name(label)}</em>`);
  return html`<figure class="card">${picture(path) ?? html`<div class="missing">no small picture</div>`}
<figcaption><p>${missed.length > 0 && html`${list(missed)} missed`}${missed.length > 0 && extra.length > 0 && '; '}${extra.length > 0 && html`${list(extra)} given wrongly`}</p>
${bars([...missed.map(bar('right')), ...extra.map(bar('wrong'))])}<p class="path" title="${path}">${pathName(path)}</p></figcaption></figure>`;
}

/** Whether its probabilities can be believed. */
export function labelReliability({ reliability: bins, ece }: LabelEvaluation): Html {
  const points = (value: number) => html`<strong>${(value * 100).toFixed(1)} points</strong>`;
  return html`<section id="certainty"><h2>When it says 80%, is the label there 80% of the time?</h2>
<div class="two"><div>${reliabilityChart(bins)}</div>
<div><p>On average, the stated probability and the share of photos that have the label differ by ${points(ece.after)}; before calibration, by ${points(ece.before)}${ece.chance !== undefined && html`. Perfect probabilities would differ by ${points(ece.chance)} by chance`}. (Expected calibration error, over all photos and labels.)</p>
${isShaky(bins) && html`<p><strong>These figures are rough.</strong> With so few photos, chance moves the dots.</p>`}
<p class="soft">Each dot stands for an equal number of questions (one photo and one label each), sorted by the stated probability. To calibrate, each label's scores are scaled and shifted by two numbers of its own, chosen on training photos only.</p></div></div></section>`;
}
