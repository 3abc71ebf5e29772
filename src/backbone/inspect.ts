/** A network, layer by layer. */

import { CarafeError } from '../errors.ts';
import type { Preprocessing } from '../images/preprocessing.ts';
import type { Model, ValueInfo } from '../onnx/model.ts';
import { storeConstants } from '../onnx/rewrite.ts';
import { inferShapes } from '../onnx/shapes.ts';
import { neededNodes } from '../onnx/walk.ts';
import type { OpenSession } from '../runtime/platform.ts';
import { findBottlenecks } from './bottlenecks.ts';
import type { Candidate } from './candidates.ts';
import { cutNetwork } from './cut.ts';
import { naming } from './cutErrors.ts';
import { fitPreprocessing, imageInput, inputShape } from './imageInput.ts';
import type { Inspection } from './inspection.ts';
import { listLayers } from './layers.ts';

export interface InspectOptions {
  readonly openSession: OpenSession;
  /** Names the network in messages. */
  readonly source: string;
  /** last, pool, or the name of a tensor or a layer. */
  readonly cut?: string | undefined;
  /** Size of the photo where the network leaves it free; 224 by 224 unless told. */
  readonly inputSize?: { readonly height: number; readonly width: number } | undefined;
}

/**
 * What a network is made of: layers with parameters and MACs, its bottlenecks, and where it is cut. Weights are not
 * needed, so a network may lack its external data.
 * @throws CarafeError UNSUPPORTED_MODEL or BAD_MODEL
 */
export function inspectNetwork(original: Model, options: InspectOptions): Promise<Inspection> {
  return naming(options.source, () => takeApart(original, options));
}

async function takeApart(original: Model, options: InspectOptions): Promise<Inspection> {
  const { openSession, source } = options;
  const model = { ...original, graph: storeConstants(original.graph) };
  const input = imageInput(model, source);
  const preprocessing = plainPreprocessing(model, options);
  const stored = new Set(model.graph.initializers.map(({ name }) => name));
  const inputs = model.graph.inputs.filter(({ name }) => !stored.has(name));
  const nodes = orderedNodes(model, source);
  const graph = { ...model.graph, nodes };
  const sizes = new Map([[input.name, inputShape(preprocessing, 1)]]);
  const shapes = await inferShapes({ ...model, graph }, openSession, sizes);
  const layers = listLayers(model, nodes, input.name, shapes);
  const bottlenecks = findBottlenecks(layers, nodes);
  const narrow = new Set(bottlenecks.map(({ name }) => name));
  const { height, width } = preprocessing.crop;
  const { kept, ...cutting } = await cutOf(original, preprocessing, options);
  return {
    opset: model.opsets.get('') ?? 0,
    irVersion: model.irVersion,
    producer: model.producer,
    inputs: inputs.map(value),
    outputs: model.graph.outputs.map(value),
    inputSize: { height, width },
    layers: layers.map(({ node, mixing: _mixing, ...layer }) => ({
      ...layer,
      bottleneck: narrow.has(layer.name),
      dropped: kept !== undefined && !node.outputs.some((name) => kept.has(name)),
    })),
    bottlenecks,
    totals: {
      layers: layers.length,
      parameters: layers.reduce((sum, layer) => sum + layer.parameters, 0),
      macs: layers.reduce((sum, layer) => sum + layer.macs, 0),
    },
    ...cutting,
  };
}

function orderedNodes(model: Model, source: string): Model['graph']['nodes'] {
  try {
    return neededNodes(
      model.graph,
      model.graph.outputs.map(({ name }) => name),
    );
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CarafeError('BAD_MODEL', `${source}: ${reason}.`, 'Export the network again.', { cause: error });
  }
}

/** Only sizes, type and layout count here. */
function plainPreprocessing(model: Model, { source, inputSize }: InspectOptions): Preprocessing {
  const input = imageInput(model, source);
  const { height = inputSize?.height ?? 224, width = inputSize?.width ?? 224 } = input;
  const plain: Preprocessing = {
    resize: { rule: 'squash', height, width },
    kernel: 'bilinear',
    crop: { height, width },
    scale: 1,
    mean: [0, 0, 0],
    std: [1, 1, 1],
    channels: 'rgb',
    layout: 'nchw',
    input: 'float32',
  };
  return fitPreprocessing(plain, input, source);
}

async function cutOf(
  model: Model,
  preprocessing: Preprocessing,
  { openSession, source, cut: wanted }: InspectOptions,
): Promise<Pick<Inspection, 'cut' | 'noCutReason'> & { kept?: ReadonlySet<string> }> {
  try {
    const { candidate, candidates, network } = await cutNetwork(model, {
      openSession,
      source,
      preprocessing,
      check: false,
      ...(wanted !== undefined && { cut: wanted }),
    });
    const plain = ({ cut, tensor, readout, width }: Candidate): Candidate => ({ cut, tensor, readout, width });
    const spatial = network.spatial?.tensor ?? null;
    const kept = new Set(network.nodes.flatMap(({ outputs }) => outputs));
    return { cut: { chosen: plain(candidate), candidates: candidates.map(plain), spatial }, kept };
  } catch (error) {
    if (!(error instanceof CarafeError) || wanted !== undefined) throw error;
    return { cut: null, noCutReason: error.what };
  }
}

function value({ name, type, shape }: ValueInfo): Inspection['inputs'][number] {
  return { name, ...(type && { type }), ...(shape && { shape: [...shape] }) };
}
