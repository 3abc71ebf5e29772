/** The backbone as a graph: normalisation, network, features. */

import type { Backbone, PooledMaps, SpatialCut } from '../backbone/backbone.ts';
import { addPooled } from '../backbone/depths.ts';
import { addNormalize } from '../images/preprocessingGraph.ts';
import { GraphBuilder } from '../onnx/builder.ts';
import type { Attribute, Graph, ValueInfo } from '../onnx/model.ts';
import { dataTypes } from '../onnx/model.ts';

/** Names of the tensors that a backbone gives inside a larger graph. */
export interface BackboneOutputs {
  /** float32 [N, D] */
  readonly features: string;
  /** Adds what gives one of its maps as float32 [N, H, W, C], and names it; pooled maps have one place. */
  readonly map: (cut: MapCut) => string;
}

/** What is kept of a photo beside its features: a map, or statistics of several. */
export type MapCut = SpatialCut | PooledMaps;

/** Which maps of a backbone are wanted beside its features. */
export interface MapNeeds {
  readonly spatial?: boolean;
  readonly maps?: boolean;
  /** Pooled statistics of maps at several depths: extraction gives the features of all depths as representation `all`. */
  readonly depths?: boolean | undefined;
  /** What enters the network's last stage. */
  readonly stage?: SpatialCut | undefined;
}

/** The wanted maps that the backbone has, by the names of extraction's outputs. */
export function mapCuts({ network }: Pick<Backbone, 'network'>, needs: MapNeeds): ReadonlyMap<string, MapCut> {
  const wanted: [string, MapCut][] = [];
  if (needs.spatial && network.spatial) wanted.push(['spatial', network.spatial]);
  if (needs.maps) for (const [depth, map] of network.maps.entries()) wanted.push([`maps/${depth}`, map]);
  if (needs.depths && network.pooled) wanted.push(['depths', network.pooled]);
  if (needs.stage) wanted.push(['stage', needs.stage]);
  return new Map(wanted);
}

/** Keeps a backbone's names apart from those of the graph around it. */
const prefix = 'backbone/';

/** The name of a backbone's tensor in a classifier's graph. */
export function backboneTensor(name: string): string {
  return prefix + name;
}

/** The name that a backbone's tensor had before it became part of a classifier's graph; undefined for other tensors. */
export function ownName(name: string): string | undefined {
  return name.startsWith(prefix) ? name.slice(prefix.length) : undefined;
}

/** Appends the cut backbone, fed with `pixels` (what addNormalize gives). Its names get a prefix of their own. */
export function addBackbone(builder: GraphBuilder, { network }: Backbone, pixels: string): BackboneOutputs {
  const rename = (name: string): string => (name === network.input ? pixels : name && backboneTensor(name));
  builder.append(renamed(network, rename));
  return {
    features: rename(network.features),
    map: (cut) =>
      cut.layout === 'pooled'
        ? builder.node('Unsqueeze', [addPooled(builder, cut, ({ tensor }) => rename(tensor)), builder.ints([1, 2])])
        : addChannelsLast(builder, rename(cut.tensor), cut),
  };
}

/** The same nodes and weights under other names, those of inner graphs (If, Loop) included. */
export function renamed<G extends Pick<Graph, 'nodes' | 'initializers'>>(
  graph: G,
  rename: (name: string) => string,
): G {
  const nodes = graph.nodes.map((node) => ({
    ...node,
    name: rename(node.name),
    inputs: node.inputs.map(rename),
    outputs: node.outputs.map(rename),
    attributes: new Map(
      [...node.attributes].map(([key, attribute]): [string, Attribute] => [
        key,
        attribute.kind === 'graph' ? { ...attribute, value: renamedInner(attribute.value, rename) } : attribute,
      ]),
    ),
  }));
  const initializers = graph.initializers.map((stored) => ({ ...stored, name: rename(stored.name) }));
  return { ...graph, nodes, initializers };
}

function renamedInner(graph: Graph, rename: (name: string) => string): Graph {
  const values = (list: readonly ValueInfo[]): ValueInfo[] =>
    list.map((value) => ({ ...value, name: rename(value.name) }));
  return { ...renamed(graph, rename), inputs: values(graph.inputs), outputs: values(graph.outputs) };
}

/** A map as `addChannelsLast` gives it, [N, H, W, C], in the layout that the network itself has it in. */
export function addNative(builder: GraphBuilder, map: string, { layout }: SpatialCut): string {
  if (layout === 'nchw') return builder.node('Transpose', [map], { perm: [0, 3, 1, 2] });
  return layout === 'sequence' ? builder.node('Squeeze', [map, builder.ints([2])]) : map;
}

/** Any layout of a spatial cut as [N, H, W, C]; tokens without the leading ones become a square map. */
function addChannelsLast(builder: GraphBuilder, tensor: string, { layout, channels, skip }: SpatialCut): string {
  if (layout === 'nhwc') return tensor;
  if (layout === 'nchw') return builder.node('Transpose', [tensor], { perm: [0, 2, 3, 1] });
  if (layout === 'sequence') return builder.node('Unsqueeze', [tensor, builder.ints([2])]);
  const end = builder.ints([Number.MAX_SAFE_INTEGER]);
  const patches = builder.node('Slice', [tensor, builder.ints([skip]), end, builder.ints([1])]);
  const shape = builder.node('Shape', [patches]);
  const dimension = (index: number): string => builder.node('Gather', [shape, builder.ints([index])], { axis: 0 });
  const count = builder.node('Cast', [dimension(1)], { to: 1 });
  // The root of a square number is exact in float32 up to 2^24 patches; Round guards against an inexact Sqrt.
  const side = builder.node('Cast', [builder.node('Round', [builder.node('Sqrt', [count])])], { to: 7 });
  const square = builder.node('Concat', [dimension(0), side, side, builder.ints([channels])], { axis: 0 });
  return builder.node('Reshape', [patches, square]);
}

/**
 * The network that extraction runs. In: `image` uint8 [N, h, w, 3], cropped photos. Out: `features` float32 [N, D] and,
 * where asked for, `spatial`, `maps/0`, `maps/1` and `stage`, float16 [N, H, W, C], and `depths`, float16 [N, 1, 1, C].
 */
export function extractionModel(backbone: Backbone, needs: MapNeeds = {}): Uint8Array {
  const { network, preprocessing } = backbone;
  const { crop } = preprocessing;
  const batch = network.fixedBatch ? 1 : 'N';
  const builder = new GraphBuilder('carafe/');
  const image = builder.input('image', 'uint8', [batch, crop.height, crop.width, 3]);
  const pixels = addNormalize(builder, image, preprocessing);
  const { features, map } = addBackbone(builder, backbone, pixels);
  builder.output(features, 'float32', [batch, network.width], 'features');
  for (const [name, cut] of mapCuts(backbone, needs)) {
    const stored = builder.node('Cast', [map(cut)], { to: dataTypes.float16 });
    builder.output(stored, 'float16', [batch, 'rows', 'columns', cut.channels], name);
  }
  return builder.bytes({ irVersion: network.irVersion, opsets: network.opsets, functions: network.functions });
}
