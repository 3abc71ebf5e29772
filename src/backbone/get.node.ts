/** Downloads a backbone ahead of time. */

import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readModel } from '../onnx/read.ts';
import { readRegular } from '../runtime/files.node.ts';
import { cutShape } from './asListed.ts';
import { embeddedFile } from './embedded.node.ts';
import type { GotBackbone } from './got.ts';
import { type LocalFiles, locate } from './locate.node.ts';
import { type ResolveOptions, resolveBackbone } from './resolve.node.ts';

/**
 * The backbone that `spec` names, downloaded where it is not here yet and tried on two images: what `train` would use
 * without a connection.
 * @throws CarafeError as `resolveBackbone`
 */
export async function getBackbone(spec: string, options: ResolveOptions): Promise<GotBackbone> {
  const isEmbedded = spec === 'embedded';
  const files: LocalFiles = isEmbedded ? { name: spec, model: embeddedFile } : await locate(spec, options);
  // The terms have been shown.
  const { onTerms: _, ...quiet } = options;
  const { hash, licence, network, preprocessing } = await resolveBackbone(spec, quiet);
  const { height, width } = preprocessing.crop;
  return {
    name: spec,
    source: files.source ?? null,
    licence: licence ?? null,
    file: files.model,
    bytes: await bytesOf(files.model),
    hash,
    width: network.width,
    inputSize: { height, width },
    shape: cutShape(network),
  };
}

/** Of a network's file, and of the files beside it that hold its weights. */
async function bytesOf(path: string): Promise<number> {
  const { graph } = readModel(await readRegular(path), path);
  const beside = new Set(graph.initializers.flatMap(({ external }) => (external ? [external.location] : [])));
  let bytes = 0;
  for (const file of [path, ...[...beside].map((name) => join(dirname(path), name))]) bytes += (await stat(file)).size;
  return bytes;
}
