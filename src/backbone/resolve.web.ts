/** The same in a browser. */

import { CarafeError } from '../errors.ts';
import { parsePreprocessing } from '../images/preprocessingConfig.ts';
import { sha256 } from '../numerics/sha256.ts';
import { readModel } from '../onnx/read.ts';
import { fetchBytes, openSession } from '../runtime/platform.web.ts';
import type { Backbone } from './backbone.ts';
import { cutNetwork } from './cut.ts';
import { embedded } from './embedded.ts';
import { fitPreprocessing, imageInput } from './imageInput.ts';

/**
 * The backbone at an address that ends in .onnx; its preprocessing stands beside it, ending in .json.
 * @throws CarafeError NOT_FOUND, BAD_MODEL, UNSUPPORTED_MODEL, NO_PREPROCESSING, NO_CUT
 */
export async function resolveBackbone(address: string, cut?: string): Promise<Backbone> {
  const beside = address.replace(/\.onnx(?=$|[?#])/i, '.json');
  const [bytes, config] = await Promise.all([fetchBytes(address), fetchBytes(beside)]);
  const model = readModel(bytes, address);
  if (model.graph.initializers.some(({ external }) => external))
    throw new CarafeError(
      'UNSUPPORTED_MODEL',
      `${address} keeps its weights in another file, which a page cannot follow.`,
      'Save the network as one file.',
    );
  const preprocessing = fitPreprocessing(parsePreprocessing(json(config), beside), imageInput(model, address), address);
  const hash = sha256(bytes);
  const known = hash === embedded.hash ? { name: embedded.name, licence: embedded.licence } : { name: nameOf(address) };
  const network = await cutNetwork(model, {
    openSession,
    source: address,
    preprocessing,
    check: hash !== embedded.hash,
    ...(cut && { cut }),
  });
  return { ...known, hash, preprocessing, network: network.network, cut: network.cut };
}

/** What is no JSON is refused as no preprocessing. */
function json(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

function nameOf(address: string): string {
  return /([^/]+)\.onnx(?:$|[?#])/i.exec(address)?.[1] ?? address;
}
