/** The report of a one-class training run. */

import { oneClassHeadNamed } from '../heads/oneClass/registry.ts';
import type { OneClassResult } from '../results/oneClassResult.ts';
import { shellWord } from '../results/shellWord.ts';
import { intervalChart } from './charts/interval.ts';
import { scoreHistogram } from './charts/scores.ts';
import { bytes, count, name, pathName, percent, plural, seconds, share } from './format.ts';
import { type Html, html } from './html.ts';
import { page } from './page.ts';
import { flippedPaths, type Picture, pictureFrom } from './pictures.ts';
import { gallery, type Shot } from './sections/gallery.ts';
import { setName } from './sections/headline.ts';
import { oneClassChanges } from './sections/oneClassChanges.ts';
import { leftOutText } from './sections/photos.ts';
import { verdict } from './sections/verdict.ts';

type Judged = OneClassResult['photos'][number];

/** Photos in each gallery. */
const shown = 12;

/** Photos of which pictures are wanted. */
export function oneClassPictures(result: OneClassResult): ReadonlySet<string> {
  const { worst, borderline, missed } = chosen(result);
  const photos = [...worst, ...borderline, ...missed].map(({ path }) => path);
  const flipped = flippedPaths(result.changes?.compared?.flipped ?? []);
  return new Set([...photos, ...flipped, ...result.suspects.slice(0, shown).map(({ path }) => path)]);
}

/** What is shown: the least normal photos, those about the threshold, and abnormal ones that were called normal. */
function chosen({ photos, normal }: OneClassResult) {
  const place = photos.findIndex(({ isNormal }) => isNormal);
  const first = Math.max(0, (place < 0 ? photos.length : place) - shown / 2);
  return {
    worst: photos.slice(0, shown),
    borderline: photos.slice(first, first + shown),
    missed: photos.filter(({ label, isNormal }) => isNormal && label !== normal.label).slice(-shown),
  };
}

/** A photo as WebP bytes, and with its heatmap over it where the head gives one. */
export interface OneClassPictures {
  readonly plain: Uint8Array;
  readonly heated?: Uint8Array | undefined;
}

/**
 * The report of a one-class training run: one HTML file that needs nothing else.
 * @param pictures by photo path
 */
export function oneClassReport(result: OneClassResult, pictures: ReadonlyMap<string, OneClassPictures>): string {
  const { images, version } = result;
  const picture = sideBySide(pictures);
  const { worst, borderline, missed } = chosen(result);
  return page({
    title: `${setName(images.source)}: normal or not, Carafe report`,
    kind: 'training report',
    version,
    body: html`${headline(result)}
${notes(result)}
${threshold(result)}
${kinds(result)}
${result.changes && oneClassChanges(result.changes, plainOf(pictures))}
${photos('worst', 'The least normal', 'The highest scores first, measured from the threshold.', worst, result, picture)}
${photos('borderline', 'On the border', 'The photos nearest to the threshold, on both sides.', borderline, result, picture)}
${missed.length > 0 && photos('missed', 'Abnormal, but called normal', 'The most clearly missed come last.', missed, result, picture)}
${suspects(result, picture)}
${failed(result)}
${facts(result)}`,
  });
}

/** A photo, and beside it the same with its heatmap: what is red hides what is under it. */
function sideBySide(pictures: ReadonlyMap<string, OneClassPictures>): Picture {
  const plain = plainOf(pictures);
  const heats = [...pictures].flatMap(([path, { heated }]) => (heated ? [[path, heated] as const] : []));
  const heated = pictureFrom(new Map(heats));
  return (path) => {
    const own = plain(path);
    return own && html`<span class="twin">${own}${heated(path)}</span>`;
  };
}

function plainOf(pictures: ReadonlyMap<string, OneClassPictures>): Picture {
  return pictureFrom(new Map([...pictures].map(([path, each]) => [path, each.plain])));
}

function headline(result: OneClassResult): Html {
  const { images, normal, evaluation, backbone, head, seconds: spent, files } = result;
  const { detection, falsePositiveRate } = evaluation;
  const figure = detection
    ? html`<p class="big">${percent(1 - detection.falseNegativeRate.value)} <small>of abnormal photos are caught; ${percent(falsePositiveRate.value)} of normal ones are called abnormal by mistake</small></p>
${intervalChart({ value: 1 - detection.falseNegativeRate.value, low: 1 - detection.falseNegativeRate.high, high: 1 - detection.falseNegativeRate.low }, falsePositiveRate.value)}
<p class="soft">An abnormal photo scores higher than a normal one ${percent(detection.auroc.value)} of the time (area under the ROC curve; 95% interval ${percent(detection.auroc.low)} to ${percent(detection.auroc.high)}, 50% is chance).</p>`
    : html`<p class="big">${percent(falsePositiveRate.value)} <small>of normal photos are called abnormal by mistake</small></p>
<p class="soft">95% interval ${percent(falsePositiveRate.low)} to ${percent(falsePositiveRate.high)}. No abnormal photos were given, so it is unknown how many it catches. Put some in folders next to the normal one and add <code>--normal ${normal.label}</code> to measure it.</p>`;
  return html`<header><h1>${name(setName(images.source))}: ${plural(normal.count, 'normal photo')}</h1>
${verdict(result.verdict)}
${figure}
<p>${evaluation.method}</p>
<dl class="facts">
${fact('Made in', seconds(spent.total), html`${plural(images.computed, 'photo')} computed, ${count(images.cached)} cached`)}
${fact('Network', name(backbone.name), html`sees ${backbone.framing === 'crop' ? 'the centre of each photo' : 'the whole photo'}, ${backbone.inputSize.width} × ${backbone.inputSize.height}`)}
${fact('Head', name(head.name), html`trained on normal photos only`)}
${fact('File', bytes(files.classifierBytes), html`with network and threshold`)}
</dl></header>`;
}

function fact(term: string, value: Html | string, note: Html): Html {
  return html`<div><dt>${term}</dt><dd>${value}<small>${note}</small></dd></div>`;
}

function notes({ suspects: found, images, normal, shortcuts = [] }: OneClassResult): Html {
  const items = [
    ...shortcuts.map(({ sentence }) => html`${sentence}`),
    found.length > 0 &&
      html`${plural(found.length, 'photo')} among the normal ones ${found.length === 1 ? 'looks' : 'look'} different. <a href="#suspects">Look at ${found.length === 1 ? 'it' : 'them'}</a>: an abnormal photo left among the normal ones is learned as normal.`,
    normal.groups < normal.count &&
      html`The ${count(normal.count)} normal photos are ${plural(normal.groups, 'separate picture')}: equal and nearly equal ones were kept together.`,
    leftOutText(images) !== '' && leftOutText(images).trim(),
    images.failed.length > 0 &&
      html`${plural(images.failed.length, 'photo')} could not be read. <a href="#failed">See why</a>.`,
  ].filter((item) => item !== false);
  return items.length === 0
    ? html``
    : html`<ul class="notes" aria-label="Worth a look">${items.map((item) => html`<li>${item}</li>`)}</ul>`;
}

function threshold(result: OneClassResult): Html {
  const { threshold: limit, normal, folds } = result;
  const { target, guaranteed } = limit.falsePositiveRate;
  const { withoutSuspects: without } = limit;
  const how =
    folds === 0
      ? html`is the highest score among the photos the head learned from, since there were no others. It guarantees nothing.`
      : html`was set on normal photos only, each scored by a model that had not seen it. About <strong>${share(guaranteed)}</strong> of normal photos will score above it.${guaranteed > target && html` You asked for ${share(target)}, but ${plural(normal.groups, 'separate picture')} cannot guarantee less.`}`;
  return html`<section id="threshold"><h2>The threshold</h2>
<p>Every photo gets a score for how far it is from the normal photos. The threshold of <strong>${figure(limit.value)}</strong> ${how} Move the threshold with <code>--false-positive-rate</code>: a higher value catches more defects but raises more false alarms.</p>
${without !== null && html`<p>A <a href="#suspects">suspicious photo</a> sets this threshold; without the suspects it would be about <strong>${figure(without.value)}</strong>, with ${share(without.guaranteed)} of normal photos above. If they are abnormal, take them out and train again.</p>`}
${alarmTable(result)}
<div class="scroll" tabindex="0" role="region" aria-label="Scores">${scoreHistogram(result)}</div></section>`;
}

/** At so many false alarms, so many abnormal photos are caught. */
function alarmTable({ alarms, threshold: own }: OneClassResult): Html | false {
  if (alarms.length === 0) return false;
  const range = ({ value, low, high }: (typeof alarms)[number]['caught']) =>
    html`${percent(value)} <small class="soft">${percent(low)} to ${percent(high)}</small>`;
  const rows = alarms.map(
    (row) =>
      html`<tr><th scope="row">${share(row.guaranteed)}${row.threshold === own.value && html` <b class="yes">✓</b>`}</th><td>${figure(row.threshold)}</td><td>${range(row.falsePositiveRate)}</td><td>${range(row.caught)}</td></tr>`,
  );
  return html`<p class="soft">What other thresholds would catch, on photos that neither the model nor the threshold had seen. ✓ is the one in the file.</p>
<div class="scroll" tabindex="0" role="region" aria-label="False alarms and what they catch"><table class="plain"><thead><tr><th scope="col">--false-positive-rate</th><th scope="col">threshold</th><th scope="col">false alarms, measured</th><th scope="col">abnormal photos caught</th></tr></thead>
<tbody>${rows}</tbody></table></div>`;
}

function kinds({ evaluation: { detection } }: OneClassResult): Html | undefined {
  if (!detection) return undefined;
  const { auroc, averagePrecision, f1, perKind } = detection;
  const share = ({ value, low, high }: typeof auroc) =>
    html`${percent(value)} <small class="soft">${percent(low)} to ${percent(high)}</small>`;
  const rows = perKind.map(
    (kind) =>
      html`<tr><th scope="row">${name(kind.label)}</th><td>${count(kind.count)}</td><td>${share(kind.auroc)}</td><td>${share({ value: 1 - kind.falseNegativeRate.value, low: 1 - kind.falseNegativeRate.high, high: 1 - kind.falseNegativeRate.low })}</td></tr>`,
  );
  return html`<section id="kinds"><h2>Kind by kind</h2>
<p class="soft">All together: area under the ROC curve ${share(auroc)}, average precision ${share(averagePrecision)}, F1 at the threshold ${share(f1)}.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Kind by kind"><table class="plain"><thead><tr><th scope="col">kind</th><th scope="col">photos</th><th scope="col">ranked above normal (AUROC)</th><th scope="col">caught</th></tr></thead>
<tbody>${rows}</tbody></table></div></section>`;
}

function photos(
  id: string,
  title: string,
  text: string,
  list: readonly Judged[],
  { normal, folds }: OneClassResult,
  picture: Picture,
) {
  const note = ({ label, score, line, isNormal }: Judged) => {
    const mark = isNormal === (label === normal.label) ? html`<b class="yes">✓</b>` : html`<b class="no">✗</b>`;
    return html`${mark} ${name(label)}, score ${figure(score)}, <b>${apart(score, line)}</b> the threshold of ${figure(line)}`;
  };
  const lines = folds > 0 && ' Each score is compared with a threshold computed without that photo.';
  return html`<section id="${id}"><h2>${title}</h2><p class="soft">${text}${lines} ✓ where the answer is right.</p>
${shots(list.map((photo) => ({ path: photo.path, picture: picture(photo.path), note: note(photo) })))}</section>`;
}

/** How far a score lies above or below its line. */
function apart(score: number, line: number): string {
  if (score === line) return 'on';
  return `${figure(Math.abs(score - line), 2)} ${score > line ? 'above' : 'below'}`;
}

/** A score, to so many digits. */
function figure(value: number, digits = 4): string {
  return String(Number(value.toPrecision(digits)));
}

/** Photos large enough for small defects. */
function shots(list: readonly Shot[]): Html {
  return html`<div class="large">${gallery(list)}</div>`;
}

function suspects({ suspects: found }: OneClassResult, picture: Picture): Html | undefined {
  if (found.length === 0) return undefined;
  const list = found.map(({ path, score }) => ({
    path,
    picture: picture(path),
    note: html`score ${figure(score)}`,
  }));
  return html`<section id="suspects"><h2>Suspects among the normal photos</h2>
<p class="soft">These look different from the other normal photos, even to a model trained without the 20% that look least normal. Look at each. Take abnormal ones out and train again; rare but normal ones may stay. Abnormal photos that look alike hide one another, so check the unlisted photos too.</p>
${shots(list)}</section>`;
}

function failed({ images }: OneClassResult): Html | undefined {
  if (images.failed.length === 0) return undefined;
  return html`<section id="failed"><h2>Not read</h2><ul class="names">${images.failed.map(({ path, reason }) => html`<li><span class="path">${pathName(path)}</span> ${reason}</li>`)}</ul></section>`;
}

function facts({ again, backbone, head, seed, version, files }: OneClassResult): Html {
  const settings = Object.entries(head.settings).map(
    ([key, value], i) => html`${i > 0 && ', '}${key} ${String(value)}`,
  );
  return html`<section id="again"><h2>Make it again</h2>${again !== undefined && html`<pre tabindex="0">${again}</pre>`}
<dl class="list"><dt>Carafe</dt><dd>${version}</dd><dt>Network</dt><dd>${name(backbone.name)}${backbone.licence !== undefined && html`, licence ${backbone.licence}`}</dd><dt>Its fingerprint</dt><dd class="path">${backbone.hash}</dd><dt>Head</dt><dd>${name(head.name)} (${settings})</dd><dt>Seed</dt><dd>${seed}</dd></dl>
<h3>Use it</h3><pre tabindex="0">carafe predict ${shellWord(files.classifier)} photos/${oneClassHeadNamed(head.name).needs === 'maps' && ' --heatmaps heatmaps/'}</pre></section>`;
}
