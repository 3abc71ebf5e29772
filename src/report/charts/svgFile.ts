/** A chart as a file of its own. */

import type { Html } from '../html.ts';
import { tokens } from '../tokens.ts';
import { chartStyle } from './style.ts';

/** A chart as a file of its own, with its colours, light and dark. */
export function svgFile(chart: Html): string {
  const [opening, ...rest] = chart.toString().split('>');
  const [, width, height] = /viewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(opening) ?? [];
  const size = `xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"`;
  // A page's margin around a chart would push its lower end out of the file; and a file is as wide as it is.
  const paper = ':root:root:root{background:var(--paper);margin:0;max-width:none}';
  return `${opening.replace('<svg', `<svg ${size}`)}><style>${tokens}${chartStyle}${paper}</style>${rest.join('>')}\n`;
}
