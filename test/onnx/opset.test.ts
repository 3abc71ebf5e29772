import { expect, test } from 'vitest';
import type { GraphBuilder, PlainAttribute } from '../../src/onnx/builder.ts';
import { plainNode } from '../../src/onnx/builder.ts';
import type { Attribute, Model } from '../../src/onnx/model.ts';
import { raiseOpset } from '../../src/onnx/opset.ts';
import { writeModel } from '../../src/onnx/write.ts';
import { openSession } from '../../src/runtime/platform.node.ts';
import { expectTensor, float32 } from '../../src/runtime/platform.ts';
import { drawn, oneNode, tinyNetwork } from './networks.ts';

type Inputs = (builder: GraphBuilder) => string[];
const none: Inputs = () => [];
const vectors: Inputs = (b) => [b.floats([1, 2, 3]), b.floats([0, 1, 2]), b.floats([0.5, 0, 1]), b.floats([1, 2, 4])];

/** What the operator sets before 13 say differently. The runtime still runs them, so both forms can be compared. */
const forms: [op: string, opset: number, Record<string, PlainAttribute>, shape: number[], inputs?: Inputs][] = [
  ['Squeeze', 11, { axes: [0, 2] }, [1, 3, 1, 2]],
  ['Squeeze', 11, {}, [1, 3, 1, 2]],
  ['Unsqueeze', 11, { axes: [0, 3] }, [2, 3]],
  ['ReduceSum', 11, { axes: [1], keepdims: 0 }, [2, 3, 4]],
  ['ReduceSum', 11, {}, [2, 3]],
  ['Split', 11, { axis: 1, split: [1, 3] }, [2, 4]],
  ['Softmax', 11, {}, [2, 3, 4]],
  ['Softmax', 11, { axis: 2 }, [2, 3, 4]],
  ['Softmax', 11, { axis: -1 }, [2, 3, 4]],
  ['Softmax', 11, { axis: 0 }, [2, 3]],
  ['LogSoftmax', 11, { axis: 1 }, [2, 3, 4]],
  ['Dropout', 10, { ratio: { float: 0.5 } }, [2, 3]],
  ['Clip', 10, { min: { float: -0.25 }, max: { float: 0.5 } }, [4, 5]],
  ['Clip', 8, { min: { float: 0 } }, [4, 5]],
  ['Pad', 10, { pads: [0, 1, 2, 0], value: { float: 3 } }, [2, 3]],
  ['Pad', 9, { pads: [0, 1, 2, 0], mode: 'reflect' }, [3, 3]],
  ['Slice', 9, { starts: [1, 0], ends: [1000, -1] }, [3, 4]],
  ['Slice', 9, { starts: [1], ends: [3], axes: [1] }, [3, 4]],
  ['TopK', 9, { k: 2 }, [2, 5]],
  ['BatchNormalization', 8, { spatial: 1, epsilon: { float: 0.01 } }, [2, 3, 2, 2], vectors],
  ['Relu', 9, {}, [2, 3]],
];

async function run(model: Model, shape: number[]): Promise<Float32Array> {
  const session = await openSession(writeModel(model));
  const count = shape.reduce((product, size) => product * size, 1);
  const { y } = await session.run({ x: float32(Float32Array.from(drawn(count)), ...shape) }, ['y']);
  await session.release();
  return expectTensor(y, 'float32').data;
}

test.each(forms)(
  '%s of operator set %i gives the same in 13: %j on %j',
  async (op, opset, attributes, shape, inputs = none) => {
    const old = oneNode(op, inputs, attributes, shape, opset);
    const outputs = op === 'Split' || op === 'TopK' ? 2 : 1;
    const model = outputs === 2 ? withSecondOutput(old, op) : old;
    const raised = raiseOpset(model, 'raised/');
    expect(raised.opsets.get('')).toBe(13);
    expect(await run(raised, shape)).toEqual(await run(model, shape));
  },
);

/** Split and TopK need their second output's name. */
function withSecondOutput(model: Model, op: string): Model {
  const nodes = model.graph.nodes.map((node) =>
    node.op === op ? { ...node, outputs: [...node.outputs, 'second'] } : node,
  );
  return { ...model, graph: { ...model.graph, nodes } };
}

test('inner graphs are raised too', () => {
  const base = tinyNetwork({ opset: 11 });
  const body = { ...base.graph, nodes: [plainNode('Squeeze', ['a'], ['b'], { axes: [0] })] };
  const attributes = new Map<string, Attribute>([['then_branch', { kind: 'graph', value: body }]]);
  const node = { ...plainNode('If', ['condition'], ['out'], {}), attributes };
  const { graph } = raiseOpset({ ...base, graph: { ...base.graph, nodes: [node] } }, 'raised/');
  const raised = graph.nodes[0]?.attributes.get('then_branch');
  const inner = raised?.kind === 'graph' ? raised.value.nodes[0] : undefined;
  expect(inner).toMatchObject({ op: 'Squeeze', inputs: ['a', expect.stringMatching(/^raised/)] });
  expect(graph.initializers.map(({ name }) => name)).toContain(inner?.inputs[1]);
});

test('a network in operator set 13 or newer is left as it is', () => {
  const model = tinyNetwork({ opset: 13 });
  expect(raiseOpset(model, 'raised/')).toBe(model);
});

test.each([
  ['an operator outside the table', 'Upsample', 9, 'operator Upsample of operator set 9 cannot be raised to 13'],
  ['an operator set before 7', 'Relu', 6, 'operator set 6 is older than 7'],
  ['a form that no network uses', 'BatchNormalization', 8, 'BatchNormalization with spatial = 0'],
])('%s is named', (_, op, opset, message) => {
  const model = oneNode(op, none, op === 'BatchNormalization' ? { spatial: 0 } : {}, [1, 2], opset);
  expect(() => raiseOpset(model, 'raised/')).toThrow(message);
});
