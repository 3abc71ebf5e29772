/** A network's width along its depth. */

import { scaleSqrt } from 'd3-scale';
import type { InspectedLayer } from '../../backbone/inspection.ts';
import { largestOf } from '../../numerics/statistics.ts';
import { count, plainName } from '../format.ts';
import { type Html, html } from '../html.ts';

const height = 300;
const left = 52;
const top = 30;
const bottom = 34;

/**
 * A network's width along its depth: one upright bar for each layer that mixes channels, as tall as it has outputs
 * (square root, so that the narrow ones are seen), mirrored about the middle, so that a bottleneck is a neck.
 */
export function depthChart(layers: readonly InspectedLayer[]): Html {
  const mixing = layers.flatMap((layer) =>
    layer.out !== null && layer.macs > 0 ? [{ ...layer, out: layer.out }] : [],
  );
  const widest = Math.max(1, largestOf(mixing.map(({ out }) => out)));
  // As wide as the page where layers are few; where they are many, the picture scrolls.
  const step = Math.max(7, Math.min(40, 900 / Math.max(1, mixing.length)));
  const width = left + Math.max(600, step * mixing.length) + 12;
  const middle = (top + height - bottom) / 2;
  const half = scaleSqrt([0, widest], [0, (height - top - bottom) / 2]);
  const rounded = (value: number): number => Math.round(value * 10) / 10;
  const bars = mixing.map((layer, index) => {
    const extent = Math.max(0.6, half(layer.out));
    const x = rounded(left + index * step + step * 0.12);
    return html`<rect class="${layer.dropped ? 'dropped' : layer.bottleneck ? 'neck' : 'layer'}" x="${x}" y="${rounded(middle - extent)}" width="${rounded(step * 0.76)}" height="${rounded(extent * 2)}"><title>${describe(layer)}</title></rect>`;
  });
  const ticks = [widest / 16, widest / 4, widest].map(Math.round).filter((value) => value > 0);
  const necks = mixing.filter(({ bottleneck }) => bottleneck).length;
  const label = `Width along the depth: ${count(mixing.length)} layers, at most ${count(widest)} channels, ${count(necks)} bottlenecks.`;
  return html`<svg class="depth" viewBox="0 0 ${width} ${height}" style="min-width:${Math.round(width * 0.7)}px" role="img" aria-label="${label}">
<text class="axis" x="4" y="14">channels</text>
<text class="axis" x="${width - 12}" y="${height - 6}" text-anchor="end">layers, in order of computation</text>
<g class="grid">${ticks.map((value) => html`<line x1="${left}" x2="${width - 12}" y1="${rounded(middle - half(value))}" y2="${rounded(middle - half(value))}"/>`)}</g>
<g class="tick">${ticks.map((value) => html`<text x="${left - 8}" y="${rounded(middle - half(value)) + 4}" text-anchor="end">${count(value)}</text>`)}</g>
${bars}</svg>`;
}

function describe({ name, type, in: inputs, out, places, parameters, macs, dropped }: InspectedLayer): string {
  const size = places.length > 0 ? `, ${places.join(' x ')}` : '';
  return `${plainName(name)}: ${type}, ${inputs === null ? '?' : count(inputs)} to ${out === null ? '?' : count(out)} channels${size}; ${count(parameters)} parameters, ${count(macs)} MACs${dropped ? '; after the cut' : ''}`;
}
