import type { Backbone } from '../../src/backbone/backbone.ts';
import { Random } from '../../src/numerics/random.ts';
import { GraphBuilder } from '../../src/onnx/builder.ts';
import type { Node } from '../../src/onnx/model.ts';
import { stagedBackbone } from './stage.ts';

type Network = Backbone['network'];

/** The staged network with another graph. */
function rebuilt(change: (network: Network, g: GraphBuilder) => { features: string; width?: number }): Backbone {
  const { network, ...backbone } = stagedBackbone();
  const g = new GraphBuilder('more/');
  const { features, width = network.width } = change(network, g);
  const { nodes, initializers } = g.graph();
  return {
    ...backbone,
    network: {
      ...network,
      nodes: [...network.nodes, ...nodes],
      initializers: [...network.initializers, ...initializers],
      features,
      width,
    },
  };
}

/** One more convolution before the mean, whose weights are those of the one before it. */
export function sharedBackbone(): Backbone {
  return rebuilt(({ nodes, spatial }, g) => {
    const last = nodes.filter(({ op }) => op === 'Conv').at(-1);
    if (!last || !spatial) throw new TypeError('there is no convolution');
    const again = g.node('Conv', [spatial.tensor, ...last.inputs.slice(1)], { pads: [1, 1, 1, 1] });
    return { features: g.node('Flatten', [g.node('GlobalAveragePool', [g.node('Relu', [again])])]) };
  });
}

/** A border that repeats the map, before the mean. */
export function reflectedBackbone(): Backbone {
  return rebuilt(({ spatial }, g) => {
    if (!spatial) throw new TypeError('there is no map');
    const wide = g.node('Pad', [spatial.tensor, g.ints([0, 0, 1, 1, 0, 0, 1, 1])], { mode: 'reflect' });
    return { features: g.node('Flatten', [g.node('GlobalAveragePool', [wide])]) };
  });
}

/** The same network with int8 weights behind DequantizeLinear. */
export function quantisedBackbone(): Backbone {
  const { network, ...backbone } = stagedBackbone();
  const g = new GraphBuilder('quantised/');
  const names = new Map<string, string>();
  const initializers = network.initializers.filter((stored) => {
    if (stored.dims.length !== 4) return true;
    const values = new Float32Array(new Uint8Array(stored.bytes).buffer);
    const scale = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / 127;
    const data = Int8Array.from(values, (value) => Math.round(value / scale));
    const weights = g.constant({ type: 'int8', dims: stored.dims, data });
    names.set(
      stored.name,
      g.node('DequantizeLinear', [weights, g.constant({ type: 'float32', dims: [], data: Float32Array.of(scale) })]),
    );
    return false;
  });
  const nodes = network.nodes.map(
    (node): Node => ({ ...node, inputs: node.inputs.map((name) => names.get(name) ?? name) }),
  );
  const own = g.graph();
  return {
    ...backbone,
    network: {
      ...network,
      nodes: [...own.nodes, ...nodes],
      initializers: [...own.initializers, ...initializers],
    },
  };
}

/** Patches of 8 x 8 pixels as tokens, two blocks of attention and a dense part, and the mean of the tokens. */
export function tokenBackbone(width = 8): Backbone {
  const {
    network: { spatial: _, ...network },
    ...backbone
  } = stagedBackbone();
  const g = new GraphBuilder();
  const random = new Random('tokens');
  const normals = (...dims: number[]) => {
    const count = dims.reduce((all, size) => all * size, 1);
    const scale = Math.sqrt(1 / (count / dims[dims.length - 1]));
    return g.floats(
      Float32Array.from({ length: count }, () => scale * random.normal()),
      dims,
    );
  };
  const norm = (x: string) =>
    g.node('LayerNormalization', [x, g.floats(new Float32Array(width).fill(1)), g.floats(new Float32Array(width))], {
      axis: -1,
    });
  const dense = (x: string, from: number, to: number) =>
    g.node('Add', [g.node('MatMul', [x, normals(from, to)]), normals(to)]);
  const attention = (x: string) => {
    const [query, key, value] = [0, 1, 2].map(() => dense(x, width, width));
    const alike = g.node('MatMul', [query, g.node('Transpose', [key], { perm: [0, 2, 1] })]);
    const share = g.node('Softmax', [g.node('Mul', [alike, g.floats(1 / Math.sqrt(width))])], { axis: -1 });
    return dense(g.node('MatMul', [share, value]), width, width);
  };
  const gelu = (x: string) => {
    const erf = g.node('Erf', [g.node('Mul', [x, g.floats(Math.SQRT1_2)])]);
    return g.node('Mul', [g.node('Mul', [x, g.node('Add', [erf, g.floats(1)])]), g.floats(0.5)]);
  };
  const block = (x: string) => {
    const seen = g.node('Add', [x, attention(norm(x))]);
    return g.node('Add', [seen, dense(gelu(dense(norm(seen), width, 2 * width)), 2 * width, width)]);
  };
  const patches = g.node('Conv', ['image', normals(width, 3, 8, 8)], { strides: [8, 8] });
  const listed = g.node('Reshape', [patches, g.ints([0, width, 16])]);
  const tokens = g.node('Add', [g.node('Transpose', [listed], { perm: [0, 2, 1] }), normals(1, 16, width)]);
  const features = g.node('ReduceMean', [norm(block(block(tokens)))], { axes: [1], keepdims: 0 });
  const { nodes, initializers } = g.graph();
  return { ...backbone, network: { ...network, nodes, initializers, features, width } };
}
