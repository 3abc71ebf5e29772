/** A classifier as one HTML page: runtime, network and script stand in it, and it loads nothing. */

import { sha256 } from '../numerics/sha256.ts';
import { inlineShell } from '../ui/shell.ts';
import type { Original } from './forms.ts';

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

const rules = `
#page{max-width:46rem;margin:0 auto}
.top{display:flex;flex-wrap:wrap;gap:var(--s2);align-items:center;justify-content:space-between;margin-bottom:var(--s3)} .top h1{margin:0}
.drop{border:2px dashed var(--soft);border-radius:var(--radius);padding:var(--s3);background:var(--card);text-align:center}
.drop.over{border-color:var(--wine);background:var(--wash)}
.drop .row{justify-content:center}
.file{position:relative;overflow:hidden}
.file input{position:absolute;inset:0;opacity:0;cursor:pointer;width:100%;min-height:100%}
.file:focus-within{outline:2px solid var(--sky);outline-offset:2px}
.stage{position:relative;display:inline-block;max-width:100%;margin-top:var(--s3);line-height:0}
.stage img,.stage video{max-width:100%;max-height:55vh;border-radius:6px}
.stage canvas{position:absolute;inset:0;width:100%;height:100%;opacity:.6;pointer-events:none;border-radius:6px}
.answer{font:600 1.8rem/1.2 var(--text);margin:var(--s4) 0 var(--s2);overflow-wrap:anywhere}
.answer.strange{color:var(--wine)}
.said{min-height:9rem}
.said .bars{max-width:none} .said .bars li{--bar:var(--sky);font-size:1rem;padding-bottom:var(--s2)} .said .bars li:first-child{--bar:var(--leaf)} .said .strange~.bars li{--bar:var(--soft)}
.problem{border-left:3px solid var(--wine);background:var(--wash);padding:var(--s2) var(--s3)}
details{margin-top:var(--s3)} details pre{overflow:auto;max-height:20rem;font-size:.75rem;white-space:pre-wrap}
`;
