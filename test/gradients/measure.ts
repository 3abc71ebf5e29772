import { differentiate } from '../../src/gradients/differentiate.ts';
import type { Sizes } from '../../src/gradients/tape.ts';
import { GraphBuilder } from '../../src/onnx/builder.ts';
import type { Graph } from '../../src/onnx/model.ts';
import { inferShapes } from '../../src/onnx/shapes.ts';
import { writeModel } from '../../src/onnx/write.ts';
import { openSession } from '../../src/runtime/platform.node.ts';
import { type AnyTensor, expectTensor, float32 } from '../../src/runtime/platform.ts';

export type Values = Readonly<Record<string, { readonly sizes: Sizes; readonly data: Float32Array }>>;

export interface Measured {
  readonly loss: number;
  readonly by: ReadonlyMap<string, Float32Array>;
}

/** The graph of a forward pass, whose one output is the loss, and that of its gradients by all of `by`. */
export async function openGradients(graph: Graph, opset: number, values: Values, by: readonly string[]) {
  const [{ name: loss }] = graph.outputs;
  const opsets = new Map([['', opset]]);
  const inputs = Object.entries(values).map(([name, { sizes }]) => ({ name, type: 'float32' as const, shape: sizes }));
  const whole = { ...graph, inputs, initializers: graph.initializers.filter(({ name }) => !(name in values)) };
  const model = { irVersion: 8, opsets, producer: '', metadata: new Map(), functions: [], graph: whole };
  const found = await inferShapes(model, openSession);
  const shapes = new Map<string, Sizes>([...found].map(([name, { shape }]) => [name, shape.map(Number)]));
  for (const { name, dims } of whole.initializers) shapes.set(name, dims);
  for (const { name, shape } of inputs) shapes.set(name, shape);
  const builder = new GraphBuilder('d/');
  for (const { name, shape } of inputs) builder.input(name, 'float32', shape);
  const gradients = differentiate({ nodes: graph.nodes, constants: whole.initializers, shapes }, loss, by, builder);
  builder.output(gradients.named(loss), 'float32', [], 'the loss');
  for (const [name, gradient] of gradients.by)
    if (gradient) builder.output(gradient, 'float32', values[name].sizes, `by/${name}`);
  const forward = await openSession(writeModel(model));
  const both = await openSession(builder.bytes({ opsets }));
  const feeds = (own: Values): Record<string, AnyTensor> =>
    Object.fromEntries(Object.entries(own).map(([name, { sizes, data }]) => [name, float32(data, ...sizes)]));
  return {
    lossOf: async (own: Values) => expectTensor((await forward.run(feeds(own)))[loss], 'float32').data[0],
    gradients: async (own: Values): Promise<Measured> => {
      const out = await both.run(feeds(own));
      return {
        loss: expectTensor(out['the loss'], 'float32').data[0],
        by: new Map(
          by.map((name) => [
            name,
            out[`by/${name}`] ? expectTensor(out[`by/${name}`], 'float32').data : new Float32Array(),
          ]),
        ),
      };
    },
    release: async () => {
      await forward.release();
      await both.release();
    },
  };
}

/** Central differences of the loss by each value of a tensor. */
export async function differences(
  lossOf: (own: Values) => Promise<number>,
  values: Values,
  name: string,
  step: number,
) {
  const { sizes, data } = values[name];
  const out = new Float64Array(data.length);
  for (const at of data.keys()) {
    const moved = async (by: number) => {
      const own = data.slice();
      own[at] += by;
      return lossOf({ ...values, [name]: { sizes, data: own } });
    };
    out[at] = ((await moved(step)) - (await moved(-step))) / (2 * step);
  }
  return out;
}
