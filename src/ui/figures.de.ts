/** Figures as German writes them. */

/** `91,1 %`. Rounding never claims all or nothing. */
export function percentIn(fraction: number, digits = 1): string {
  const step = 10 ** -digits / 100;
  const shown = fraction > 0 && fraction < 1 ? Math.min(1 - step, Math.max(step, fraction)) : fraction;
  return `${decimal(100 * shown, fraction === 0 || fraction === 1 ? 0 : digits)}\u00a0%`;
}

/** `1.234,5`, `−0,3` */
export function decimal(value: number, digits = 1): string {
  const zeroed = Math.abs(value) < 0.5 * 10 ** -digits ? 0 : value;
  const form = { minimumFractionDigits: digits, maximumFractionDigits: digits } as const;
  return zeroed.toLocaleString('de', form).replace('-', '−');
}

/** A very long label is cut. */
export function quoted(label: string): string {
  const characters = [...label];
  return `„${characters.length > 48 ? `${characters.slice(0, 45).join('')}…` : label}“`;
}
