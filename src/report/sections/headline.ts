/** How good, how sure, in short. */

import type { Evaluation } from '../../metrics/evaluation.ts';
import type { TrainResult } from '../../results/trainResult.ts';
import { intervalChart } from '../charts/interval.ts';
import { bytes, count, name, percent, plural, seconds } from '../format.ts';
import { type Html, html } from '../html.ts';
import { type Picture, sampleOf } from '../pictures.ts';
import { verdict } from './verdict.ts';

/** What it is, how good it is and how sure that is, how it was judged, and the facts in short. */
export function headline(result: TrainResult, picture: Picture): Html {
  const { images, classes, evaluation, backbone, head, seconds: spent, files } = result;
  return html`<header><div class="top"><div>
<h1>${name(setName(images.source))}: ${plural(classes.length, 'class', 'classes')}, ${plural(images.found, 'photo')}</h1>
${verdict(result.verdict)}
${accuracy(evaluation)}
<p>${judged(result)}</p></div>
${sample(evaluation, picture)}</div>
<dl class="facts">
${fact('Made in', seconds(spent.total), looked(result))}
${fact('Network', name(backbone.name), html`gives ${count(backbone.width)} numbers per photo`)}
${fact('Last layer', name(head.name), html`trained on those numbers`)}
${fact('Its confidence is off by', `${(evaluation.ece.after * 100).toFixed(1)} points`, ofChance(evaluation.ece))}
${fact('File', bytes(files.classifierBytes), html`with network and labels`)}
</dl></header>`;
}

/** What of the calibration error would be there by chance. */
export function ofChance({ chance }: Evaluation['ece']): Html {
  return chance === undefined
    ? html`on average`
    : html`on average; perfect confidence would show ${(chance * 100).toFixed(1)} by chance`;
}

/** The one figure, large, with its interval drawn. */
export function accuracy({ accuracy: figure, baseline }: Evaluation): Html {
  return html`<p class="big">${percent(figure.value)} <small>of photos it had not seen are classified correctly</small></p>
${intervalChart(figure, baseline.accuracy)}
<p class="soft">On other photos like these, the figure would most likely lie between <strong>${percent(figure.low)}</strong> and <strong>${percent(figure.high)}</strong> (95% interval).</p>`;
}

/** A few photos it was judged on, with its answers. Nothing where there are no pictures. */
function sample({ photos }: Evaluation, picture: Picture): Html | undefined {
  const shots = sampleOf(photos).flatMap(({ path, label, predicted }) => {
    const image = picture(path);
    if (!image) return [];
    const answer = label === predicted ? html`<b class="yes">✓</b>` : html`<b class="no">✗</b>`;
    return [html`<li>${image}<span>${answer} ${name(predicted)}</span></li>`];
  });
  if (shots.length === 0) return undefined;
  return html`<figure class="sample"><ul>${shots}</ul><figcaption>Some of the test photos, and its answers.</figcaption></figure>`;
}

export function looked({ images: { cached, computed }, views }: Pick<TrainResult, 'images' | 'views'>): Html {
  const drawn = views !== undefined && views.computed > 0 && html`, ${plural(views.computed, 'view')} drawn`;
  if (computed === 0) return html`all photos were cached${drawn}`;
  return html`${plural(computed, 'photo')} computed${cached > 0 && html`, ${count(cached)} cached`}${drawn}`;
}

/** Where the photos that it was judged on came from. */
export function judged({
  split,
  evaluation,
}: Pick<TrainResult, 'split'> & { readonly evaluation: { readonly photos: readonly unknown[] } }): Html {
  if (split.kind === 'holdout')
    return html`It learned from ${plural(split.train, 'photo')} and was tested once, at the end, on <strong>${plural(split.test, 'other photo')}</strong> kept apart from the start.`;
  const times = split.repeats > 1 ? html`; all this ${split.repeats} times, each time with fresh parts` : '';
  return html`Every photo was tested with a classifier that had not seen it: the <strong>${plural(evaluation.photos.length, 'photo')}</strong> were divided into ${split.folds} parts, and each part was tested after learning from the other parts only${times}.`;
}

export function fact(term: string, value: Html | string, note: Html): Html {
  return html`<div><dt>${term}</dt><dd>${value}<small>${note}</small></dd></div>`;
}

/** The last part of the source's path: what the user calls the set. */
export function setName(source: string): string {
  const parts = source.split(/[/\\]/).filter((part) => !/^\.*$/.test(part));
  return parts.at(-1) ?? 'Photos';
}
