/** Drops everything that features do not need. */

import { GraphBuilder } from '../onnx/builder.ts';
import type { Model } from '../onnx/model.ts';
import { dataTypes } from '../onnx/model.ts';
import { neededNodes, sources } from '../onnx/walk.ts';
import type { TensorInfo } from '../runtime/platform.ts';
import type { CutNetwork, SpatialCut } from './backbone.ts';
import type { Candidate, Candidates } from './candidates.ts';
import { pooledMaps } from './depths.ts';
import { addReadout } from './readout.ts';

export interface TrimOptions {
  readonly model: Model;
  readonly input: string;
  readonly candidate: Candidate;
  readonly found: Candidates;
  readonly shapes: ReadonlyMap<string, TensorInfo>;
  readonly fixedBatch: boolean;
  /** For the names of new tensors; no name of the network begins so. */
  readonly prefix: string;
}

/** The network that ends at its features and maps, with the nodes and weights that these need, and no others. */
export function trim({ model, input, candidate, found, shapes, fixedBatch, prefix }: TrimOptions): CutNetwork {
  const builder = new GraphBuilder(prefix);
  builder.append({ nodes: model.graph.nodes, initializers: [] });
  const info = shapes.get(candidate.tensor);
  if (!info) throw new TypeError(`no shape for '${candidate.tensor}'`);
  const features = addReadout(builder, candidate.tensor, info, candidate.readout, candidate.map);
  const inFloat32 = (map: SpatialCut): SpatialCut =>
    shapes.get(map.tensor)?.type === 'float16'
      ? { ...map, tensor: builder.node('Cast', [map.tensor], { to: dataTypes.float32 }) }
      : map;
  const spatial = found.spatial && inFloat32(found.spatial);
  const maps = found.maps.map(inFloat32);
  const pooled = pooledMaps(maps, spatial);
  const targets = [features, ...[...(spatial ? [spatial] : []), ...maps].map(({ tensor }) => tensor)];
  const graph = builder.graph();
  const nodes = neededNodes(graph, targets);
  const used = sources(nodes, targets);
  const domains = new Set(nodes.map(({ domain }) => domain));
  const isUsedDomain = (domain: string): boolean => domain === '' || domains.has(domain) || model.functions.length > 0;
  return {
    irVersion: Math.max(model.irVersion, 7),
    opsets: new Map([...model.opsets].filter(([domain]) => isUsedDomain(domain))),
    functions: model.functions,
    nodes,
    initializers: [...model.graph.initializers, ...graph.initializers].filter(({ name }) => used.has(name)),
    input,
    features,
    width: candidate.width,
    ...(spatial && { spatial }),
    maps,
    pooled,
    fixedBatch,
  };
}

/** What was cut, in words and in the network's own tensor names. */
export function describeCut({ tensor, readout, width }: Candidate, { spatial }: Candidates): string {
  const features = `features: ${readout} of ${tensor} [${width}]`;
  if (!spatial) return features;
  const from = spatial.skip > 0 ? `, from ${spatial.skip}` : '';
  return `${features}; spatial: ${spatial.tensor} [${spatial.layout} ${spatial.channels}${from}]`;
}
