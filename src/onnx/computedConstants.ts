/** Tensors that do not depend on what flows through a graph, computed once and stored. */

import type { AnyTensor, OpenSession } from '../runtime/platform.ts';
import { storedTensor } from './builder.ts';
import type { Model, StoredTensor } from './model.ts';
import { elementCount } from './model.ts';
import { neededNodes, sources } from './walk.ts';
import { writeModel } from './write.ts';

/**
 * Computes tensors of a graph that depend on no value of its input, though maybe on its size.
 * @param input the input's name and sizes; zeros are fed
 */
export async function computedConstants(
  model: Model,
  names: readonly string[],
  input: { readonly name: string; readonly sizes: readonly number[]; readonly type?: 'float32' | 'uint8' },
  openSession: OpenSession,
): Promise<StoredTensor[]> {
  const { graph } = model;
  const stored = new Map(graph.initializers.map((tensor) => [tensor.name, tensor]));
  const kept = names.flatMap((name) => stored.get(name) ?? []);
  const computed = names.filter((name) => !stored.has(name));
  if (computed.length === 0) return kept;
  const nodes = neededNodes(graph, computed);
  const used = sources(nodes, computed);
  const needsInput = used.has(input.name);
  const type = input.type ?? 'float32';
  const own = {
    ...graph,
    nodes,
    initializers: graph.initializers.filter(({ name }) => used.has(name)),
    inputs: needsInput ? [{ name: input.name, type, shape: input.sizes }] : [],
    outputs: computed.map((name) => ({ name, type: undefined, shape: undefined })),
  };
  const session = await openSession(writeModel({ ...model, graph: own }));
  try {
    const count = elementCount(input.sizes);
    const dims = input.sizes;
    const zeros: AnyTensor =
      type === 'uint8' ? { type, dims, data: new Uint8Array(count) } : { type, dims, data: new Float32Array(count) };
    const results = await session.run(needsInput ? { [input.name]: zeros } : {});
    return [...kept, ...computed.map((name) => storedTensor(name, results[name]!))];
  } finally {
    await session.release();
  }
}
