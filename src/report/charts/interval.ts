/** A figure with its interval. */

import type { Interval } from '../../metrics/evaluation.ts';
import { percent } from '../format.ts';
import { type Html, html } from '../html.ts';

const english = {
  baseline: 'baseline',
  /** A mark of the scale, from 0 to 100. */
  mark: (place: number): string => `${place}%`,
  /** For those who do not see it. */
  label: ({ value, low, high }: Interval): string =>
    `${percent(value)}, 95% interval from ${percent(low)} to ${percent(high)}`,
};
/** What an interval's drawing says. */
export type IntervalWords = typeof english;

/**
 * A figure on the scale from 0 to 100%, its 95% interval around it, and what the baseline reaches.
 * Drawn in percent of the width it is given, so that its text keeps its size on every screen.
 */
export function intervalChart(figure: Interval, baseline: number, words: IntervalWords = english): Html {
  const { value, low, high } = figure;
  return html`<svg class="interval" role="img" aria-label="${words.label(figure)}">
<line class="rail" x1="0" x2="100%" y1="30" y2="30"/>
${ticks.map(([place, anchor]) => html`<text x="${place}%" y="56" text-anchor="${anchor}">${words.mark(place)}</text>`)}
<line class="blind" x1="${hundredths(baseline)}%" x2="${hundredths(baseline)}%" y1="22" y2="38"/><text x="${hundredths(baseline)}%" y="15" text-anchor="${baseline < 0.15 ? 'start' : baseline > 0.85 ? 'end' : 'middle'}">${words.baseline}</text>
<rect class="band" x="${hundredths(low)}%" width="${hundredths(high - low)}%" y="22" height="16" rx="4"/>
<line class="mark" x1="${hundredths(value)}%" x2="${hundredths(value)}%" y1="19" y2="41"/></svg>`;
}

const ticks = [
  [0, 'start'],
  [25, 'middle'],
  [50, 'middle'],
  [75, 'middle'],
  [100, 'end'],
] as const;

/** A fraction of 1 in percent, to a hundredth. */
function hundredths(fraction: number): number {
  return Math.round(fraction * 1e4) / 100;
}
