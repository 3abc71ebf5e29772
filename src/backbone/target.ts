/** The output that the cut starts from, before what only decides. */

import type { Model, Node, ValueInfo } from '../onnx/model.ts';
import type { Link } from '../onnx/walk.ts';
import { flowChain, flowing, neededNodes, producers, sources } from '../onnx/walk.ts';

/** The output that the cut starts from, and the way to it. */
export interface Target {
  readonly tensor: string;
  /**
   * features: the file names it so. scores: probably class scores; decided: scores for sure, since the network picks a
   * class by them. named: the user's own choice.
   */
  readonly kind: 'features' | 'scores' | 'decided' | 'named';
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

/**
 * Where to start, the likeliest first: the tensor that was named, features by name or metadata, else the class scores.
 */
export function findTargets(model: Model, input: string, named: string | undefined): Target[] {
  const metadata = model.metadata.get('carafe.cut');
  const wanted = named ?? metadata;
  if (wanted !== undefined) {
    const way = wayTo(model, input, wanted);
    if (way) return [{ tensor: wanted, kind: named === undefined ? 'features' : 'named', ...way }];
    if (named !== undefined) return [];
  }
  const { outputs } = model.graph;
  for (const tensor of featureNames) {
    const way = outputs.some(({ name }) => name === tensor) ? wayTo(model, input, tensor) : undefined;
    if (way) return [{ tensor, kind: 'features', ...way }];
  }
  const likely = ({ name, type = 'float32' }: ValueInfo) =>
    Number(/^b?float/.test(type)) * 2 + Number(scoreName.test(name));
  const targets = new Map<string, Target>();
  for (const { name } of outputs.toSorted((a, b) => likely(b) - likely(a)).slice(0, mostOutputs)) {
    const way = wayTo(model, input, name);
    if (!way) continue;
    const tensor = beforeDecision(way.nodes, input, name);
    const before = tensor === name ? undefined : wayTo(model, input, tensor);
    if (before) targets.set(tensor, { tensor, kind: 'decided', ...before });
    if (!targets.has(name)) targets.set(name, { tensor: name, kind: 'scores', ...way });
  }
  return [...targets.values()];
}

/** Operators that turn scores into an answer: a class, its name, a yes or no, a dictionary. */
const decisions = new Set(
  'ArgMax ArgMin TopK Hardmax ReduceMax ZipMap LabelEncoder CategoryMapper ArrayFeatureExtractor GatherElements GatherND Greater GreaterOrEqual Less LessOrEqual OneHot Binarizer'.split(
    ' ',
  ),
);
/** Operators that may stand between a decision and its output. */
const handlers = new Set(
  'Identity Cast Squeeze Unsqueeze Reshape Flatten Gather Slice Where Not SequenceAt SequenceConstruct SplitToSequence'.split(
    ' ',
  ),
);

/** The scores that the network decides by where `output` is a decision, else `output` itself. */
function beforeDecision(nodes: readonly Node[], input: string, output: string): string {
  const givenBy = producers(nodes);
  const flows = flowing(nodes, input);
  let scores = output;
  for (let at: string | undefined = output; at !== undefined; ) {
    const node = givenBy.get(at);
    if (!node || !(decisions.has(node.op) || handlers.has(node.op))) break;
    at = node.inputs.find((name) => flows.has(name));
    if (at !== undefined && at !== input && decisions.has(node.op)) scores = at;
  }
  return scores;
}

/** Whether an output of this name and width is probably class scores rather than features. */
export function looksLikeScores(name: string, width: number): boolean {
  return scoreName.test(name) || classCounts.has(width);
}

/** ImageNet's (with and without background), ImageNet-21k's, Places365's. */
const classCounts = new Set([1000, 1001, 21_841, 21_843, 11_221, 10_450, 365]);
