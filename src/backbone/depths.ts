/** Pooled statistics of maps at several depths, beside a network's features. */

import { GraphBuilder } from '../onnx/builder.ts';
import type { CutNetwork, PooledMaps, SpatialCut } from './backbone.ts';
import { channelsFirst } from './readout.ts';

/** Shorter vectors than this are nothing but rounding, and stay as they are. */
const leastLength = 1e-6;

/**
 * The maps that a network is read at besides its features: mean, spread and maximum of each earlier map, and the maximum
 * of the last one, whose mean the features mostly are.
 * @returns undefined for a network without earlier maps
 */
export function pooledMaps(maps: readonly SpatialCut[], spatial: SpatialCut | undefined): PooledMaps | undefined {
  const earlier = maps.filter(({ tensor }) => tensor !== spatial?.tensor);
  if (earlier.length === 0) return undefined;
  const names = ['early', 'middle'].slice(-earlier.length);
  const parts: PooledMaps['parts'] = [
    ...earlier.map((map, k) => ({ name: names[k], map, statistics: ['mean', 'spread', 'max'] as const })),
    ...(spatial ? [{ name: 'last', map: spatial, statistics: ['max'] as const }] : []),
  ];
  const channels = parts.reduce((sum, { map, statistics }) => sum + statistics.length * map.channels, 0);
  return { layout: 'pooled', channels, parts };
}

/**
 * The same network with features of all depths: its own and the pooled statistics, float32 [N, width + channels], each
 * of them divided by its length, photo by photo. So no depth drowns the others, and nothing is learned from other photos.
 */
export function withDepths(network: CutNetwork): CutNetwork {
  const { pooled } = network;
  if (network.own || !pooled) return network;
  const builder = new GraphBuilder(freePrefix(network));
  const features = builder.node('Concat', [addUnit(builder, network.features), addPooled(builder, pooled)], {
    axis: 1,
  });
  const { nodes, initializers } = builder.graph();
  return {
    ...network,
    nodes: [...network.nodes, ...nodes],
    initializers: [...network.initializers, ...initializers],
    features,
    width: network.width + pooled.channels,
    own: { features: network.features, width: network.width },
  };
}

/** The network whose features are its own alone; what was added to it is still there, and unused. */
export function withoutDepths({ own, ...network }: CutNetwork): CutNetwork {
  return own ? { ...network, ...own } : network;
}

/** Adds the pooled statistics of maps, float32 [N, channels], each divided by its length. */
export function addPooled(
  builder: GraphBuilder,
  { parts }: PooledMaps,
  tensorOf: (map: SpatialCut) => string = ({ tensor }) => tensor,
): string {
  const vectors = parts.flatMap(({ map, statistics }) => {
    const x = channelsFirst(builder, tensorOf(map), map);
    const mean = builder.node('GlobalAveragePool', [x]);
    const pooled = {
      mean: () => mean,
      max: () => builder.node('GlobalMaxPool', [x]),
      // Of differences from the mean: the mean of squares less the square of the mean would be rounding where a map is flat.
      spread: () => {
        const apart = builder.node('Sub', [x, mean]);
        return builder.node('Sqrt', [builder.node('GlobalAveragePool', [builder.node('Mul', [apart, apart])])]);
      },
    };
    return statistics.map((name) => addUnit(builder, builder.node('Flatten', [pooled[name]()], { axis: 1 })));
  });
  return builder.node('Concat', vectors, { axis: 1 });
}

/** Adds the division of each row by its length: [N, C] -> [N, C]. */
function addUnit(g: GraphBuilder, x: string): string {
  const square = g.node('ReduceSum', [g.node('Mul', [x, x]), g.ints([1])], { keepdims: 1 });
  return g.node('Div', [x, g.node('Max', [g.node('Sqrt', [square]), g.floats(leastLength)])]);
}

/** As `addUnit` does: a vector divided by its length, in place. */
export function toUnit(vector: Float32Array): void {
  let square = 0;
  for (const value of vector) square += value * value;
  const length = Math.max(Math.sqrt(square), leastLength);
  for (const [at, value] of vector.entries()) vector[at] = value / length;
}

/** The parts of the features of all depths, the network's own ones first; undefined for a network without them. */
export function depthParts({ own, pooled }: CutNetwork): { name: string; from: number; to: number }[] | undefined {
  if (!own || !pooled) return undefined;
  let to = own.width;
  const earlier = pooled.parts.map(({ name, map, statistics }) => {
    const from = to;
    to += statistics.length * map.channels;
    return { name: `${name} map`, from, to };
  });
  return [{ name: 'features', from: 0, to: own.width }, ...earlier];
}

function freePrefix({ nodes }: CutNetwork): string {
  let prefix = 'depths/';
  while (nodes.some(({ outputs }) => outputs.some((name) => name.startsWith(prefix)))) prefix = `more-${prefix}`;
  return prefix;
}
