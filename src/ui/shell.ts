/** The HTML around a page that is worked with. */

import { html, raw } from '../report/html.ts';
import { style } from './style.ts';

/** What a page is allowed to do: everything comes from where the page comes from. */
const policy =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; connect-src 'self' blob: data:; " +
  "img-src 'self' blob: data:; media-src 'self' blob:; style-src 'unsafe-inline'; manifest-src 'self'; base-uri 'none'; form-action 'none'";

/** The whole document of a page whose script stands at `script`, an address relative to the page. */
export function shell(page: {
  readonly title: string;
  readonly script: string;
  /** Rules besides those of all pages. */
  readonly rules?: string;
  /** What stands behind the page, where there is a choice; the script finds it in `dataset.behind` of the root. */
  readonly behind?: string;
}): string {
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="description" content="${page.title}">
<title>${page.title}</title>
<link rel="icon" href="data:,">
${raw(`<style>${style}${page.rules ?? ''}</style>`)}
</head><body><main id="page" data-behind="${page.behind ?? ''}"></main>
<script type="module" src="${raw(page.script)}"></script>
</body></html>
`.toString();
}
