/** Bottleneck values as a strip. */

import { largestOf } from '../../numerics/statistics.ts';
import { count } from '../format.ts';
import { type Html, html } from '../html.ts';

const columns = 64;
const cell = 10;

/** Bottleneck values as a strip of cells, row after row: the larger a value, the stronger its colour. Negative ones are hollow. */
export function strip(values: readonly number[]): Html {
  const largest = largestOf(values.map(Math.abs));
  const rows = Math.ceil(values.length / columns);
  const cells = values.flatMap((value, unit) => {
    const share = largest === 0 ? 0 : Math.abs(value) / largest;
    if (share < 0.02) return [];
    const [x, y] = [(unit % columns) * cell, Math.floor(unit / columns) * cell];
    const strength = Math.round(100 * Math.sqrt(share)) / 100;
    return [
      html`<rect class="${value < 0 && 'negative'}" x="${x}" y="${y}" opacity="${strength}"><title>unit ${unit}: ${value.toFixed(3)}</title></rect>`,
    ];
  });
  return html`<svg class="strip" viewBox="0 0 ${columns * cell} ${rows * cell}" role="img" aria-label="${count(values.length)} bottleneck values; ${count(cells.length)} of them are more than a fiftieth of the largest">${cells}</svg>`;
}
