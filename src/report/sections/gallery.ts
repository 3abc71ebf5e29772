/** Photos side by side. */

import { pathName, plural } from '../format.ts';
import { type Html, html } from '../html.ts';

export interface Shot {
  readonly path: string;
  readonly picture: Html | undefined;
  /** What is said under the picture, or behind the name. */
  readonly note: Html;
}

/** Photos side by side; those without a picture are listed by name. */
export function gallery(shots: readonly Shot[]): Html {
  const pictured = shots.filter(({ picture }) => picture);
  const named = shots.filter(({ picture }) => !picture);
  const list = html`<ul class="names">${named.map(({ path, note }) => html`<li><span class="path">${pathName(path)}</span> <span class="note">${note}</span></li>`)}</ul>`;
  if (pictured.length === 0) return list;
  return html`<ul class="shots" tabindex="${pictured.length > 24 ? 0 : -1}">${pictured.map(
    ({ path, picture, note }) =>
      html`<li>${picture}<span class="note">${note}</span><span class="path" title="${path}">${pathName(path)}</span></li>`,
  )}</ul>
${named.length > 0 && html`<details><summary>${plural(named.length, 'more photo')}, by name</summary>${list}</details>`}`;
}
