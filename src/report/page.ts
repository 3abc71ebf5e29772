/** The shell of every page. */

import { type Html, html, raw } from './html.ts';
import { style } from './style.ts';

/** Nothing may be fetched and no script may run: the page is complete in itself. */
const policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** A whole page in one string: works offline, printed, light and dark. */
export function page(content: {
  readonly title: string;
  /** What kind of page it is, such as `training report`. */
  readonly kind: string;
  readonly body: Html;
  /** Carafe's version. */
  readonly version: string;
  /** Of a page that a server gives: the address of its script. Its server states what it may do. */
  readonly script?: '/try.js';
  /** Rules of this page alone. */
  readonly css?: string;
}): string {
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8">
${content.script === undefined && html`<meta http-equiv="Content-Security-Policy" content="${policy}">`}
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="Carafe ${content.version}">
<title>${content.title}</title>
<link rel="icon" href="data:,">
${raw(`<style>${style}${content.css ?? ''}</style>`)}
</head><body><main>
<p class="brand">${mark} Carafe ${content.kind}</p>
${content.body}
<footer>Made by Carafe ${content.version}.${content.script === undefined && ' This page works offline.'}</footer>
</main>${content.script !== undefined && raw(`<script type="module" src="${content.script}"></script>`)}</body></html>
`.toString();
}

/** A carafe, half full. */
const mark = html`<svg class="logo" viewBox="0 0 24 24" aria-hidden="true"><path class="wine" d="M6.2 15h11.6c.5 3.600-1.600 6-3.600 6H9.800c-2 0-4.100-2.400-3.600-6z"/><path class="glass" d="M8.500 2.500h7M9.700 2.500v5.600c0 2.300-3.700 4.300-3.700 8.200C6 19.200 7.800 21.500 9.800 21.500h4.400c2 0 3.800-2.300 3.800-5.200 0-3.900-3.700-5.900-3.700-8.200V2.500"/></svg>`;
