/** Which layers are bottlenecks, and what each saves. */

import { smallestOf } from '../numerics/statistics.ts';
import type { Node } from '../onnx/model.ts';
import type { InspectedBottleneck } from './inspection.ts';
import type { Layer, Mixing } from './layers.ts';

type MixingLayer = Layer & { readonly mixing: Mixing };

interface Cost {
  readonly parameters: number;
  readonly macs: number;
}

/** What the layers after a narrow one are: those of its own width, then those that leave it. */
interface Block {
  readonly kept: MixingLayer[];
  readonly after: MixingLayer[];
}

/** What a channel passes through unmixed. A sum keeps its channels; a concatenation does not. */
const passing = new Set(
  `Relu LeakyRelu PRelu Clip Sigmoid HardSigmoid HardSwish Elu Selu Gelu Tanh Erf Mish Softplus Exp Add Sub Mul Div Pow
  Sqrt ReduceMean Mean Sum Max Min BatchNormalization LayerNormalization InstanceNormalization GroupNormalization
  SimplifiedLayerNormalization SkipLayerNormalization LRN Dropout Identity Cast QuantizeLinear DequantizeLinear
  DynamicQuantizeLinear AveragePool MaxPool GlobalAveragePool Flatten Reshape Transpose Squeeze Unsqueeze Pad Gather`.split(
    /\s+/,
  ),
);

/**
 * The bottleneck layers: 1x1 convolutions and dense layers with fewer outputs than what comes in and than every layer
 * that comes next. Layers of the same width in between belong to the narrow part (the 3x3 convolution of a ResNet
 * block). What one saves is counted against the same block without it: the narrow layer gone, and the layers after
 * it, up to those that leave the narrow part, at the width that came in.
 */
export function findBottlenecks(layers: readonly Layer[], nodes: readonly Node[]): InspectedBottleneck[] {
  const mixing = new Map<Node, MixingLayer>();
  for (const layer of layers) if (isMixingLayer(layer)) mixing.set(layer.node, layer);
  const readers = new Map<string, Node[]>();
  for (const node of nodes)
    for (const name of new Set(node.inputs)) {
      const list = readers.get(name);
      if (list) list.push(node);
      else readers.set(name, [node]);
    }
  // A layer that several narrow ones lead to (over a shortcut) is counted with the nearest.
  const nearest = new Map<MixingLayer, MixingLayer>();
  const blocks = new Map<MixingLayer, Block>();
  for (const layer of mixing.values()) {
    const { kernel, groups, inputs, outputs } = layer.mixing;
    if (kernel !== 1 || groups !== 1 || outputs >= inputs) continue;
    const block = following(layer, mixing, readers);
    if (block.after.length === 0 || block.after.some((next) => next.mixing.outputs <= outputs)) continue;
    blocks.set(layer, block);
    for (const next of [...block.kept, ...block.after]) nearest.set(next, layer);
  }
  return [...blocks].map(([layer, { kept, after }]) => {
    const isOwn = (next: MixingLayer): boolean => nearest.get(next) === layer;
    return describe(layer, { kept: kept.filter(isOwn), after: after.filter(isOwn) }, after);
  });
}

function isMixingLayer(layer: Layer): layer is MixingLayer {
  return layer.mixing !== undefined;
}

function following(start: MixingLayer, mixing: Map<Node, MixingLayer>, readers: Map<string, Node[]>): Block {
  const { outputs } = start.mixing;
  const kept = new Set<MixingLayer>();
  const after = new Set<MixingLayer>();
  const seen = new Set<Node>();
  const rest = [...start.node.outputs];
  for (let name = rest.pop(); name !== undefined; name = rest.pop())
    for (const node of readers.get(name) ?? []) {
      if (seen.has(node)) continue;
      seen.add(node);
      const next = mixing.get(node);
      if (next && next.mixing.outputs !== outputs) after.add(next);
      else if (next) kept.add(next);
      if (next ? next.mixing.outputs === outputs : passing.has(node.op)) for (const one of node.outputs) rest.push(one);
    }
  return { kept: [...kept], after: [...after] };
}

function describe(layer: MixingLayer, { kept, after }: Block, neighbours: readonly MixingLayer[]): InspectedBottleneck {
  const { inputs, outputs } = layer.mixing;
  const now = total([layer, ...kept, ...after].map(({ mixing }) => cost(mixing)));
  const without = total([
    ...kept.map(({ mixing }) => cost(widened(mixing, inputs, inputs))),
    ...after.map(({ mixing }) => cost(widened(mixing, inputs, mixing.outputs))),
  ]);
  return {
    name: layer.name,
    before: inputs,
    width: outputs,
    after: smallestOf(neighbours.map(({ mixing }) => mixing.outputs)),
    saves: { parameters: without.parameters - now.parameters, macs: without.macs - now.macs },
  };
}

function cost({ outputs, perOutput, kernel, positions, hasBias }: Mixing): Cost {
  const weights = outputs * perOutput * kernel;
  return { parameters: weights + (hasBias ? outputs : 0), macs: weights * positions };
}

/** The layer between other widths; groups keep their size, so that a depthwise layer stays one. */
function widened(mixing: Mixing, inputs: number, outputs: number): Mixing {
  return { ...mixing, outputs, inputs, perOutput: mixing.groups === 1 ? inputs : mixing.perOutput };
}

function total(costs: readonly Cost[]): Cost {
  return costs.reduce(
    (sum, { parameters, macs }) => ({ parameters: sum.parameters + parameters, macs: sum.macs + macs }),
    { parameters: 0, macs: 0 },
  );
}
