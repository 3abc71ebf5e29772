import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { GraphBuilder } from '../../src/onnx/builder.ts';
import { readModel } from '../../src/onnx/read.ts';
import { storeConstants } from '../../src/onnx/rewrite.ts';
import { openGradients, type Values } from './measure.ts';

const fixture = (name: string) => new URL(`../fixtures/gradients/${name}`, import.meta.url);
const values = z
  .object({ sizes: z.array(z.int()), data: z.array(z.number()) })
  .transform(({ sizes, data }) => ({ sizes, data: Float32Array.from(data) }));
const answers = z
  .record(
    z.string(),
    z.object({ x: values, weights: values, loss: z.number(), gradients: z.record(z.string(), values) }),
  )
  .parse(JSON.parse(gunzipSync(readFileSync(fixture('gradients.json.gz'))).toString()));

describe.each(Object.entries(answers))('the last block of %s', (name, { x, weights, loss, gradients }) => {
  test('has the gradients that PyTorch gives', async () => {
    const model = readModel(new Uint8Array(readFileSync(fixture(`${name}.onnx`))), name);
    const graph = storeConstants(model.graph);
    const stored = new Map(graph.initializers.map((tensor) => [tensor.name, tensor]));
    const names = Object.keys(gradients);
    const given: Values = Object.fromEntries(
      names.map((each) => {
        const tensor = stored.get(each);
        return [each, tensor ? { sizes: tensor.dims, data: new Float32Array(tensor.bytes.slice().buffer) } : x];
      }),
    );
    const builder = new GraphBuilder('loss/');
    builder.append(graph);
    const weighted = builder.node('Mul', [graph.outputs[0].name, builder.floats(weights.data, weights.sizes)]);
    const axes = weights.sizes.map((_, axis) => axis);
    builder.output(builder.node('ReduceSum', [weighted, builder.ints(axes)], { keepdims: 0 }), 'float32', []);
    const opened = await openGradients(builder.graph(), 16, given, names);
    const measured = await opened.gradients(given);
    await opened.release();
    expect(Math.abs(measured.loss - loss)).toBeLessThan(1e-3 * (1 + Math.abs(loss)));
    for (const [each, { data }] of Object.entries(gradients)) {
      const own = measured.by.get(each) ?? new Float32Array();
      expect(own, each).toHaveLength(data.length);
      const largest = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      for (const [at, value] of data.entries())
        expect(Math.abs(own[at] - value), `${each}[${at}]: ${own[at]}, not ${value}`).toBeLessThan(
          1e-4 * (largest + 1e-3),
        );
    }
  });
});
