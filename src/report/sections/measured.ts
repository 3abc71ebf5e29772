/** How it was measured, and how to make it again. */

import { shellWord } from '../../results/shellWord.ts';
import type { TrainResult } from '../../results/trainResult.ts';
import { name, plural } from '../format.ts';
import { type Html, html } from '../html.ts';

/** How the figures came about, for those who want to rely on them. */
export function measured({
  split,
  evaluation,
  duplicates,
}: Pick<TrainResult, 'split' | 'duplicates'> & {
  readonly evaluation: Pick<TrainResult['evaluation'], 'method' | 'logLoss'>;
}): Html {
  return html`<section id="measured"><h2>How this was measured</h2>
<p>${split.reason}</p>
<p>${split.leaks === 0 && html`Equal and nearly equal photos always stayed on the same side${duplicates.groups.length === 0 && '; there were none here'}. `}Settings and calibration were chosen on the training side only.</p>
<p>How the interval was computed: ${evaluation.method}</p>
<p>${
    split.file === 'measured'
      ? html`The classifier in the file is the one that was tested.`
      : html`The classifier in the file was trained once more, with the same settings, on all ${plural(split.kind === 'folds' ? split.train : split.train + split.test, 'photo')}. The figures on this page are those of the ${split.kind === 'folds' ? 'classifiers' : 'classifier'} tested before that.`
  }</p>
<p class="soft">A stricter figure for comparisons is the log-loss, ${evaluation.logLoss.toFixed(3)}. It also counts how confident the wrong answers were; 0 is perfect.</p></section>`;
}

/** What it takes to get the same file again, and how to use the one there is. */
export function again(result: Pick<TrainResult, 'backbone' | 'head' | 'split' | 'version' | 'again' | 'files'>): Html {
  const { backbone, head, split, version } = result;
  const settings = Object.entries(head.settings);
  return html`<section id="again"><h2>Make it again</h2>
${
  result.again !== undefined &&
  html`<pre tabindex="0">${result.again}</pre>
`
}<p class="soft">The same photos, labels, settings and seed give the same file on the same machine, byte for byte. With <code>--json</code> the command prints every figure on this page.</p>
<dl class="list">
<dt>Carafe</dt><dd>${version}</dd>
<dt>Network</dt><dd>${name(backbone.name)}, ${backbone.inputSize.width} × ${backbone.inputSize.height} pixels, ${seen(backbone)}${backbone.licence !== undefined && html`, licence ${backbone.licence}`}</dd>
<dt>Its fingerprint</dt><dd class="path">${backbone.hash}</dd>
<dt>Head</dt><dd>${name(head.name)}${settings.length > 0 && html` (${settings.map(([key, value], i) => html`${i > 0 && ', '}${key} ${typeof value === 'number' ? Number(value.toPrecision(4)) : String(value)}`)})`}</dd>
<dt>Seed</dt><dd>${split.seed}</dd></dl>
<h3>Use it</h3>
<pre tabindex="0">carafe predict ${shellWord(result.files.classifier)} photo.jpg</pre>
<p class="soft">The file also works in any program that runs ONNX networks: it takes the photo's raw pixels and contains the labels.</p></section>`;
}

function seen({ framing, looks }: TrainResult['backbone']): string {
  const how = { crop: 'the centre of each photo', squash: 'each photo squashed', pad: 'each photo padded' }[framing];
  return looks === 1 ? how : `${how}, ${looks} looks`;
}
