/** What it comes to, and what to do next. */

import type { Verdict } from '../../doctor/verdict.ts';
import { type Html, html } from '../html.ts';

/** What it comes to, and what to do next: the first thing on a page. */
export function verdict({ standing, sentence, advice }: Verdict): Html {
  return html`<div class="verdict ${standing}"><p><strong dir="auto">${sentence}</strong></p>
${advice.length > 0 && html`<ul>${advice.map(({ text, flags }) => html`<li dir="auto">${marked(text, flags)}</li>`)}</ul>`}</div>`;
}

/** The text with what is to be typed as code. */
function marked(text: string, flags: readonly string[]): Html {
  const [typed] = flags;
  if (typed === undefined) return html`${text}`;
  const at = text.indexOf(typed);
  return html`${text.slice(0, at)}<code>${typed}</code>${text.slice(at + typed.length)}`;
}
