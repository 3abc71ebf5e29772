/** What to say where no cut is found. */

import { CarafeError } from '../errors.ts';
import { type Message, message, messageOf } from '../message.ts';
import type { Model } from '../onnx/model.ts';
import type { TensorInfo } from '../runtime/platform.ts';
import type { Candidate, Candidates } from './candidates.ts';
import type { Target } from './target.ts';

/** Says of which file the runtime speaks where it does not open a network. */
export async function naming<T>(source: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof CarafeError) || error.code !== 'BAD_MODEL' || error.what.startsWith(source)) throw error;
    throw new CarafeError(error.code, message`${source}: ${error.said.what}`, error.said.hint, { cause: error });
  }
}

export function noFloats(source: string, { tensor }: Candidate, type: string | undefined): CarafeError {
  return new CarafeError(
    'UNSUPPORTED_MODEL',
    message`${source}: the features at '${tensor}' are ${type ?? messageOf('not numbers')}: the network computes in integers (QLinearConv, QLinearMatMul).`,
    "Use the float network, or one quantised with QuantizeLinear and DequantizeLinear (QDQ); or name a float tensor with `cut: 'TENSOR'`.",
  );
}

export function noCut(source: string, what: string | Message, { list }: Pick<Candidates, 'list'>): CarafeError {
  const offers = list.map(({ cut, readout, tensor, width }) => `${cut} (${readout} of '${tensor}', ${width} values)`);
  return new CarafeError(
    'NO_CUT',
    message`${source}: ${messageOf(what)}`,
    message`Cuts found: ${offers.join('; ')}. Choose one with \`cut: 'last'\`, \`cut: 'pool'\` or \`cut: 'TENSOR'\`.`,
  );
}

export function noTarget(model: Model, source: string, named: string | undefined): CarafeError {
  const outputs = model.graph.outputs.map(({ name }) => name).join(', ') || messageOf('none');
  if (named !== undefined)
    return new CarafeError(
      'NO_CUT',
      message`${source} has no tensor '${named}' that depends on the image alone.`,
      message`Name a tensor listed by carafe inspect, or one of the outputs: ${outputs}.`,
    );
  return new CarafeError(
    'UNSUPPORTED_MODEL',
    message`${source}: no output depends on the image alone; the outputs are: ${outputs}.`,
    'Use a network that takes one image and nothing else.',
  );
}

export function notAVector(
  model: Model,
  shapes: ReadonlyMap<string, TensorInfo>,
  target: Target,
  source: string,
): CarafeError {
  const shape =
    shapes
      .get(target.tensor)
      ?.shape.map((size) => size || '?')
      .join(', ') ?? '?';
  const detects = model.graph.nodes.some(({ op }) => op === 'NonMaxSuppression');
  const what = detects ? messageOf('it detects objects; ') : '';
  return new CarafeError(
    'NO_CUT',
    message`${source}: ${what}the output '${target.tensor}' [${shape}] is not one vector of a fixed length for each photo.`,
    "Use a network that classifies images, or name the tensor that holds its features with `cut: 'TENSOR'`.",
  );
}
