/** Scores of normal and abnormal photos, and the line. */

import { scaleLinear } from 'd3-scale';
import { largestOf, smallestOf } from '../../numerics/statistics.ts';
import type { OneClassResult } from '../../results/oneClassResult.ts';
import { plural } from '../format.ts';
import { type Html, html } from '../html.ts';
import { type Axis, area, at, frame } from './frame.ts';

const width = 760;
const height = 340;
const bins = 40;

/** How many photos have which score, normal and abnormal ones, and the line between. */
export function scoreHistogram({ photos, normal, threshold }: OneClassResult): Html {
  const scores = photos.map(({ score }) => score);
  const low = Math.min(threshold.value, smallestOf(scores));
  const high = Math.max(threshold.value, largestOf(scores), low + 1e-6);
  const counted = (keep: (label: string) => boolean) => {
    const counts = new Array<number>(bins).fill(0);
    for (const { label, score } of photos)
      if (keep(label)) counts[Math.min(bins - 1, Math.floor((bins * (score - low)) / (high - low)))]++;
    return counts;
  };
  const series = [
    { kind: 'usual', counts: counted((label) => label === normal.label) },
    { kind: 'odd', counts: counted((label) => label !== normal.label) },
  ];
  const most = Math.max(1, largestOf(series.flatMap(({ counts }) => counts)));
  const plot = area(width, height);
  const xScale = scaleLinear([low, high], plot.x);
  const yScale = scaleLinear([0, most], plot.y);
  const x: Axis = { scale: xScale, ticks: xScale.ticks(6), format: String, title: 'score: how far from normal' };
  const y: Axis = { scale: yScale, ticks: yScale.ticks(4).filter(Number.isInteger), format: String, title: 'photos' };
  const step = (high - low) / bins;
  const bar = (kind: string, bin: number, value: number, side: number): Html => {
    const left = at(x, low + step * (bin + side / 2));
    const wide = Math.max(1, at(x, low + step * (bin + (side + 1) / 2)) - left - 0.5);
    const top = at(y, value);
    return html`<rect class="${kind}" x="${left}" y="${top}" width="${wide}" height="${Math.max(0, plot.y[0] - top)}"><title>${plural(value, kind === 'usual' ? 'normal photo' : 'abnormal photo')}</title></rect>`;
  };
  const place = at(x, threshold.value);
  return frame({
    width,
    height,
    wide: true,
    label: `Scores of ${plural(photos.length, 'photo')}; the threshold is ${threshold.value.toPrecision(4)}`,
    x,
    y,
    key: [
      { text: 'normal', series: 'third' },
      ...(photos.some(({ label }) => label !== normal.label) ? [{ text: 'abnormal', series: 'second' } as const] : []),
      { text: 'threshold', series: 'guide' },
    ],
    marks: [
      html`<g class="scores">${series.map(({ kind, counts }, side) => counts.map((value, bin) => value > 0 && bar(kind, bin, value, side)))}</g>`,
      html`<line class="line guide" x1="${place}" x2="${place}" y1="${plot.y[0]}" y2="${plot.y[1]}"/>`,
    ],
  });
}
