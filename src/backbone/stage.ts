/** The last stage of a network: the part that fine-tuning trains. */

import { unknownGradient, unknownOperators } from '../gradients/differentiate.ts';
import { computedConstants } from '../onnx/computedConstants.ts';
import type { Model, Node, StoredTensor } from '../onnx/model.ts';
import { elementCount } from '../onnx/model.ts';
import { inferShapes } from '../onnx/shapes.ts';
import { flowChain, flowing, type Link, neededNodes, reads, sources } from '../onnx/walk.ts';
import type { OpenSession, TensorInfo } from '../runtime/platform.ts';
import type { Backbone, SpatialCut } from './backbone.ts';
import { inputShape } from './imageInput.ts';
import { mapLayout } from './maps.ts';
import { perPhoto } from './readout.ts';

/** The nodes after the last change of resolution, or the last block of a token network, up to the features. */
export interface Stage {
  /** What enters it. */
  readonly cut: SpatialCut;
  /** Sizes of that map, channels-last: [height, width, channels]; of tokens [tokens, 1, channels]. */
  readonly sizes: readonly [height: number, width: number, channels: number];
  /** The network from there to its features, its weights computed and stored; float32 [N, ...] in, [N, width] out. */
  readonly model: Model;
  readonly features: string;
  readonly width: number;
  /** Names of the stored tensors that are trained. */
  readonly trained: readonly string[];
}

/** Why a network has no last stage that can be trained, in words that follow "its last stage cannot be trained: ". */
export interface NoStage {
  readonly reason: string;
}

/** The batch whose shapes are looked at: another number than most sizes are. */
const batch = 2;

/** Parameters that may be left before the stage's input, as part of the stage's, where that makes the input smaller. */
const mostLeftOut = 0.1;

/** Finds the last stage of a network, and what of it can be trained. */
export async function findStage(
  { network, preprocessing }: Backbone,
  openSession: OpenSession,
): Promise<Stage | NoStage> {
  if (network.fixedBatch) return { reason: 'the network takes one photo at a time' };
  const { input, features, width, irVersion, opsets, functions } = network;
  const nodes = neededNodes(network, [features]);
  const chain = flowChain(nodes, input, features);
  if (!chain) return { reason: 'its features do not depend on the photo' };
  const model: Model = {
    irVersion,
    opsets,
    functions,
    producer: 'carafe',
    metadata: new Map(),
    graph: {
      name: 'stage',
      nodes,
      initializers: network.initializers,
      inputs: [{ name: input, type: preprocessing.input, shape: undefined }],
      outputs: [],
    },
  };
  const flows = flowing(nodes, input);
  const sizes = new Map([[input, inputShape(preprocessing, batch)]]);
  const names = nodes.flatMap(({ outputs }) => outputs.filter((name) => name !== ''));
  const shapes = await inferShapes(model, openSession, sizes, names);
  const start = startOf(chain, shapes, network.initializers, flows);
  if (!start) return { reason: 'it has no map or tokens before its features' };
  const before = chain.findIndex(({ tensor }) => tensor === start.cut.tensor);
  const flowingNodes = chain.slice(before + 1).flatMap((link) => link.nodes);
  const info = shapes.get(start.cut.tensor);
  if (info?.type !== 'float32') return { reason: 'it computes in float16' };
  const own = { ...model.graph, nodes: nodes.filter(({ outputs }) => !outputs.includes(start.cut.tensor)) };
  const needed = neededNodes(own, [features]);
  const outside = [...sources(needed, [features])].filter(
    (name) => name !== start.cut.tensor && !network.initializers.some((stored) => stored.name === name),
  );
  if (outside.length > 0) return { reason: 'its sizes are computed from the photo' };
  const native = (perPhoto(info, batch) ?? []).map(Number);
  const constants = [...new Set(flowingNodes.flatMap((node) => [...reads(node)].filter((name) => !flows.has(name))))];
  const inner = { ...model, graph: { ...own, nodes: needed } };
  const dynamic = constants.filter((name) => dependsOnSize(needed, name));
  const fixed = constants.filter((name) => !dynamic.includes(name));
  const stored = await computedConstants(
    inner,
    fixed,
    { name: start.cut.tensor, sizes: [batch, ...native] },
    openSession,
  );
  const trained = stored.filter((tensor) => isWeight(tensor, flowingNodes)).map(({ name }) => name);
  if (trained.length === 0) return { reason: 'it has no weights' };
  const operators = unknownOperators(flowingNodes, trained);
  if (operators.length > 0) return { reason: unknownGradient(operators) };
  const kept = neededNodes({ nodes: needed.filter(({ outputs }) => !outputs.some((name) => fixed.includes(name))) }, [
    features,
  ]);
  const used = sources(kept, [features]);
  const initializers = [...stored, ...network.initializers.filter(({ name }) => !fixed.includes(name))].filter(
    ({ name }) => used.has(name),
  );
  return {
    cut: start.cut,
    sizes: start.sizes,
    model: {
      ...model,
      graph: {
        ...model.graph,
        nodes: kept,
        initializers,
        inputs: [{ name: start.cut.tensor, type: 'float32', shape: ['N', ...native] }],
        outputs: [{ name: features, type: 'float32', shape: ['N', width] }],
      },
    },
    features,
    width,
    trained,
  };
}

interface Start {
  readonly cut: SpatialCut;
  readonly sizes: Stage['sizes'];
}

/** A place on the chain where a map or tokens lie. */
interface Place extends Start {
  readonly link: number;
  readonly places: number;
  readonly values: number;
}

function placeAt({ tensor }: Link, link: number, shapes: ReadonlyMap<string, TensorInfo>): Place[] {
  const info = shapes.get(tensor);
  const sizes = info && perPhoto(info, batch);
  if (!sizes || sizes.length < 2 || sizes.length > 3) return [];
  if (sizes.length === 2) {
    const [tokens, channels] = sizes;
    if (tokens === 1) return [];
    return [
      {
        link,
        cut: { tensor, channels, layout: 'sequence', skip: 0 },
        sizes: [tokens, 1, channels],
        places: tokens,
        values: tokens * channels,
      },
    ];
  }
  const cut = mapLayout(tensor, sizes);
  const [height, width] = cut.layout === 'nhwc' ? sizes : sizes.slice(1);
  const places = height * width;
  return places === 1 ? [] : [{ link, cut, sizes: [height, width, cut.channels], places, values: elementCount(sizes) }];
}

/** Where the last stage begins: after the last change of resolution, where no more than a few parameters have passed and fewest values lie. */
function startOf(
  chain: readonly Link[],
  shapes: ReadonlyMap<string, TensorInfo>,
  initializers: readonly StoredTensor[],
  flows: ReadonlySet<string>,
): Start | undefined {
  const places = chain.flatMap((link, at) => placeAt(link, at, shapes));
  const end = places.at(-1);
  if (!end) return undefined;
  const tokens = places.filter(({ cut, link }) => cut.layout === 'sequence' && isSum(chain[link], flows));
  // A patch embedding on its way to tokens is no resolution.
  const isResolution = ({ cut, link }: Place) => cut.layout !== 'sequence' || isSum(chain[link], flows);
  const last = places.filter((place) => place.places > end.places && isResolution(place)).at(-1);
  const isOfTokens = end.cut.layout === 'sequence' && last?.cut.layout !== 'sequence';
  // A block adds twice to the tokens: what attention gives, and what the dense part gives.
  if (isOfTokens) return tokens.at(-3);
  if (!last) return undefined;
  const sizes = new Map([...shapes].map(([name, { shape }]) => [name, elementCount(shape.map(Number))]));
  for (const { name, dims } of initializers) sizes.set(name, elementCount(dims));
  const parameters = chain.map(({ nodes }) => parametersOf(nodes, sizes, flows));
  const after = (link: number) => parameters.slice(link + 1).reduce((sum, own) => sum + own, 0);
  const whole = after(last.link);
  const allowed = places.filter(({ link }) => link >= last.link && whole - after(link) <= mostLeftOut * whole);
  return allowed.reduce((best, place) => (place.values < best.values ? place : best), last);
}

/** Whether two things that come from the photo were added; a bias is none. */
function isSum({ nodes }: Link, flows: ReadonlySet<string>): boolean {
  const last = nodes.at(-1);
  return last?.op === 'Add' && last.inputs.every((name) => flows.has(name));
}

function parametersOf(nodes: readonly Node[], sizes: ReadonlyMap<string, number>, flows: ReadonlySet<string>): number {
  const read = nodes.flatMap((node) => [...reads(node)].filter((name) => !flows.has(name)));
  return read.reduce((sum, name) => sum + (sizes.get(name) ?? 0), 0);
}

/** Whether a tensor is computed from sizes, so that it holds for one batch alone. */
function dependsOnSize(nodes: readonly Node[], name: string): boolean {
  return neededNodes({ nodes }, [name]).some(({ op }) => op === 'Shape' || op === 'Size');
}

/** Numbers of a layer. A single one is a setting of an operator, and the statistics of batch norm stay as they are. */
function isWeight({ name, type, dims }: StoredTensor, nodes: readonly Node[]): boolean {
  const isStatistic = nodes.some(({ op, inputs }) => op === 'BatchNormalization' && inputs.slice(3).includes(name));
  return type === 'float32' && elementCount(dims) > 1 && !isStatistic;
}
