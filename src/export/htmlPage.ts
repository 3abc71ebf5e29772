/** A classifier as one HTML page: runtime, network and script stand in it, and it loads nothing. */

import { sha256 } from '../numerics/sha256.ts';
import { inlineShell } from '../ui/shell.ts';
import type { Original } from './forms.ts';
import { rules } from './style.ts';

/** What a page is made of, besides the classifier. */
export interface PageParts {
  readonly script: string;
  /** ONNX Runtime, as WebAssembly. */
  readonly runtime: Uint8Array;
  /** Notices of what is inside. */
  readonly licences: string;
}

/** @param network the classifier's file */
export async function htmlPage(
  { card }: Original,
  network: Uint8Array,
  { script, runtime, licences }: PageParts,
): Promise<string> {
  const labels = card.task === 'one-class' ? '' : `: ${card.labels.slice(0, 6).join(', ')}`;
  return inlineShell({
    title: `What is in this photo?${labels}`,
    script,
    data: { network: await packed(network), runtime: await packed(runtime), licences },
    rules,
    sha256,
    computes: true,
  });
}

/** Bytes as base64 of gzip. */
async function packed(bytes: Uint8Array): Promise<string> {
  const stream = new Blob([new Uint8Array(bytes)]).stream().pipeThrough(new CompressionStream('gzip'));
  const small = new Uint8Array(await new Response(stream).arrayBuffer());
  const step = 3 * 8192;
  let text = '';
  for (let from = 0; from < small.length; from += step) {
    let chars = '';
    for (const byte of small.subarray(from, from + step)) chars += String.fromCharCode(byte);
    text += btoa(chars);
  }
  return text;
}
