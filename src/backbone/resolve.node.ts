/** A backbone from its files. */

import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import { CarafeError } from '../errors.ts';
import type { Model } from '../onnx/model.ts';
import { readModel } from '../onnx/read.ts';
import { fileReason, isMissing, readRegular } from '../runtime/files.node.ts';
import type { OpenSession } from '../runtime/platform.ts';
import { requireAsListed } from './asListed.ts';
import type { Backbone } from './backbone.ts';
import { cutNetwork } from './cut.ts';
import { embeddedBackbone } from './embedded.node.ts';
import { readExternalData } from './external.node.ts';
import { fitPreprocessing, imageInput } from './imageInput.ts';
import { type LocalFiles, type LocateOptions, locate } from './locate.node.ts';
import { findPreprocessing } from './preprocessingFile.node.ts';

export interface ResolveOptions extends LocateOptions {
  readonly openSession: OpenSession;
  /** last, pool, or a tensor's name. */
  readonly cut?: string | undefined;
  /** Parsed JSON in the form of a preprocessor_config.json, instead of what the network brings. */
  readonly preprocessing?: unknown;
}

/**
 * The backbone that `spec` names: `embedded` (or undefined), a name of the catalogue,
 * `hf:owner/repo[@revision][:file.onnx]`, an https:// address, or the path of an .onnx file.
 * @throws CarafeError USAGE, NOT_FOUND, UNAVAILABLE, BAD_MODEL, UNSUPPORTED_MODEL, NO_PREPROCESSING, NO_CUT
 */
export async function resolveBackbone(spec: string | undefined, options: ResolveOptions): Promise<Backbone> {
  if (spec === undefined || spec === 'embedded') return embeddedBackbone(options.openSession);
  return load(await locate(spec, options), options);
}

async function load(files: LocalFiles, options: ResolveOptions): Promise<Backbone> {
  const { name, model: path, licence, configs = [], entry } = files;
  const bytes = await readRegular(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  const bare = readModel(bytes, path);
  const input = imageInput(bare, path);
  const sources = {
    given: options.preprocessing,
    model: path,
    hash: sha256(bytes),
    known: entry?.preprocessing,
    configs,
  };
  const stated = await findPreprocessing(sources, bare, input);
  const preprocessing = fitPreprocessing(stated, input, path);
  const model = await readExternalData(bare, dirname(path), path);
  const { openSession, cut: wanted } = options;
  const cut = await cutNetwork(model, { openSession, source: path, preprocessing, ...(wanted && { cut: wanted }) });
  const backbone: Backbone = {
    name,
    hash: hashOf(bytes, bare, model),
    ...(licence && { licence }),
    preprocessing,
    network: cut.network,
    cut: cut.cut,
  };
  if (entry && wanted === undefined && options.preprocessing === undefined) requireAsListed(entry, backbone);
  return backbone;
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** SHA-256 of the file, and of the weights beside it where it has some: these are the model too. */
function hashOf(bytes: Uint8Array, bare: Model, whole: Model): string {
  const hash = createHash('sha256').update(bytes);
  const outside = new Set(bare.graph.initializers.flatMap(({ name, external }) => (external ? [name] : [])));
  for (const tensor of whole.graph.initializers) if (outside.has(tensor.name)) hash.update(tensor.bytes);
  return hash.digest('hex');
}

function unreadable(path: string, error: unknown): CarafeError {
  return new CarafeError(
    isMissing(error) ? 'NOT_FOUND' : 'UNREADABLE',
    isMissing(error) ? `There is no network ${path}.` : `The network ${path} cannot be read: ${fileReason(error)}.`,
    'Give an .onnx file, or a name from `carafe backbones`.',
    { cause: error },
  );
}
