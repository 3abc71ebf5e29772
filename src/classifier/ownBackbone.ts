/** The network inside a classifier's file, as it was before. */

import type { Backbone, CutNetwork } from '../backbone/backbone.ts';
import { backboneTensor, ownName, renamed } from '../features/network.ts';
import type { Model } from '../onnx/model.ts';
import { producers, sources } from '../onnx/walk.ts';
import type { ClassCard, LabelCard } from './card.ts';

const input = 'pixels';

/**
 * The network inside a classifier's file, as it was before it became part of it: the same nodes, weights and names, so
 * that it gives the same features, and the cache knows them. Only the maps of one-class heads are not listed.
 */
export function ownBackbone({
  model,
  card,
}: {
  readonly model: Model;
  readonly card: Pick<ClassCard | LabelCard, 'backbone' | 'preprocessing'>;
}): Backbone {
  const { graph, irVersion, opsets, functions } = model;
  const { name, hash, licence, width, cut, spatial, depths } = card.backbone;
  const { nodes, initializers, known, features, outside } = ownPart(graph);
  const own = (each: string): string => (outside.includes(each) ? input : (ownName(each) ?? each));
  const network: CutNetwork = {
    irVersion,
    opsets,
    functions,
    ...renamed({ nodes, initializers }, own),
    input,
    features: own(features),
    width,
    ...(spatial && known.has(backboneTensor(spatial.tensor)) ? { spatial } : {}),
    maps: [],
    ...(depths ? { pooled: depths.pooled, own: { features: depths.features, width: depths.width } } : {}),
    fixedBatch: graph.inputs[0]?.shape?.[0] === 1,
  };
  return { name, hash, ...(licence ? { licence } : {}), preprocessing: card.preprocessing, network, cut };
}

/** What of a classifier's graph was its backbone, and what that reads from outside. */
function ownPart(graph: Model['graph']) {
  const nodes = graph.nodes.filter(({ outputs }) => outputs.some((output) => ownName(output) !== undefined));
  const initializers = graph.initializers.filter((stored) => ownName(stored.name) !== undefined);
  const known = new Set([...nodes.flatMap(({ outputs }) => outputs), ...initializers.map((stored) => stored.name)]);
  const features = backboneFeatures(graph);
  // Only the pixels come from outside.
  const outside = [...sources(nodes, [features])].filter((each) => !known.has(each));
  return { nodes, initializers, known, features, outside };
}

/** The tensor through which a photo, framed and normalised, enters the network inside a classifier's file. */
export function pixelsTensor(graph: Model['graph']): string | undefined {
  const { outside } = ownPart(graph);
  return outside.length === 1 ? outside[0] : undefined;
}

/** The tensor of the features that the network gives, before the mean over looks. */
function backboneFeatures({ nodes }: Model['graph']): string {
  const made = producers(nodes);
  let name = 'features';
  while (ownName(name) === undefined) {
    const node = made.get(name);
    if (!node) return '';
    name = node.inputs[0];
  }
  return name;
}
