/** Who feeds whom: producers, consumers, what is needed. */

import type { Graph, Node } from './model.ts';

/** Everything a node reads: its inputs, and what its inner graphs take from outside. */
export function reads(node: Node): Set<string> {
  const names = new Set(node.inputs.filter((name) => name !== ''));
  for (const attribute of node.attributes.values())
    if (attribute.kind === 'graph') for (const name of captured(attribute.value)) names.add(name);
  return names;
}

function captured(graph: Graph): Set<string> {
  const own = new Set([...graph.inputs, ...graph.initializers].map(({ name }) => name));
  const taken = new Set<string>();
  for (const node of graph.nodes) {
    for (const name of reads(node)) if (!own.has(name)) taken.add(name);
    for (const name of node.outputs) own.add(name);
  }
  for (const { name } of graph.outputs) if (!own.has(name)) taken.add(name);
  return taken;
}

/** Tensor name to the node that gives it. */
export function producers(nodes: readonly Node[]): Map<string, Node> {
  const map = new Map<string, Node>();
  for (const node of nodes)
    for (const name of node.outputs)
      if (name !== '') {
        if (map.has(name)) throw new Error(`two nodes give the tensor '${name}'`);
        map.set(name, node);
      }
  return map;
}

/**
 * The nodes that `targets` need, each after the nodes that it reads from.
 * @throws Error where the graph has a cycle or two nodes give one tensor.
 */
export function neededNodes(graph: Pick<Graph, 'nodes'>, targets: readonly string[]): Node[] {
  const producer = producers(graph.nodes);
  const order: Node[] = [];
  const state = new Map<Node, 'open' | 'done'>();
  // Depth first with a stack of its own: a hostile graph may be as deep as it has nodes.
  const stack: { node: Node; rest: Iterator<string> }[] = [];
  const enter = (name: string): void => {
    const node = producer.get(name);
    if (!node || state.get(node) === 'done') return;
    if (state.get(node) === 'open') throw new Error(`the graph has a cycle through '${name}'`);
    state.set(node, 'open');
    stack.push({ node, rest: reads(node).values() });
  };
  for (const target of targets) {
    enter(target);
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const next = top.rest.next();
      if (!next.done) enter(next.value);
      else {
        state.set(top.node, 'done');
        order.push(top.node);
        stack.pop();
      }
    }
  }
  return order;
}

/** Names that `nodes` and `targets` read and no node gives: inputs and stored weights. */
export function sources(nodes: readonly Node[], targets: readonly string[]): Set<string> {
  const given = new Set(nodes.flatMap((node) => node.outputs));
  const names = new Set(targets.filter((name) => !given.has(name)));
  for (const node of nodes) for (const name of reads(node)) if (!given.has(name)) names.add(name);
  return names;
}

function isSize({ op }: Node): boolean {
  return op === 'Shape' || op === 'Size';
}

/**
 * The tensors whose values depend on those of `input`; sizes are not values, unless they are free (`withSizes`). `nodes` in
 * an order of computation.
 */
export function flowing(nodes: readonly Node[], input: string, withSizes = false): Set<string> {
  const flows = new Set([input]);
  for (const node of nodes)
    if ((withSizes || !isSize(node)) && [...reads(node)].some((name) => flows.has(name)))
      for (const name of node.outputs) if (name !== '') flows.add(name);
  return flows;
}

/** A tensor through which everything flows, and the nodes that computed it from the link before. */
export interface Link {
  readonly tensor: string;
  readonly nodes: readonly Node[];
}

/**
 * The chain of tensors that separate `input` from `target`: every path of values from one to the other passes each.
 * In any order of computation such a tensor is at some moment the only one that is still to be read, and only such
 * a tensor is. Sizes are not values: what is computed from `Shape` is constant here.
 * The first link is the input itself, the last the target; undefined if the target does not depend on the input.
 * `nodes` is what `neededNodes` gave for the target.
 */
export function flowChain(nodes: readonly Node[], input: string, target: string): Link[] | undefined {
  const flows = flowing(nodes, input);
  if (!flows.has(target)) return undefined;
  const readers = new Map<string, number>([[target, 1]]);
  const steps = nodes.flatMap((node) => {
    const taken = isSize(node) ? [] : [...reads(node)].filter((name) => flows.has(name));
    for (const name of taken) readers.set(name, (readers.get(name) ?? 0) + 1);
    return taken.length > 0 ? [{ node, taken }] : [];
  });
  const live = new Set([input]);
  const chain: Link[] = [{ tensor: input, nodes: [] }];
  let segment: Node[] = [];
  for (const { node, taken } of steps) {
    segment.push(node);
    for (const name of taken) {
      const left = (readers.get(name) ?? 0) - 1;
      readers.set(name, left);
      if (left === 0) live.delete(name);
    }
    for (const name of node.outputs) if (readers.has(name)) live.add(name);
    const [only] = live;
    if (live.size === 1 && only !== undefined && only !== chain.at(-1)?.tensor) {
      chain.push({ tensor: only, nodes: segment });
      segment = [];
    }
  }
  return chain;
}
