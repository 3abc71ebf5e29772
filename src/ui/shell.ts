/** The HTML around a page that is worked with. */

import { html, raw } from '../report/html.ts';
import { style } from './style.ts';

/** What a page is allowed to do: everything comes from where the page comes from. */
const policy =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; connect-src 'self' blob: data:; " +
  "img-src 'self' blob: data:; media-src 'self' blob:; style-src 'unsafe-inline'; manifest-src 'self'; base-uri 'none'; form-action 'none'";

/** What a page in one file may do: its own script alone runs, it may show photos that lie beside it, and save where it was served from. */
const inlinePolicy = (hash: string) =>
  `default-src 'none'; script-src 'sha256-${hash}'; connect-src 'self'; img-src 'self' file: data: blob:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'`;

/** What a page may do that computes and talks to nobody: its script may run WebAssembly, and nothing is ever loaded. */
const computingPolicy = (hash: string) =>
  `default-src 'none'; script-src 'sha256-${hash}' 'wasm-unsafe-eval'; img-src data: blob:; media-src blob: mediastream:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'`;

/**
 * A page in one file that works offline: script and data stand in it.
 * @param sha256 lowercase hex of a text
 */
export function inlineShell(page: {
  readonly title: string;
  readonly script: string;
  /** What the script reads (`pageData`). */
  readonly data: unknown;
  readonly rules?: string;
  readonly sha256: (text: string) => string;
  /** Whether it runs WebAssembly, and never saves or loads. */
  readonly computes?: boolean;
}): string {
  // Nothing in them may end the element that they stand in.
  const script = page.script.replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--');
  const data = JSON.stringify(page.data).replaceAll('<', '\\u003c');
  const hash = base64OfHex(page.sha256(script));
  const policy = page.computes ? computingPolicy(hash) : inlinePolicy(hash);
  return document({ ...page, policy }, [
    `<script type="application/json" id="data">${data}</script>`,
    `<script type="module">${script}</script>`,
  ]);
}

/** The whole document of a page whose script stands at `script`, an address relative to the page. */
export function shell(page: {
  readonly title: string;
  readonly script: string;
  /** Rules besides those of all pages. */
  readonly rules?: string;
  /** What stands behind the page, where there is a choice; the script finds it in `dataset.behind` of the root. */
  readonly behind?: string;
}): string {
  return document({ ...page, policy }, [html`<script type="module" src="${raw(page.script)}"></script>`.toString()]);
}

function document(
  page: { readonly title: string; readonly policy: string; readonly rules?: string; readonly behind?: string },
  scripts: readonly string[],
): string {
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${page.policy}">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="description" content="${page.title}">
<title>${page.title}</title>
<link rel="icon" href="data:,">
${raw(`<style>${style}${page.rules ?? ''}</style>`)}
</head><body><main id="page" data-behind="${page.behind ?? ''}"></main>
${scripts.map((script) => raw(script))}
</body></html>
`.toString();
}

/** Base64 of bytes in hex, as a content security policy names a script. */
function base64OfHex(hex: string): string {
  let bytes = '';
  for (let at = 0; at < hex.length; at += 2) bytes += String.fromCharCode(Number.parseInt(hex.slice(at, at + 2), 16));
  return btoa(bytes);
}
