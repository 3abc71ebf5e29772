/** Parameters, multiply-adds and time of dense layers. */

import type { MapTable } from '../features/mapTable.ts';
import { convHead } from '../heads/conv.ts';
import type { FitContext } from '../heads/head.ts';
import { type Linear, linearToGraph } from '../heads/linear.ts';
import { quantile } from '../numerics/statistics.ts';
import { GraphBuilder } from '../onnx/builder.ts';

const timedRuns = 300;

/** Parameters and multiply-adds of dense layers one after the other, their biases counted as parameters. */
export function denseCosts(widths: readonly number[]): { parameters: number; macs: number } {
  let parameters = 0;
  let macs = 0;
  for (let k = 1; k < widths.length; k++) {
    macs += widths[k - 1] * widths[k];
    parameters += (widths[k - 1] + 1) * widths[k];
  }
  return { parameters, macs };
}

/** Median milliseconds that dense layers of these widths take for one photo, on one thread. */
export async function denseLatency(widths: readonly number[], context: FitContext): Promise<number> {
  const g = new GraphBuilder();
  let tensor = g.input('x', 'float32', [1, widths[0]]);
  for (let k = 1; k < widths.length; k++) tensor = linearToGraph(anyLayer(widths[k - 1], widths[k]), g, tensor);
  g.output(tensor, 'float32', [1, 'y'], 'y');
  return timed(g, [1, widths[0]], context);
}

/** The same for a 1x1 convolution to `width` channels, ReLU, mean over the map and a dense layer. */
export async function convLatency(
  { height, width: across, channels }: Pick<MapTable, 'height' | 'width' | 'channels'>,
  width: number,
  classes: number,
  context: FitContext,
): Promise<number> {
  const g = new GraphBuilder();
  const dims = [1, height, across, channels];
  const layers = {
    bottleneck: anyLayer(channels, width),
    kernel: undefined,
    output: anyLayer(width, classes),
  };
  const logits = convHead({ width, filters: undefined }).toGraph(layers, g, g.input('x', 'float32', dims));
  g.output(logits, 'float32', [1, 'y'], 'y');
  return timed(g, dims, context);
}

/** Time does not depend on the weights. */
function anyLayer(width: number, classes: number): Linear {
  return {
    weights: new Float32Array(classes * width).fill(1 / width),
    bias: new Float32Array(classes),
    inputs: width,
    outputs: classes,
  };
}

async function timed(g: GraphBuilder, dims: readonly number[], { openSession }: FitContext): Promise<number> {
  const session = await openSession(g.bytes());
  try {
    const size = dims.reduce((product, each) => product * each, 1);
    const x = { type: 'float32' as const, dims, data: new Float32Array(size).fill(1) };
    const times: number[] = [];
    for (let run = 0; run < timedRuns; run++) {
      const began = performance.now();
      await session.run({ x });
      times.push(performance.now() - began);
    }
    return quantile(times, 0.5);
  } finally {
    await session.release();
  }
}
