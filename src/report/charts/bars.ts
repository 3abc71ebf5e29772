/** Bars with names. */

import { name } from '../format.ts';
import { type Html, html } from '../html.ts';

export interface Bar {
  readonly label: string;
  /** Length, as a fraction of the longest possible. */
  readonly share: number;
  /** The figure, as it is shown. */
  readonly figure: string;
  readonly kind: 'right' | 'wrong' | 'plain';
}

/** Bars with their names and figures. */
export function bars(items: readonly Bar[]): Html {
  return html`<ul class="bars">${items.map(({ label, share, figure, kind }) => html`<li class="${kind}"><span>${name(label)}</span><i style="--share:${Math.round(share * 1000) / 1000}"></i><b>${figure}</b></li>`)}</ul>`;
}
