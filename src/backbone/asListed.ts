/** Whether a network is the one that the catalogue describes. */

import { CarafeError } from '../errors.ts';
import { sha256 } from '../numerics/sha256.ts';
import type { Backbone, CutNetwork } from './backbone.ts';
import type { CatalogueEntry } from './catalogue.ts';

/**
 * Digest of the shape of a cut: how many values it gives, from which maps, by which operators. Files with other weights of
 * the same network share it.
 */
export function cutShape({ width, spatial, maps, nodes }: CutNetwork): string {
  const shapes = [spatial, ...maps].map((map) => map && [map.channels, map.layout, map.skip]);
  const operators = nodes.map(({ op }) => op);
  return sha256(JSON.stringify([width, shapes, operators])).slice(0, 16);
}

/**
 * A wrong file is noticed before photos go through it.
 * @param backbone with the cut and the preprocessing that the network brings
 * @throws CarafeError BAD_MODEL
 */
export function requireAsListed(entry: CatalogueEntry, { network, preprocessing }: Backbone): void {
  const { height, width } = preprocessing.crop;
  const shape = cutShape(network);
  const wrong =
    network.width !== entry.width
      ? `it gives ${network.width} features where ${entry.width} were expected`
      : height !== entry.inputSize || width !== entry.inputSize
        ? `it takes photos of ${width} x ${height} pixels where ${entry.inputSize} x ${entry.inputSize} were expected`
        : entry.shape !== undefined && entry.shape !== shape
          ? `the shape of its cut has the digest ${shape} where ${entry.shape} was expected`
          : undefined;
  if (wrong === undefined) return;
  throw new CarafeError(
    'BAD_MODEL',
    `What was downloaded as ${entry.name} is not the network that the catalogue describes: ${wrong}.`,
    `Check HF_ENDPOINT, if it names a mirror. To use the file as it is, pass its address: hf:${entry.repo}@${entry.revision}:${entry.file}`,
  );
}
