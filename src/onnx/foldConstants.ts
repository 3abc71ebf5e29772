/** What a graph computes anew for every photo, though it is always the same, computed once and stored. */

import type { OpenSession } from '../runtime/platform.ts';
import { computedConstants } from './computedConstants.ts';
import type { Model, StoredTensor, ValueInfo } from './model.ts';
import { flowing, neededNodes, producers, reads, sources } from './walk.ts';

/** What of a network is computed beforehand. */
export interface FoldOptions {
  /**
   * Whether weights that are stored in fewer bytes than they have (int8 or float16 before a Cast) are stored as what they
   * come to; else they stay as they are.
   */
  readonly grows: boolean;
  /** Whether a tensor, by its name, is; all are unless told. */
  readonly isWanted?: (name: string) => boolean;
}

/** A constant of so many bytes may be stored, whatever it is computed from. */
const smallBytes = 1024;

/**
 * The network with its constants computed: all that depends on no value of its one input, and on its sizes only where
 * these are numbers.
 */
export async function foldConstants(
  model: Model,
  openSession: OpenSession,
  { grows, isWanted = () => true }: FoldOptions,
): Promise<Model> {
  const { graph } = model;
  const outputs = graph.outputs.map(({ name }) => name);
  const nodes = neededNodes(graph, outputs);
  const input = inputOf(model);
  const sizes = input.shape?.filter((size) => typeof size === 'number') ?? [];
  const isFixed = sizes.length === input.shape?.length;
  const flows = flowing(nodes, input.name, !isFixed);
  const isFlowing = (name: string) => flows.has(name);
  const made = producers(nodes);
  const wanted = new Set(outputs);
  for (const node of nodes) if (node.outputs.some(isFlowing)) for (const name of reads(node)) wanted.add(name);
  const names = [...wanted].filter((name) => made.has(name) && !isFlowing(name) && isWanted(name));
  const type = input.type === 'uint8' ? 'uint8' : 'float32';
  const computed = await computedConstants(model, names, { name: input.name, sizes, type }, openSession);
  const kept = computed.filter(
    (tensor) => grows || tensor.bytes.length <= Math.max(smallBytes, bytesBehind(model, tensor)),
  );
  // A node of several outputs goes with all of them, or stays.
  const replaced = new Map(
    kept
      .map((tensor) => [tensor.name, tensor])
      .filter(([name]) => {
        const others = made.get(String(name))?.outputs ?? [];
        return others.every((other) => !names.includes(other) || kept.some((tensor) => tensor.name === other));
      }) as [string, StoredTensor][],
  );
  const left = neededNodes(
    { nodes: nodes.filter((node) => !node.outputs.some((name) => replaced.has(name))) },
    outputs,
  );
  const used = sources(left, outputs);
  const initializers = [...graph.initializers, ...replaced.values()].filter(({ name }) => used.has(name));
  return { ...model, graph: { ...graph, nodes: left, initializers } };
}

/** The one input of a network. */
export function inputOf({ graph }: Model): ValueInfo {
  const stored = new Set(graph.initializers.map(({ name }) => name));
  const [input] = graph.inputs.filter(({ name }) => !stored.has(name));
  if (!input) throw new TypeError('the network has no input');
  return input;
}

/** How many stored bytes a tensor is computed from. */
function bytesBehind({ graph }: Model, { name }: StoredTensor): number {
  const behind = sources(neededNodes(graph, [name]), [name]);
  return graph.initializers.reduce((sum, stored) => sum + (behind.has(stored.name) ? stored.bytes.length : 0), 0);
}
