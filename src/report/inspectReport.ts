/** The page of a network. */

import type { InspectResult } from '../results/inspectResult.ts';
import { depthChart } from './charts/depth.ts';
import { bytes, count, name, pathName, plural } from './format.ts';
import { type Html, html } from './html.ts';
import { page } from './page.ts';

/** A network on one page: its width along the depth, its bottlenecks and what they save, where it is cut, its layers. */
export function inspectReport(result: InspectResult): string {
  const title = fileName(result.file);
  return page({
    title: `${title}: layers and bottlenecks, Carafe`,
    kind: 'network page',
    version: result.version,
    body: html`${headline(result, title)}
<section id="depth"><h2>Width along the depth</h2>
<p class="soft">A bar for each layer that mixes channels, as tall as its number of outputs (on a square-root scale). <b class="no">Bottlenecks</b> are layers with fewer outputs than their neighbours. Layers after the cut are only outlined. Point at a bar to read it.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Width along the depth">${depthChart(result.layers)}</div></section>
${bottlenecks(result)}
${cut(result)}
${layers(result)}`,
  });
}

function fileName(file: string): string {
  return file.split(/[/\\]/).at(-1) || file;
}

function headline(
  { totals, inputSize, opset, producer, bottlenecks: narrow, cut: cutting, ...file }: InspectResult,
  title: string,
): Html {
  const [width, note] = cutting
    ? [count(cutting.chosen.width), html`numbers per photo, at the cut`]
    : ['–', html`no cut was found`];
  return html`<header><h1>${name(title)}</h1>
<p class="big">${millions(totals.parameters)} <small>parameters in ${plural(totals.layers, 'layer')}, and ${millions(totals.macs)} multiply-adds for one photo of ${inputSize.width} by ${inputSize.height} pixels</small></p>
<dl class="facts">
${fact('Features', width, note)}
${fact('Bottlenecks', count(narrow.length), html`layers narrower than both neighbours`)}
${fact('File', bytes(file.bytes), html`operator set ${opset}, IR version ${file.irVersion}`)}
${fact('Made by', name(producer || '–'), html`according to the file`)}
</dl>
<p class="path">${pathName(file.file)}</p></header>`;
}

function fact(term: string, value: Html | string, note: Html): Html {
  return html`<div><dt>${term}</dt><dd>${value}<small>${note}</small></dd></div>`;
}

/** `25.5 million`, `4.09 billion` */
function millions(value: number): string {
  if (value < 1e6) return count(value);
  const [scaled, unit] = value < 1e9 ? [value / 1e6, 'million'] : [value / 1e9, 'billion'];
  return `${scaled.toPrecision(3)} ${unit}`;
}

function bottlenecks({ bottlenecks: narrow }: InspectResult): Html {
  if (narrow.length === 0)
    return html`<section id="bottlenecks"><h2>Bottlenecks</h2><p>This network has none: no 1x1 convolution or dense layer has fewer outputs than both its neighbours.</p></section>`;
  const saved = narrow.reduce(
    (sum, { saves }) => ({ parameters: sum.parameters + saves.parameters, macs: sum.macs + saves.macs }),
    { parameters: 0, macs: 0 },
  );
  const rows = narrow.map(
    ({ name: layer, before, width, after, saves }) =>
      html`<tr><th scope="row">${name(layer)}</th><td>${count(before)}</td><td>${count(width)}</td><td>${count(after)}</td><td>${count(saves.parameters)}</td><td>${count(saves.macs)}</td></tr>`,
  );
  return html`<section id="bottlenecks"><h2>Bottlenecks</h2>
<p class="soft">What each saves compared with the same block without it: the narrow layer removed, and the layers after it, up to the one that widens again, at the incoming width. Together <strong>${millions(saved.parameters)} parameters</strong> and <strong>${millions(saved.macs)} multiplications</strong>.</p>
${table('Bottlenecks', ['layer', 'before', 'width', 'after', 'parameters saved', 'MACs saved'], rows)}</section>`;
}

function cut({ cut: found, noCutReason }: InspectResult): Html {
  if (!found) return html`<section id="cut"><h2>Where it is cut</h2><p>Nowhere: ${noCutReason ?? ''}</p></section>`;
  const rows = found.candidates.map(
    ({ cut: word, tensor, readout, width }) =>
      html`<tr><th scope="row">${name(word)}${word === found.chosen.cut && html` <b class="yes">✓</b>`}</th><td class="taken">${readout} of ${name(tensor)}</td><td>${count(width)}</td></tr>`,
  );
  return html`<section id="cut"><h2>Where it is cut</h2>
<p class="soft">Everything after the cut is dropped; its output there is the features. Choose another cut with <code>--cut</code>.</p>
${table('Cuts', ['cut', 'taken from', 'numbers'], rows)}
${found.spatial !== null && html`<p class="soft">The last map before pooling: ${name(found.spatial)}.</p>`}</section>`;
}

function layers({ layers: all }: InspectResult): Html {
  const rows = all.map((layer) => {
    const channels = html`${layer.in === null ? '–' : count(layer.in)} → ${layer.out === null ? '–' : count(layer.out)}`;
    return html`<tr><th scope="row">${name(layer.name)}${layer.bottleneck && html` <b class="no">bottleneck</b>`}${layer.dropped && html` <small class="soft">after the cut</small>`}</th><td class="taken">${layer.type}</td><td>${channels}</td><td>${layer.places.join(' × ') || '–'}</td><td>${count(layer.parameters)}</td><td>${count(layer.macs)}</td></tr>`;
  });
  return html`<section id="layers"><h2>Layer by layer</h2>
${table('Layers', ['layer', 'type', 'channels', 'size', 'parameters', 'MACs'], rows)}</section>`;
}

function table(label: string, columns: readonly string[], rows: readonly Html[]): Html {
  return html`<div class="${rows.length > 14 ? 'scroll tall' : 'scroll'}" tabindex="0" role="region" aria-label="${label}"><table class="plain"><thead><tr>${columns.map((column) => html`<th scope="col">${column}</th>`)}</tr></thead>
<tbody>${rows}</tbody></table></div>`;
}
