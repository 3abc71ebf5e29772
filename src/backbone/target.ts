import type { Model, Node } from '../onnx/model.ts';
import type { Link } from '../onnx/walk.ts';
import { flowChain, neededNodes, sources } from '../onnx/walk.ts';

/** The output that the cut starts from, and the way to it. */
export interface Target {
  readonly tensor: string;
  /** features: the file names it so. scores: taken for class scores. named: the user's own choice. */
  readonly kind: 'features' | 'scores' | 'named';
  /** What the target needs, in an order of computation. */
  readonly nodes: readonly Node[];
  /** From the image input to the target. */
  readonly chain: readonly Link[];
}

/** Outputs that hold features by name, the most finished first. */
const featureNames = [
  'features',
  'image_embeds',
  'image_features',
  'pooler_output',
  'image_embeddings',
  'embeddings',
  'embedding',
  'last_hidden_state',
];
/** So many outputs are tried; a classifier has one or two, a hostile file as many as it likes. */
const mostOutputs = 16;
const scoreName = /logit|score|prob|softmax|class/i;

/** The way from the image to `tensor`, or undefined where it needs other inputs or does not depend on the image. */
function wayTo(model: Model, input: string, tensor: string): Pick<Target, 'nodes' | 'chain'> | undefined {
  const nodes = neededNodes(model.graph, [tensor]);
  const stored = new Set(model.graph.initializers.map(({ name }) => name));
  if ([...sources(nodes, [tensor])].some((name) => name !== input && !stored.has(name))) return undefined;
  const chain = flowChain(nodes, input, tensor);
  return chain && { nodes, chain };
}

/** Finds where to start: the tensor that was named, features by name or metadata, else the class scores. */
export function findTarget(model: Model, input: string, named: string | undefined): Target | undefined {
  const metadata = model.metadata.get('carafe.cut');
  const wanted = named ?? metadata;
  if (wanted !== undefined) {
    const way = wayTo(model, input, wanted);
    if (way) return { tensor: wanted, kind: named === undefined ? 'features' : 'named', ...way };
    if (named !== undefined) return undefined;
  }
  const outputs = model.graph.outputs.map(({ name }) => name);
  for (const tensor of featureNames) {
    const way = outputs.includes(tensor) ? wayTo(model, input, tensor) : undefined;
    if (way) return { tensor, kind: 'features', ...way };
  }
  const byName = outputs.toSorted((a, b) => Number(scoreName.test(b)) - Number(scoreName.test(a)));
  for (const tensor of byName.slice(0, mostOutputs)) {
    const way = wayTo(model, input, tensor);
    if (way) return { tensor, kind: 'scores', ...way };
  }
  return undefined;
}

/** Whether an output of this name and width is taken for class scores rather than for features. */
export function looksLikeScores(name: string, width: number): boolean {
  return scoreName.test(name) || classCounts.has(width);
}

/** ImageNet's (with and without background), ImageNet-21k's, Places365's. */
const classCounts = new Set([1000, 1001, 21_841, 21_843, 11_221, 10_450, 365]);
