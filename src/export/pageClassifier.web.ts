/** The classifier inside an exported page. */

import { env } from 'onnxruntime-web/wasm';
import { cardFromMetadata } from '../classifier/card.ts';
import { Classifier, type Prediction } from '../classifier/classifier.ts';
import { type Detection, Detector } from '../classifier/detector.ts';
import { decodePhoto, type WebPhoto } from '../images/decode.web.ts';
import { resizingFor } from '../images/framing.ts';
import { readModel } from '../onnx/read.ts';
import { openSession } from '../runtime/platform.web.ts';

/** What it says of a photo. */
export type Said =
  | { readonly kind: 'classes'; readonly prediction: Prediction }
  | { readonly kind: 'normal'; readonly detection: Detection };

export interface PageClassifier {
  readonly file: Classifier | Detector;
  say(photo: WebPhoto): Promise<Said>;
}

/** Opens the classifier from what stands in the page. */
export async function openInPage(packed: {
  readonly network: string;
  readonly runtime: string;
}): Promise<PageClassifier> {
  // Threads need a page that comes over https with headers of its own.
  env.wasm.numThreads = 1;
  env.wasm.wasmBinary = (await unpacked(packed.runtime)).buffer;
  const bytes = await unpacked(packed.network);
  const name = 'this page';
  const { task } = cardFromMetadata(readModel(bytes, name).metadata, name);
  if (task === 'one-class') {
    const file = await Detector.open(bytes, name, openSession);
    return {
      file,
      say: async (photo) => ({ kind: 'normal', detection: await file.detectPixels(await pixelsFor(file, photo)) }),
    };
  }
  const file = await Classifier.open(bytes, name, openSession);
  return {
    file,
    say: async (photo) => ({ kind: 'classes', prediction: await file.predictPixels(await pixelsFor(file, photo)) }),
  };
}

async function pixelsFor({ card }: Classifier | Detector, photo: WebPhoto) {
  return (await decodePhoto(photo, resizingFor(card.preprocessing))).pixels;
}

/** Bytes from base64 of gzip. */
async function unpacked(text: string): Promise<Uint8Array<ArrayBuffer>> {
  const chars = atob(text);
  const bytes = new Uint8Array(chars.length);
  for (let at = 0; at < chars.length; at++) bytes[at] = chars.charCodeAt(at);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
