/** A backbone from its files, in a browser. */

import { CarafeError } from '../errors.ts';
import type { Preprocessing } from '../images/preprocessing.ts';
import { parsePreprocessing } from '../images/preprocessingConfig.ts';
import { message } from '../message.ts';
import { sha256 } from '../numerics/sha256.ts';
import { readModel } from '../onnx/read.ts';
import { fetchBytes } from '../runtime/fetchBytes.ts';
import { openSession } from '../runtime/platform.web.ts';
import type { Backbone } from './backbone.ts';
import { cutNetwork } from './cut.ts';
import { embedded } from './embedded.ts';
import { fitPreprocessing, imageInput } from './imageInput.ts';

/** What a page may say of its backbone. */
export interface WebBackboneOptions {
  /** What it is called; what its address ends in unless told. */
  readonly name?: string | undefined;
  /** How photos become its input, parsed from a preprocessor_config.json; what the .json beside it says unless told. */
  readonly preprocessing?: unknown;
  readonly cut?: string | undefined;
}

/**
 * The backbone at an address. The preprocessing of the embedded one is known, wherever a bundler put it; that of another
 * is given, or stands beside it, ending in .json.
 * @throws CarafeError NOT_FOUND, BAD_MODEL, UNSUPPORTED_MODEL, NO_PREPROCESSING, NO_CUT
 */
export async function resolveBackbone(address: string, options: WebBackboneOptions = {}): Promise<Backbone> {
  const bytes = await fetchBytes(address);
  const source = options.name ?? address;
  const model = readModel(bytes, source);
  if (model.graph.initializers.some(({ external }) => external))
    throw new CarafeError(
      'UNSUPPORTED_MODEL',
      message`${source} keeps its weights in another file, which a page cannot follow.`,
      'Save the network as one file.',
    );
  const hash = sha256(bytes);
  const isEmbedded = hash === embedded.hash;
  const stated = await statedPreprocessing(address, isEmbedded, options.preprocessing);
  const preprocessing = fitPreprocessing(stated, imageInput(model, source), source);
  const { cut } = options;
  const network = await cutNetwork(model, {
    openSession,
    source,
    preprocessing,
    check: !isEmbedded,
    ...(cut && { cut }),
  });
  const known = isEmbedded
    ? { name: embedded.name, licence: embedded.licence }
    : { name: options.name ?? nameOf(address) };
  return { ...known, hash, preprocessing, network: network.network, cut: network.cut };
}

async function statedPreprocessing(address: string, isEmbedded: boolean, given: unknown): Promise<Preprocessing> {
  if (given !== undefined) return parsePreprocessing(given, 'the given preprocessing');
  if (isEmbedded) return embedded.preprocessing;
  const beside = address.replace(/\.onnx(?=$|[?#])/i, '.json');
  return parsePreprocessing(json(await fetchBytes(beside)), beside);
}

/** What is no JSON is refused as no preprocessing. */
function json(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

/** What a network is called by its address. */
export function nameOf(address: string): string {
  return /([^/]+)\.onnx(?:$|[?#])/i.exec(address)?.[1] ?? address;
}
