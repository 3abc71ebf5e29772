/** Crops photos that are framed already. */

import { isSame } from '../images/framing.ts';
import type { Frame, Preprocessing } from '../images/preprocessing.ts';
import { addNormalize } from '../images/preprocessingGraph.ts';
import { GraphBuilder, plainNode } from '../onnx/builder.ts';
import type { Graph, Model } from '../onnx/model.ts';
import { neededNodes, sources } from '../onnx/walk.ts';
import { pixelsTensor } from './ownBackbone.ts';

/**
 * The same network, which crops a photo of the right size in place of multiplying it by matrices that change nothing: Carafe's
 * readers resize every photo so. Photos of other sizes go the way that the file has. Both ways give the same bits.
 * @returns undefined where photos are padded, or looked at in several sizes
 */
export function withFramedPhotos(model: Model, preprocessing: Preprocessing): Model | undefined {
  const { graph } = model;
  const { resize, looks = [], crop } = preprocessing;
  const pixels = pixelsTensor(graph);
  const [height, width] = resize.rule === 'shortest-edge' ? [resize.size, resize.size] : [resize.height, resize.width];
  const isPadded = resize.rule === 'contain' || crop.height > height || crop.width > width;
  if (pixels === undefined || isPadded || !looks.every((look) => isSame(look.resize, resize))) return undefined;

  const builder = new GraphBuilder('framed/');
  const edges = builder.node('Gather', [builder.node('Shape', ['image']), builder.ints([1, 2])]);
  const apart = builder.node('Sub', [edges, builder.ints([height, width])]);
  // The short edge is right, or both are.
  const off =
    resize.rule === 'shortest-edge'
      ? builder.node('ReduceMin', [apart], { keepdims: 0 })
      : builder.node('ReduceMax', [builder.node('Abs', [apart])], { keepdims: 0 });
  const isFramed = builder.node('Equal', [off, builder.ints(0)]);
  const choice = plainNode('If', [isFramed], [pixels], {
    then_branch: { graph: cropped([preprocessing, ...looks], preprocessing) },
    else_branch: { graph: partOf(graph, pixels) },
  });
  const added = builder.graph();
  const rest = graph.nodes.filter(({ outputs }) => !outputs.includes(pixels));
  const names = graph.outputs.map(({ name }) => name);
  const nodes = neededNodes({ nodes: [...added.nodes, choice, ...rest] }, names);
  const used = sources(nodes, names);
  const initializers = [...graph.initializers, ...added.initializers].filter(({ name }) => used.has(name));
  return { ...model, graph: { ...graph, nodes, initializers } };
}

/** What the graph computes of a photo up to a tensor, as an inner graph; weights stay outside. */
function partOf(graph: Graph, tensor: string): Graph {
  const outputs = [{ name: tensor, type: undefined, shape: undefined }];
  return { name: 'any', nodes: neededNodes(graph, [tensor]), initializers: [], inputs: [], outputs };
}

/** The centre of a photo, look after look, normalised. */
function cropped(frames: readonly Frame[], preprocessing: Preprocessing): Graph {
  const { height, width } = preprocessing.crop;
  const builder = new GraphBuilder('cropped/');
  const kept = builder.ints([height, width]);
  const edges = builder.node('Gather', [builder.node('Shape', ['image']), builder.ints([1, 2])]);
  const start = builder.node('Div', [builder.node('Sub', [edges, kept]), builder.ints(2)]);
  const end = builder.node('Add', [start, kept]);
  const centre = builder.node('Slice', ['image', start, end, builder.ints([1, 2])]);
  const flipped = builder.ints(Array.from({ length: width }, (_, x) => width - 1 - x));
  const looks = frames.map(({ mirror }) => (mirror ? builder.node('Gather', [centre, flipped], { axis: 2 }) : centre));
  const all = looks.length > 1 ? builder.node('Concat', looks, { axis: 0 }) : looks[0];
  const pixels = addNormalize(builder, all, preprocessing);
  const { nodes, initializers } = builder.graph();
  return {
    name: 'framed',
    nodes,
    initializers,
    inputs: [],
    outputs: [{ name: pixels, type: undefined, shape: undefined }],
  };
}
