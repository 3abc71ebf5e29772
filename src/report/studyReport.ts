/** The page of the study. */

import type { StudyResult } from '../results/studyResult.ts';
import { planeChart, planePhotos } from './charts/plane.ts';
import { accuracyChart, bytesChart } from './charts/widths.ts';
import { bytes, count, decimal, name, pathName, percent, plural, points as pointsOf, seconds } from './format.ts';
import { type Html, html } from './html.ts';
import { page } from './page.ts';
import { dataAddress } from './pictures.ts';
import { enoughText, kindNames } from './studyWords.ts';

/** The photos of which `studyReport` wants thumbnails. */
export function picturedOf({ plane }: StudyResult): string[] {
  return planePhotos(plane).map(({ path }) => path);
}

/** The bottleneck study on one page. */
export function studyReport(result: StudyResult, thumbnails: ReadonlyMap<string, Uint8Array>): string {
  const { images, version } = result;
  const addresses = new Map(Array.from(thumbnails, ([path, data]) => [path, dataAddress(data)]));
  return page({
    title: `${images.source}: how narrow may the bottleneck be? Carafe`,
    kind: 'bottleneck study',
    version,
    body: html`${headline(result)}
${result.points.length > 0 && measuredParts(result)}
<section id="plane"><h2>What two numbers can still distinguish</h2>
<p class="soft">Each photo is placed by the first two principal components of its features, the widest two-dimensional view of them. Classes that are mixed here need more numbers to be distinguished.</p>
${wide('The photos in two numbers', planeChart(result, addresses))}</section>
${portrait(result)}
${method(result)}`,
  });
}

function headline({ sentence, answers, backbone, images, seconds: took, notes }: StudyResult): Html {
  const answer = answers.find(({ kind }) => kind === 'pca');
  return html`<header><h1>How narrow may the bottleneck be? ${pathName(images.source)}</h1>
<p class="big">${answer && answer.width !== null ? html`${count(answer.width)} <small>of ${count(backbone.width)} numbers are enough</small>` : html`– <small>${answer ? 'so few photos cannot show it' : 'cannot be measured'}</small>`}</p>
<p>${sentence}</p>
<dl class="facts"><div><dt>Network</dt><dd>${name(backbone.name)}<small>gives ${count(backbone.width)} numbers per photo</small></dd></div>
<div><dt>Photos</dt><dd>${count(images.found - images.failed.length)}<small>${count(images.cached)} cached</small></dd></div>
<div><dt>Studied in</dt><dd>${seconds(took.study)}<small>and ${seconds(took.extraction)} of feature extraction</small></dd></div></dl>
${notes.length > 0 && html`<ul class="notes">${notes.map((note) => html`<li>${note}</li>`)}</ul>`}</header>`;
}

function measuredParts(result: StudyResult): Html {
  return html`<section id="widths"><h2>Accuracy against width</h2>
<p class="soft">The features are squeezed through a layer of few units, and the last layer sees only what comes out. Principal components are the directions along which the photos differ most; random directions are the control; trained bottlenecks learn what to keep. The band and the vertical lines are 95% intervals; the kinds are drawn slightly apart so that they do not overlap.</p>
${wide('Accuracy against width', accuracyChart(result))}
${answersTable(result)}</section>
<section id="bytes"><h2>Accuracy against bytes</h2>
<p class="soft">What a photo's features cost in storage: fewer numbers, or fewer bits for each. One bit says only whether a number is above its median.</p>
${wide('Accuracy against bytes', bytesChart(result))}</section>
<section id="figures"><h2>All figures</h2>${table(result)}</section>`;
}

/** A chart whose words can be read on a phone: there it is wider than the page, and moves. */
function wide(label: string, chart: Html): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${label}">${chart}</div>`;
}

function answersTable({ answers, backbone }: StudyResult): Html {
  const rows = answers.map(
    ({ kind, verdict, width, accuracy, compared, collapsed }) =>
      html`<tr><th scope="row">${kindNames[kind] ?? kind}</th><td class="words">${enoughText({ verdict, width }, backbone.width)}</td><td>${accuracy === null ? '–' : percent(accuracy)}</td><td>${count(compared.width)}</td><td>${pointsOf(compared.difference.value)}</td><td>${pointsOf(compared.difference.low)} to ${pointsOf(compared.difference.high)}</td><td class="words">${collapsed ? `${percent(collapsed.accuracy)} at ${count(collapsed.width)}` : 'nowhere'}</td></tr>`,
  );
  return html`<div class="scroll" tabindex="0" role="region" aria-label="How narrow each kind may be"><table class="plain"><thead><tr><th scope="col">kind</th><th scope="col" class="words">enough</th><th scope="col">accuracy there</th><th scope="col">width compared</th><th scope="col">compared with all</th><th scope="col">95% interval</th><th scope="col" class="words">falls by more than ten points</th></tr></thead><tbody>${rows}</tbody></table></div>
<p class="soft">Enough is the smallest width that loses no more than ${pointsOf(answers[0]?.margin ?? 0)} and is not measurably worse than all units in a paired test on the same folds. That width is compared with all units; if only all units are enough, or nothing is, the widest one measured below them is. The interval of the difference is paired, and no narrower than so few photos allow. More units cannot hold less information, so where accuracy falls as width grows, neighbouring widths are averaged before their loss is computed.</p>`;
}

function table({ points }: StudyResult): Html {
  const rows = points.map(
    ({ kind, width, precision, rounds, accuracy, logLoss, difference, parameters, macs, bytes: size, latency }) =>
      html`<tr><th scope="row">${kindNames[kind] ?? kind}</th><td>${count(width)}</td><td>${precision}</td><td>${rounds}</td><td>${percent(accuracy.value)}</td><td>${percent(accuracy.low)} to ${percent(accuracy.high)}</td><td>${pointsOf(difference.value)}</td><td>${logLoss.value.toFixed(3)}</td><td>${count(parameters)}</td><td>${count(macs)}</td><td>${bytes(size)}</td><td>${latency === null ? '–' : `${(1000 * latency).toFixed(0)} µs`}</td></tr>`,
  );
  return html`<div class="scroll tall" tabindex="0" role="region" aria-label="All figures"><table class="plain"><thead><tr>${['kind', 'width', 'kept as', 'rounds', 'accuracy', '95% interval', 'compared with all', 'log-loss', 'parameters', 'MACs', 'stored', 'time'].map((column) => html`<th scope="col">${column}</th>`)}</tr></thead><tbody>${rows}</tbody></table></div>`;
}

function portrait({ portrait: held, backbone, separability }: StudyResult): Html {
  const { participationRatio, explained, silent, redundant, medianCorrelation, leaning } = held;
  const shown = explained.filter(({ components }) => [1, 2, 8, 32, 128].includes(components));
  return html`<section id="portrait"><h2>What the features hold</h2>
<dl class="facts"><div><dt>Effective dimension</dt><dd>${participationRatio.toFixed(1)}<small>of ${count(backbone.width)}: as many independent, equally strong directions would carry the same variation (participation ratio)</small></dd></div>
<div><dt>Redundant</dt><dd>${redundant === null || medianCorrelation === null ? html`–<small>with so few photos, unrelated units correlate by chance</small>` : html`${count(redundant)}<small>units correlate with another unit by more than 0.9; the median is ${decimal(medianCorrelation, 2)}</small>`}</dd></div>
<div><dt>Silent</dt><dd>${count(silent)}<small>units never change on these photos</small></dd></div>
${leaning && html`<div><dt>Half the decision</dt><dd>${count(leaning.half)}<small>units account for it; the heaviest, unit ${leaning.units[0]?.unit ?? 0}, for ${percent(leaning.units[0]?.share ?? 0)}</small></dd></div>`}</dl>
<p>Of all variation between the photos, ${shown.map(({ components, share }, i) => html`${i > 0 && ', '}${percent(share, 0)} lies along ${components === 1 ? 'one direction' : html`${count(components)} directions`}`)}.</p>
${separability.length > 0 && html`<h3>How well each class is separated from the others</h3><div class="counts"><ul class="bars">${separability.map(({ label, auroc }) => html`<li class="plain"><span>${name(label)}</span><i style="--share:${Math.round(Math.max(0, 2 * auroc - 1) * 1000) / 1000}"></i><b>${auroc.toFixed(3)}</b></li>`)}</ul></div><p class="soft">Area under the ROC curve with all units: 1 = perfectly, 0.5 = by chance.</p>`}</section>`;
}

function method({ folds, points, seed, images, classes }: StudyResult): Html {
  return html`<section id="method"><h2>How this was measured</h2>
<p>${folds ? html`${folds.reason} All widths, kinds and precisions were tested on the same folds${points.some(({ rounds }) => rounds < folds.repeats) && ' (trained bottlenecks only on those of the first rounds)'}; equal and nearly equal photos stayed on one side. Settings were chosen inside each training part.` : html`With one class there is nothing to distinguish.`}</p>
<p class="soft">${plural(images.found - images.failed.length, 'photo')} of ${plural(classes.length, 'class', 'classes')}, seed ${seed}. Principal components were found without labels, on all photos.</p></section>`;
}
