/** Checks a cut by running it on two drawn images. */

import { CarafeError } from '../errors.ts';
import type { Preprocessing } from '../images/preprocessing.ts';
import { message } from '../message.ts';
import { GraphBuilder, plainNode } from '../onnx/builder.ts';
import { dataTypes } from '../onnx/model.ts';
import type { OpenSession } from '../runtime/platform.ts';
import { expectTensor } from '../runtime/platform.ts';
import type { CutNetwork } from './backbone.ts';
import { inputShape } from './imageInput.ts';

/** A black image and a drawn one, as the network takes them after preprocessing. */
function drawnImages({ crop, layout, input, scale, mean, std }: Preprocessing): [Float32Array, Float32Array] {
  const area = crop.height * crop.width;
  const images = [new Float32Array(3 * area), new Float32Array(3 * area)] as const;
  for (let place = 0; place < area; place++) {
    const row = Math.floor(place / crop.width);
    const column = place % crop.width;
    for (let channel = 0; channel < 3; channel++) {
      // Rings and squares of many sizes; any picture will do that is not flat.
      const drawn = (((row * row + column * column * (channel + 1)) >> 6) * 37 + ((row ^ column) & 24) * 4) & 255;
      const at = layout === 'nchw' ? channel * area + place : place * 3 + channel;
      for (const [index, pixel] of [0, drawn].entries()) {
        const normal = (pixel * scale - (mean[channel] ?? 0)) / (std[channel] ?? 1);
        const image = images[index];
        if (image) image[at] = input === 'uint8' ? pixel : normal;
      }
    }
  }
  return [...images];
}

/**
 * Runs the cut network on a black image and a drawn one, as one batch or, where the batch is fixed, one by one.
 * Gives the features of each.
 * @throws CarafeError BAD_MODEL where the runtime does not open or run the network.
 */
export async function probe(
  network: CutNetwork,
  preprocessing: Preprocessing,
  openSession: OpenSession,
): Promise<[Float32Array, Float32Array]> {
  const batch = network.fixedBatch ? 1 : 'N';
  const builder = new GraphBuilder('carafe/probe/');
  const given = builder.input('carafe/probe/given', 'float32', inputShape(preprocessing, batch));
  const cast = plainNode('Cast', [given], [network.input], { to: dataTypes[preprocessing.input] });
  builder.append({ nodes: [cast], initializers: [] });
  builder.append(network);
  builder.output(network.features, 'float32', [batch, network.width]);
  const { irVersion, opsets, functions } = network;
  // Two photos are run faster than the network is optimised.
  const session = await openSession(builder.bytes({ irVersion, opsets, functions }), { optimize: false });
  const run = async (data: Float32Array, count: number): Promise<Float32Array> => {
    const dims = inputShape(preprocessing, count).map(Number);
    const results = await session.run({ [given]: { type: 'float32', dims, data } });
    return expectTensor(results[network.features], 'float32').data;
  };
  try {
    const [black, drawn] = drawnImages(preprocessing);
    if (network.fixedBatch) return [await run(black, 1), await run(drawn, 1)];
    const both = new Float32Array(black.length * 2);
    both.set(black);
    both.set(drawn, black.length);
    const features = await run(both, 2);
    return [features.subarray(0, network.width), features.subarray(network.width)];
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CarafeError(
      'BAD_MODEL',
      message`ONNX Runtime opens the network but cannot run it: ${reason}`,
      'Check that the network runs at the size of its preprocessing, or export it again.',
      { cause: error },
    );
  } finally {
    await session.release();
  }
}

/** Why these features of a black and a drawn image cannot be used, or undefined where they can. */
export function featureFault([black, drawn]: readonly [Float32Array, Float32Array], width: number): string | undefined {
  if (black.length !== width || drawn.length !== width)
    return `it gives ${drawn.length} values per photo, not the ${width} its shape states`;
  if (![...black, ...drawn].every(Number.isFinite)) return 'it gives values that are not finite';
  if (black.every((value, index) => value === drawn[index]))
    return 'it gives the same values for a black image and a drawn one';
  return undefined;
}
