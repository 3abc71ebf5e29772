import type { CutNetwork } from '../../src/backbone/backbone.ts';
import { GraphBuilder } from '../../src/onnx/builder.ts';
import { openSession } from '../../src/runtime/platform.node.ts';
import type { TensorType } from '../../src/runtime/platform.ts';
import { type AnyTensor, expectTensor } from '../../src/runtime/platform.ts';

/** Features of what the network takes, by itself in a file. */
export async function runCut(network: CutNetwork, input: AnyTensor, tensor = network.features): Promise<Float32Array> {
  const builder = new GraphBuilder('test/');
  builder.append(network);
  const type: TensorType = input.type;
  builder.input(network.input, type, network.fixedBatch ? input.dims : ['N', ...input.dims.slice(1)]);
  builder.output(tensor, 'float32', ['N', ...(tensor === network.features ? [network.width] : ['', '', ''])]);
  const { irVersion, opsets, functions } = network;
  const session = await openSession(builder.bytes({ irVersion, opsets, functions }));
  const results = await session.run({ [network.input]: input });
  await session.release();
  return expectTensor(results[tensor], 'float32').data;
}
