/** Loss and gradients of the last stage with a dense layer behind it, as one ONNX graph. */

import type { Stage } from '../../backbone/stage.ts';
import { addNative } from '../../features/network.ts';
import { differentiate } from '../../gradients/differentiate.ts';
import { GraphBuilder } from '../../onnx/builder.ts';
import { computedConstants } from '../../onnx/computedConstants.ts';
import { dataTypes, type Model, type StoredTensor } from '../../onnx/model.ts';
import { inferShapes } from '../../onnx/shapes.ts';
import { reads, sources } from '../../onnx/walk.ts';
import type { OpenSession } from '../../runtime/platform.ts';

/** What is trained besides the stage's own weights. */
export const outputWeights = 'finetuning/output.weight';
export const outputBias = 'finetuning/output.bias';

/** Sizes of everything that is trained, by name. */
export type Parameters = ReadonlyMap<string, readonly number[]>;

/** The graph of one step, and what it trains. */
export interface StageGraph {
  /**
   * In: `x` float16 [batch, H, W, C], what enters the stage; `centre` float32 [1, width], which is taken off the features,
   * and `dropout` float32 [batch, width], by which they are then multiplied; `targets` float32 [batch, classes], each photo's share of the classes times its weight; and each parameter.
   * Out: `loss`, the cross-entropy summed over the batch, and `by/NAME` for each parameter.
   */
  readonly bytes: Uint8Array;
  readonly parameters: Parameters;
}

/** @throws NotDifferentiable for an operator, or a form of one, without a rule */
export async function stageGraph(
  stage: Stage,
  classes: number,
  batch: number,
  openSession: OpenSession,
): Promise<StageGraph> {
  const { model, features, width, cut, sizes } = stage;
  const trained = new Set(stage.trained);
  const stored = model.graph.initializers;
  const parameters = new Map<string, readonly number[]>();
  for (const { name, dims } of stored) if (trained.has(name)) parameters.set(name, dims);
  parameters.set(outputWeights, [classes, width]);
  parameters.set(outputBias, [classes]);

  const forward = new GraphBuilder('finetuning/');
  forward.input('x', 'float16', [batch, ...sizes]);
  forward.input('centre', 'float32', [1, width]);
  forward.input('dropout', 'float32', [batch, width]);
  forward.input('targets', 'float32', [batch, classes]);
  for (const [name, dims] of parameters) forward.input(name, 'float32', dims);
  const map = addNative(forward, forward.node('Cast', ['x'], { to: dataTypes.float32 }), cut);
  forward.append({
    nodes: [
      { op: 'Identity', domain: '', name: cut.tensor, inputs: [map], outputs: [cut.tensor], attributes: new Map() },
      ...model.graph.nodes,
    ],
    initializers: stored.filter(({ name }) => !trained.has(name)),
  });
  const kept = forward.node('Mul', [forward.node('Sub', [features, 'centre']), 'dropout']);
  const logits = forward.node('Gemm', [kept, outputWeights, outputBias], { transB: 1 });
  const likely = forward.node('Mul', [forward.node('LogSoftmax', [logits], { axis: -1 }), 'targets']);
  const loss = forward.node('Neg', [forward.node('ReduceSum', [likely, forward.ints([0, 1])], { keepdims: 0 })]);
  forward.output(loss, 'float32', []);

  const whole: Model = { ...model, graph: forward.graph() };
  const { nodes, constants, shapes } = await settled(whole, openSession);
  const builder = new GraphBuilder('gradients/');
  for (const { name, type, shape } of whole.graph.inputs)
    if (type === 'float16' || type === 'float32') builder.input(name, type, shape ?? []);
  const by = [...parameters.keys()];
  const gradients = differentiate({ nodes, constants, shapes }, loss, by, builder);
  builder.output(gradients.named(loss), 'float32', [], 'loss');
  for (const [name, gradient] of gradients.by) {
    if (gradient === undefined) parameters.delete(name);
    else builder.output(gradient, 'float32', parameters.get(name) ?? [], `by/${name}`);
  }
  const { irVersion, opsets, functions } = model;
  return { bytes: builder.bytes({ irVersion, opsets, functions }), parameters };
}

/** A graph of fixed sizes: what is computed from sizes is stored, and the sizes of all tensors are known. */
async function settled(model: Model, openSession: OpenSession) {
  const { graph } = model;
  const found = await inferShapes(model, openSession);
  const shapes = new Map<string, readonly number[]>();
  for (const [name, { shape }] of found)
    if (shape.every((size) => typeof size === 'number')) shapes.set(name, shape.map(Number));
  for (const { name, dims } of graph.initializers) shapes.set(name, dims);
  const given = new Set(graph.inputs.map(({ name }) => name));
  const flows = new Set(given);
  for (const node of graph.nodes)
    if (node.op !== 'Shape' && node.op !== 'Size' && [...reads(node)].some((name) => flows.has(name)))
      for (const name of node.outputs) flows.add(name);
  const nodes = graph.nodes.filter(({ outputs }) => outputs.some((name) => flows.has(name)));
  const own = new Set(graph.initializers.map(({ name }) => name));
  const wanted = [...sources(nodes, [])].filter((name) => !given.has(name));
  const computed = wanted.filter((name) => !own.has(name));
  const constants: StoredTensor[] = graph.initializers.filter(({ name }) => wanted.includes(name));
  if (computed.length === 0) return { nodes, constants, shapes };
  const [first] = graph.inputs;
  const more = await computedConstants(
    model,
    computed,
    { name: first.name, sizes: (first.shape ?? []).map(Number) },
    openSession,
  );
  for (const { name, dims } of more) shapes.set(name, dims);
  return { nodes, constants: [...constants, ...more], shapes };
}
