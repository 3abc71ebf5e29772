/** The cut, from a model to a network that ends at its features. */

import { CarafeError } from '../errors.ts';
import type { Preprocessing } from '../images/preprocessing.ts';
import { message } from '../message.ts';
import { freeBatch } from '../onnx/batch.ts';
import { loopOf } from '../onnx/limits.ts';
import type { Model } from '../onnx/model.ts';
import { raiseOpset } from '../onnx/opset.ts';
import { dequantizeWeights, storeConstants } from '../onnx/rewrite.ts';
import { inferShapes } from '../onnx/shapes.ts';
import type { OpenSession, TensorInfo } from '../runtime/platform.ts';
import type { CutNetwork } from './backbone.ts';
import type { Candidate, Candidates } from './candidates.ts';
import { findCandidates } from './candidates.ts';
import { naming, noCut, noFloats, noTarget, notAVector } from './cutErrors.ts';
import type { ImageInput } from './imageInput.ts';
import { imageInput, inputShape } from './imageInput.ts';
import { featureFault, probe } from './probe.ts';
import { isFloat } from './readout.ts';
import type { Target } from './target.ts';
import { findTargets } from './target.ts';
import { describeCut, trim } from './trim.ts';

export interface CutOptions {
  readonly openSession: OpenSession;
  /** Names the network in messages. */
  readonly source: string;
  /** With the layout, size and type of the network's input: see fitPreprocessing. */
  readonly preprocessing: Preprocessing;
  /** last, pool, or the name of a tensor or a layer; chosen from the graph unless told. */
  readonly cut?: string;
  /** false: trust that the cut works, without running it. */
  readonly check?: boolean;
}

export interface Cut {
  readonly network: CutNetwork;
  /** What was cut, in words and in tensor names: part of the cache key. */
  readonly cut: string;
  readonly candidate: Candidate;
  /** All of them, the default first. */
  readonly candidates: readonly Candidate[];
}

/**
 * Cuts a network at its features: finds the cut in the graph, drops everything after it, raises the operator set to 13
 * or more, frees a fixed batch where that gives the same values, and tries the result on two images.
 * @throws CarafeError UNSUPPORTED_MODEL, NO_CUT or BAD_MODEL
 */
export function cutNetwork(original: Model, options: CutOptions): Promise<Cut> {
  return naming(options.source, () => cutAndTry(original, options));
}

async function cutAndTry(original: Model, options: CutOptions): Promise<Cut> {
  const { source, preprocessing, openSession } = options;
  const input = imageInput(original, source);
  const prefix = ownPrefix(original);
  const model = prepared(original, prefix, source);
  const cut = tensorNamed(model, options.cut);
  const explicit = cut === 'last' || cut === 'pool' ? undefined : cut;
  const targets = attempt(source, () => findTargets(model, input.name, explicit));
  const [likeliest, ...others] = targets;
  if (!likeliest) throw noTarget(original, source, explicit);
  const { shapes, batch, found } = await search(model, likeliest, others, input, options);
  if (!found) throw notAVector(original, shapes, likeliest, source);
  const candidate = choose(found, cut, source);
  const info = shapes.get(candidate.tensor);
  if (!isFloat(info)) throw noFloats(source, candidate, info?.type);
  const network = trim({
    model,
    input: input.name,
    candidate,
    found,
    shapes,
    fixedBatch: batch === 1,
    prefix: `${prefix}read/`,
  });
  const loop = loopOf({ graph: { ...model.graph, nodes: network.nodes }, functions: network.functions });
  if (loop)
    throw new CarafeError(
      'UNSUPPORTED_MODEL',
      message`${source} has a ${loop} on the way to its features, which may never end.`,
      "Export the network without loops, or name a tensor before it with `cut: 'TENSOR'`.",
    );
  const result = { network, cut: describeCut(candidate, found), candidate, candidates: found.list };
  if (options.check === false) return result;
  const features = await probe(network, preprocessing, openSession);
  const fault = featureFault(features, network.width);
  if (fault)
    throw noCut(source, message`the cut '${candidate.cut}' at '${candidate.tensor}' is unusable: ${fault}.`, found);
  return network.fixedBatch
    ? { ...result, network: await freed(network, features, `${prefix}batch/`, options) }
    : result;
}

/** The tensor that `--cut` names, by its own name or by that of the layer that gives it. */
function tensorNamed({ graph }: Model, cut: string | undefined): string | undefined {
  if (cut === undefined || graph.nodes.some(({ outputs }) => outputs.includes(cut))) return cut;
  return graph.nodes.find(({ name }) => name === cut)?.outputs[0] ?? cut;
}

/** A prefix that no name of the network has. */
function ownPrefix({ graph }: Model): string {
  const taken = [...graph.inputs, ...graph.initializers].map(({ name }) => name);
  for (const { outputs } of graph.nodes) for (const one of outputs) taken.push(one);
  let prefix = 'cut/';
  while (taken.some((name) => name.startsWith(prefix))) prefix = `cut-${prefix}`;
  return prefix;
}

/** Constants stored, weights dequantised, operator set 13 or more. */
function prepared(model: Model, prefix: string, source: string): Model {
  const graph = storeConstants(model.graph);
  const raised = attempt(source, () => raiseOpset({ ...model, graph }, `${prefix}opset/`));
  return { ...raised, graph: dequantizeWeights(raised.graph, `${prefix}weights/`) };
}

function attempt<T>(source: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CarafeError(
      'UNSUPPORTED_MODEL',
      message`${source} cannot be cut: ${reason}.`,
      'Export the network again, with operator set 17.',
      { cause: error },
    );
  }
}

interface Search {
  readonly shapes: ReadonlyMap<string, TensorInfo>;
  readonly batch: number;
  readonly found: Candidates | undefined;
}

/** From the first target that is one vector a photo; where none is, from the likeliest. */
async function search(
  model: Model,
  likeliest: Target,
  others: readonly Target[],
  input: ImageInput,
  options: CutOptions,
): Promise<Search> {
  const first = await searchFrom(model, likeliest, input, options);
  if (first.found) return first;
  for (const target of others) {
    const search = await searchFrom(model, target, input, options).catch(ignoreModelError);
    if (search?.found) return search;
  }
  return first;
}

/** Looks at a run of two photos, which tells the batch from other sizes; where that does not fit, at one. */
async function searchFrom(model: Model, target: Target, input: ImageInput, options: CutOptions): Promise<Search> {
  const names = target.chain.slice(1).map(({ tensor }) => tensor);
  const graph = {
    ...model.graph,
    nodes: target.nodes,
    inputs: model.graph.inputs.filter(({ name }) => name === input.name),
  };
  const look = async (batch: number): Promise<Search> => {
    const sizes = new Map([[input.name, inputShape(options.preprocessing, batch)]]);
    const shapes = await inferShapes({ ...model, graph }, options.openSession, sizes, names);
    return {
      shapes,
      batch,
      found: findCandidates(target, shapes, batch, options.preprocessing.crop.height, model.graph.initializers),
    };
  };
  const both = input.fixedBatch ? undefined : await look(2).catch(ignoreModelError);
  return both?.found ? both : look(1);
}

function ignoreModelError(error: unknown): undefined {
  if (!(error instanceof CarafeError)) throw error;
}

function choose({ list, spatial }: Candidates, cut: string | undefined, source: string): Candidate {
  // Where the features are the pooled map, both words mean them.
  const isSame = cut === undefined || (cut === 'pool' && list.length === 1 && spatial !== undefined);
  const wanted = isSame ? list[0] : list.find((candidate) => candidate.cut === cut);
  if (!wanted) throw noCut(source, message`there is no cut '${cut ?? ''}'.`, { list });
  return wanted;
}

/** The network for any number of photos, where that gives the same features; else as it is. */
async function freed(
  network: CutNetwork,
  expected: readonly [Float32Array, Float32Array],
  prefix: string,
  { openSession, preprocessing }: CutOptions,
): Promise<CutNetwork> {
  const { nodes, initializers } = freeBatch(network.nodes, network.initializers, network.input, prefix);
  const free: CutNetwork = { ...network, nodes, initializers, fixedBatch: false };
  const given = await probe(free, preprocessing, openSession).catch(ignoreModelError);
  const isSame = given?.every((features, photo) =>
    features.every((value, index) => {
      const wanted = expected[photo]?.[index] ?? Number.NaN;
      return Math.abs(value - wanted) <= 1e-3 * (1 + Math.abs(wanted));
    }),
  );
  return isSame ? free : network;
}
