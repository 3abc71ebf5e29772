import { randomLayer } from '../heads/bottleneck.ts';
import type { FitContext } from '../heads/head.ts';
import { linearToGraph } from '../heads/linear.ts';
import { quantile } from '../numerics/statistics.ts';
import { GraphBuilder } from '../onnx/builder.ts';
import { float32 } from '../platform.ts';

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
export async function denseLatency(widths: readonly number[], { openSession }: FitContext): Promise<number> {
  const g = new GraphBuilder();
  let tensor = g.input('x', 'float32', [1, widths[0]]);
  for (let k = 1; k < widths.length; k++) tensor = linearToGraph(randomLayer(widths[k - 1], widths[k], k), g, tensor);
  g.output(tensor, 'float32', [1, 'y'], 'y');
  const session = await openSession(g.bytes());
  try {
    const x = float32(new Float32Array(widths[0]).fill(1), 1, widths[0]);
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
