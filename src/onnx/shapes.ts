/** The shape of every tensor, asked of ONNX Runtime. */

import type { OpenSession, TensorInfo } from '../runtime/platform.ts';
import type { Dimension, Model, StoredTensor, ValueInfo } from './model.ts';
import { writeModel } from './write.ts';

/** Stored tensors of more bytes are weights, whose values no shape depends on. */
export const largestShapeBytes = 1024;

/**
 * Types and shapes of the named tensors (of every tensor that a node gives, unless told), as ONNX Runtime infers them
 * when it opens the network: each is declared as an output without a type. Weights become typed inputs, so their
 * values are not needed and take no memory. Optimisation is on, since only constant folding follows shapes through
 * `Shape`, `Gather` and `Concat`; with inputs of fixed size every shape is then a number. A free one is a string.
 * `inputShapes` says more than the file does about its inputs.
 * @throws CarafeError BAD_MODEL where the runtime refuses the network.
 */
export async function inferShapes(
  model: Model,
  openSession: OpenSession,
  inputShapes: ReadonlyMap<string, readonly Dimension[]> = new Map(),
  names: readonly string[] = model.graph.nodes.flatMap((node) => node.outputs).filter((name) => name !== ''),
): Promise<Map<string, TensorInfo>> {
  const { graph } = model;
  const stored = new Set(graph.initializers.map(({ name }) => name));
  const weights = graph.initializers.filter(isWeight);
  const inputs: ValueInfo[] = [
    ...graph.inputs
      .filter(({ name }) => !stored.has(name))
      .map((value) => ({ ...value, shape: inputShapes.get(value.name) ?? value.shape })),
    ...weights.map(({ name, type, dims }) => ({ name, type, shape: dims })),
  ];
  const outputs = names.map((name) => ({ name, type: undefined, shape: undefined }));
  const initializers = graph.initializers.filter((tensor) => !isWeight(tensor));
  const session = await openSession(writeModel({ ...model, graph: { ...graph, inputs, outputs, initializers } }));
  const infos = new Map<string, TensorInfo>();
  for (const info of [...session.inputs, ...session.outputs]) infos.set(info.name, info);
  await session.release();
  return infos;
}

function isWeight({ external, bytes }: StoredTensor): boolean {
  return external !== undefined || bytes.length > largestShapeBytes;
}
