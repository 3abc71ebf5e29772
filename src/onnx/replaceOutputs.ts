/** Outputs of a graph computed in another way. */

import type { Graph, Model, Node } from './model.ts';
import { neededNodes, sources } from './walk.ts';

/**
 * The network with outputs of `added` in place of its own of the same names; what nothing needs any more is gone.
 * @param nodes of the network, without those that give outputs of these names
 */
export function replaceOutputs(model: Model, nodes: readonly Node[], added: Graph): Model {
  const replaced = new Map(added.outputs.map((output) => [output.name, output]));
  const outputs = model.graph.outputs.map((output) => replaced.get(output.name) ?? output);
  const names = outputs.map(({ name }) => name);
  const needed = neededNodes({ nodes: [...nodes, ...added.nodes] }, names);
  const used = sources(needed, names);
  const initializers = [...model.graph.initializers, ...added.initializers].filter(({ name }) => used.has(name));
  return { ...model, graph: { ...model.graph, nodes: needed, initializers, outputs } };
}

/** The first number for which no tensor of the network begins with `<stem> <number>/`. */
export function freeNumber({ graph: { nodes } }: Model, stem: string): number {
  const taken = nodes.flatMap(({ outputs }) => outputs.filter((name) => name.startsWith(`${stem} `)));
  let number = 0;
  while (taken.some((name) => name.startsWith(`${stem} ${number}/`))) number++;
  return number;
}
