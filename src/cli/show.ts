/** Figures in a terminal. */

import type { Interval } from '../metrics/evaluation.ts';
import { largestOf } from '../numerics/statistics.ts';
import { count, percent } from '../report/format.ts';
import { paint } from './terminal.ts';
import { widthOf } from './wrap.ts';

/** The terminal writes figures as the report does. */
export { count, decimal, orDash, percent, plural, share, signed } from '../report/format.ts';

/** `91.1% (95% interval 88.9% to 93.0%)` */
export function withInterval({ value, low, high }: Interval): string {
  return `${paint('bold', percent(value))} (95% interval ${percent(low)} to ${percent(high)})`;
}

/** `3,489,099` as `3.49 M`. */
export function short(value: number): string {
  if (value === 0) return '';
  if (value < 1e3) return count(value);
  const [scale, unit] = value < 1e6 ? [1e3, 'k'] : value < 1e9 ? [1e6, 'M'] : [1e9, 'G'];
  return `${(value / scale).toPrecision(3)} ${unit}`;
}

export function bytes(value: number): string {
  if (value < 1e3) return `${value} B`;
  if (value < 1e6) return `${(value / 1e3).toFixed(0)} kB`;
  if (value < 1e9) return `${(value / 1e6).toFixed(1)} MB`;
  return `${(value / 1e9).toFixed(1)} GB`;
}

/** Columns of text, padded; numbers to the right. */
export function table(rows: readonly (readonly string[])[], rightFrom = 1): string {
  const widths = rows[0]?.map((_, column) => largestOf(rows.map((row) => widthOf(row[column])))) ?? [];
  const blanks = (cell: string, column: number) => ' '.repeat(widths[column] - widthOf(cell));
  return rows
    .map((row) =>
      row
        .map((cell, i) => (i >= rightFrom ? blanks(cell, i) + cell : cell + blanks(cell, i)))
        .join('  ')
        .trimEnd(),
    )
    .map((line) => `  ${line}\n`)
    .join('');
}
