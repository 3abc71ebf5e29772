import { expect, test } from 'vitest';
import { cutNetwork } from '../../src/backbone/cut.ts';
import { inspectNetwork } from '../../src/backbone/inspect.ts';
import { CarafeError } from '../../src/errors.ts';
import type { Attribute, Model, Node } from '../../src/onnx/model.ts';
import { readModel } from '../../src/onnx/read.ts';
import { writeModel } from '../../src/onnx/write.ts';
import { openSession } from '../../src/runtime/platform.node.ts';
import { denseHead, drawn, tinyNetwork } from '../onnx/networks.ts';
import { plainPreprocessing } from './structures.ts';

/** A small network with a bit of everything that the passes look at. */
const base: Model = tinyNetwork({
  opset: 11,
  trunk: (b, map) => {
    const gated = b.node('Mul', [map, b.node('Sigmoid', [map])]);
    const shape = b.node(
      'Concat',
      [b.node('Slice', [b.node('Shape', [gated]), b.ints([0]), b.ints([1])]), b.ints([8, 7, 7])],
      { axis: 0 },
    );
    const scale = b.node('Constant', [], { value_float: { float: 0.1 } });
    const weight = b.constant({ type: 'int8', dims: [8, 8, 1, 1], data: Int8Array.from(drawn(64), (v) => v * 127) });
    const mixed = b.node('Conv', [b.node('Reshape', [gated, shape]), b.node('DequantizeLinear', [weight, scale])]);
    const norm = [0.5, 0.1, -0.2, 0.7].map((value) => b.floats(Array.from({ length: 8 }, () => value)));
    return b.node('Add', [gated, b.node('BatchNormalization', [mixed, ...norm])]);
  },
  head: (b, pooled) => b.node('Softmax', [denseHead(b, b.node('Dropout', [pooled]))]),
});

class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = Math.imul(seed, 2_654_435_761) >>> 0;
  }

  below(count: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * count);
  }

  pick<T>(list: readonly T[]): T {
    const item = list[this.below(list.length)];
    if (item === undefined) throw new RangeError('nothing to pick from');
    return item;
  }
}

/** Bytes flipped, cut out, doubled, or set to what lengths look like. */
function mutateBytes(bytes: Uint8Array, dice: Dice): Uint8Array {
  let mutated = bytes.slice();
  for (let times = dice.below(4) + 1; times > 0; times--) {
    const at = dice.below(mutated.length);
    const end = Math.min(mutated.length, at + dice.below(40) + 1);
    switch (dice.below(5)) {
      case 0:
        mutated[at] = dice.below(256);
        break;
      case 1:
        mutated[at] = dice.pick([0, 0x7f, 0x80, 0xff]);
        break;
      case 2:
        mutated = mutated.slice(0, at + 1);
        break;
      case 3:
        mutated = Uint8Array.from([...mutated.subarray(0, at), ...mutated.subarray(end)]);
        break;
      default:
        mutated = Uint8Array.from([...mutated.subarray(0, end), ...mutated.subarray(at)]);
    }
    if (mutated.length === 0) return mutated;
  }
  return mutated;
}

/** A valid file with a foolish graph: inputs swapped, operators exchanged, attributes and sizes changed, nodes lost. */
function mutateGraph(model: Model, dice: Dice): Model {
  const { graph } = model;
  const names = [
    ...graph.nodes.flatMap(({ outputs }) => outputs),
    ...graph.initializers.map(({ name }) => name),
    'image',
    '',
  ];
  const ops = [...graph.nodes.map(({ op }) => op), 'Loop', 'Gather', 'Flatten', 'MatMul', 'ReduceMean', 'Upsample'];
  const nodes: Node[] = [...graph.nodes];
  const initializers = [...graph.initializers];
  for (let times = dice.below(3) + 1; times > 0; times--) {
    const at = dice.below(nodes.length);
    const node = nodes[at];
    if (!node) continue;
    switch (dice.below(7)) {
      case 0:
        nodes[at] = { ...node, inputs: node.inputs.map((name) => (dice.below(3) === 0 ? dice.pick(names) : name)) };
        break;
      case 1:
        nodes[at] = { ...node, op: dice.pick(ops) };
        break;
      case 2:
        nodes[at] = { ...node, outputs: [dice.pick(names)] };
        break;
      case 3: {
        const value: Attribute = { kind: 'int', value: dice.pick([-1, 0, 1, 7, 2 ** 31, -(2 ** 31)]) };
        nodes[at] = {
          ...node,
          attributes: new Map([...node.attributes, [dice.pick(['axis', 'group', 'to', 'transB']), value]]),
        };
        break;
      }
      case 4: {
        const index = dice.below(initializers.length);
        const tensor = initializers[index];
        if (tensor) initializers[index] = { ...tensor, dims: tensor.dims.toReversed() };
        break;
      }
      case 5:
        nodes.splice(at, 1);
        break;
      default:
        nodes.push({ ...node, outputs: node.outputs.map((name) => `${name}+`) });
    }
  }
  return { ...model, graph: { ...graph, nodes, initializers } };
}

/** What becomes of a file: a cut network, or an error that says what is wrong. Anything else is a fault. */
async function outcome(bytes: Uint8Array): Promise<string> {
  try {
    const model = readModel(bytes, 'mutant.onnx');
    await inspectNetwork(model, { openSession, source: 'mutant.onnx', inputSize: { height: 16, width: 16 } });
    const preprocessing = plainPreprocessing(model, 16);
    const { height, width } = preprocessing.crop;
    if (height * width > 64 * 64) return 'too large to try';
    await cutNetwork(model, { openSession, source: 'mutant.onnx', preprocessing });
    return 'cut';
  } catch (error) {
    if (error instanceof CarafeError) return error.code;
    throw error;
  }
}

test('thousands of mutated files: each is cut, or refused with a reason', async () => {
  const bytes = writeModel(base);
  expect(await outcome(bytes)).toBe('cut');
  const seen = new Map<string, number>();
  for (let seed = 1; seed <= 4000; seed++) {
    const dice = new Dice(seed);
    const mutant = seed % 2 === 0 ? mutateBytes(bytes, dice) : writeModel(mutateGraph(base, dice));
    const result = await outcome(mutant).catch((error: unknown) => {
      throw new Error(`mutant ${seed}`, { cause: error });
    });
    seen.set(result, (seen.get(result) ?? 0) + 1);
  }
  // The mutations reach every gate, and many leave the network whole.
  for (const result of ['cut', 'BAD_MODEL', 'UNSUPPORTED_MODEL', 'NO_CUT'])
    expect(seen.get(result), result).toBeGreaterThan(10);
});
