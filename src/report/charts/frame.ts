/** Axes, grid, lines, dots. */

import type { ScaleContinuousNumeric } from 'd3-scale';
import { area as areaShape, line as lineShape } from 'd3-shape';
import { type Html, html } from '../html.ts';

/** A direction of a chart: its scale in user units, where it has ticks, and what it shows, in a few words. */
export interface Axis {
  readonly scale: ScaleContinuousNumeric<number, number>;
  readonly ticks: readonly number[];
  readonly format: (value: number) => string;
  readonly title: string;
}

export type Point = readonly [x: number, y: number];

/** How a series is drawn: the class in the style sheet that gives it its colour and dashes. */
export type Series = 'first' | 'second' | 'third' | 'fourth' | 'fifth' | 'guide';

const top = 58;
const left = 46;
const right = 24;
const bottom = 46;

/** The part of a chart of this size that marks are drawn in; scales range over it. */
export function area(width: number, height: number): { readonly x: [number, number]; readonly y: [number, number] } {
  return { x: [left, width - right], y: [height - bottom, top] };
}

/**
 * A chart: axes, ticks and a key around marks. The vertical axis is titled above the plot and the key stands outside it,
 * so no text lies on a mark or on other text, whatever the figures are.
 */
export function frame(chart: {
  readonly width: number;
  readonly height: number;
  /** As wide as the page. */
  readonly wide?: boolean;
  /** What is to be seen, in a sentence, for those who do not see it. */
  readonly label: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly key: readonly { readonly text: string; readonly series: Series }[];
  readonly marks: readonly Html[];
}): Html {
  const { width, height, x, y } = chart;
  const [x0, x1, y0, y1] = [left, width - right, height - bottom, top];
  return html`<svg class="chart${chart.wide && ' wide'}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${chart.label}">
<text class="axis" x="4" y="14">${y.title}</text>
<text class="axis" x="${x1}" y="${height - 6}" text-anchor="end">${x.title}</text>
${keyRow(chart.key)}
<g class="grid">${x.ticks.map((t) => html`<line x1="${at(x, t)}" x2="${at(x, t)}" y1="${y0}" y2="${y1}"/>`)}${y.ticks.map((t) => html`<line x1="${x0}" x2="${x1}" y1="${at(y, t)}" y2="${at(y, t)}"/>`)}</g>
<g class="tick">${x.ticks.map((t) => html`<text x="${at(x, t)}" y="${y0 + 18}" text-anchor="middle">${x.format(t)}</text>`)}${y.ticks.map((t) => html`<text x="${x0 - 8}" y="${at(y, t) + 4}" text-anchor="end">${y.format(t)}</text>`)}</g>
${chart.marks}</svg>`;
}

/** A line through points given in the axes' units. */
export function line(x: Axis, y: Axis, points: readonly Point[], series: Series): Html {
  const path = lineShape<Point>(
    (point) => at(x, point[0]),
    (point) => at(y, point[1]),
  )([...points]);
  return html`<path class="line ${series}" d="${path ?? ''}"/>`;
}

/** A dot a point; pointing at one shows its text. */
export function dots(
  x: Axis,
  y: Axis,
  points: readonly { readonly at: Point; readonly text: string }[],
  series: Series,
): Html {
  return html`<g class="dots ${series}">${points.map((point) => html`<circle cx="${at(x, point.at[0])}" cy="${at(y, point.at[1])}" r="4"><title>${point.text}</title></circle>`)}</g>`;
}

/** The area between two lines. */
export function band(
  x: Axis,
  y: Axis,
  ranges: readonly { readonly x: number; readonly low: number; readonly high: number }[],
  series: Series,
): Html {
  const shape = areaShape<(typeof ranges)[number]>()
    .x((range) => at(x, range.x))
    .y0((range) => at(y, range.low))
    .y1((range) => at(y, range.high));
  return html`<path class="band ${series}" d="${shape([...ranges]) ?? ''}"/>`;
}

/** Upright lines from low to high. */
export function whiskers(
  x: Axis,
  y: Axis,
  ranges: readonly { readonly x: number; readonly low: number; readonly high: number }[],
  series: Series,
): Html {
  return html`<g class="line whiskers ${series}">${ranges.map((range) => html`<line x1="${at(x, range.x)}" x2="${at(x, range.x)}" y1="${at(y, range.low)}" y2="${at(y, range.high)}"/>`)}</g>`;
}

/** Where a value lies on an axis, in user units, to a tenth. */
export function at(axis: Axis, value: number): number {
  return Math.round(axis.scale(value) * 10) / 10;
}

function keyRow(key: readonly { readonly text: string; readonly series: Series }[]): readonly Html[] {
  let x = 4;
  return key.map(({ text, series }) => {
    const start = x;
    // No font can be measured here: 7 units a character is wider than the sans-serifs in use draw 12-unit text.
    x += 28 + text.length * 7 + 12;
    return html`<line class="line ${series}" x1="${start}" x2="${start + 22}" y1="36" y2="36"/><text x="${start + 28}" y="40">${text}</text>`;
  });
}
