/** Numbers and names as a page shows them. */

import { type Html, html } from './html.ts';

const grouped = new Intl.NumberFormat('en-US');

/** `3,670` */
export function count(value: number): string {
  return grouped.format(value);
}

/** `1 photo`, `3,670 photos` */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** `once`, `7 times` */
export function times(value: number): string {
  return value === 1 ? 'once' : `${count(value)} times`;
}

/** `91.1%`. Rounding never claims all or nothing: 0.9999 is `99.9%`, 0.0001 is `0.1%`, 1 is `100%`. */
export function percent(fraction: number, digits = 1): string {
  if (fraction === 0 || fraction === 1) return `${fraction * 100}%`;
  const step = 10 ** -digits;
  const rounded = Number((fraction * 100).toFixed(digits));
  return `${Math.min(100 - step, Math.max(step, rounded)).toFixed(digits)}%`;
}

/** `91.1%`, or a dash where nothing can be said. */
export function orDash(fraction: number | null | undefined): string {
  return fraction === null || fraction === undefined ? '–' : percent(fraction);
}

/** A share that was asked for or is promised, which may be small: `1%`, `4.8%`, `0.01%`. */
export function share(fraction: number): string {
  return `${Number((fraction * 100).toPrecision(2))}%`;
}

/** `0.9`, `−1.2`, `0.0`: to so many digits, with a true minus sign, and none before what rounds to zero. */
export function decimal(value: number, digits = 1): string {
  const rounded = Math.abs(value).toFixed(digits);
  return `${value < 0 && Number(rounded) > 0 ? '−' : ''}${rounded}`;
}

/** A difference with its sign: `+0.9`, `−1.2`, `0.0`. */
export function signed(value: number, digits = 1): string {
  const rounded = decimal(value, digits);
  return value > 0 && Number(rounded) > 0 ? `+${rounded}` : rounded;
}

/** A difference of shares, `0.9 points`, `−1.2 points`. */
export function points(difference: number): string {
  return `${decimal(100 * difference)} points`;
}

/** `9.3 MB`; a megabyte is a million bytes. */
export function bytes(value: number): string {
  if (value < 1e3) return plural(value, 'byte');
  const [size, unit] = value < 1e6 ? [value / 1e3, 'kB'] : value < 1e9 ? [value / 1e6, 'MB'] : [value / 1e9, 'GB'];
  return `${size < 10 ? size.toFixed(1) : size.toFixed(0)} ${unit}`;
}

/** `0.9 s`, `2 min 5 s` */
export function seconds(value: number): string {
  if (value < 59.95) return `${value.toFixed(1)} s`;
  const whole = Math.round(value);
  return `${count(Math.floor(whole / 60))} min ${whole % 60} s`;
}

/** A label in running text: its direction of writing stays its own. A very long one is cut; pointing at it shows it whole. */
export function name(text: string): Html {
  const short = shorten(text);
  if (short === text) return html`<bdi class="name">${text}</bdi>`;
  return html`<bdi class="name" title="${text}">${short}</bdi>`;
}

/** The same where no markup may stand, in attributes: between Unicode's isolating marks. */
export function plainName(text: string): string {
  return `\u2068${shorten(text)}\u2069`;
}

/** A path, whole. It reads from left to right, each part in its own direction, as file managers show it. */
export function pathName(path: string): Html {
  if (/^[\0-\u02ff]*$/.test(path)) return html`<bdi dir="ltr">${path}</bdi>`;
  return html`<bdi dir="ltr">${path.split('/').map((part, i) => html`${i > 0 && '/'}<bdi>${part}</bdi>`)}</bdi>`;
}

function shorten(text: string): string {
  const characters = [...text];
  return characters.length <= 48 ? text : `${characters.slice(0, 45).join('')}…`;
}

/** `a`, `a and b`, `a, b and c` */
export function enumerate(items: readonly Html[]): Html {
  if (items.length < 2) return html`${items}`;
  const most = items.slice(0, -1).map((item, i) => html`${i > 0 && ', '}${item}`);
  return html`${most} and ${items.at(-1)}`;
}
