import { describe, expect, test } from 'vitest';
import type { Backbone } from '../../src/backbone/backbone.ts';
import { cutNetwork } from '../../src/backbone/cut.ts';
import { findStage } from '../../src/backbone/stage.ts';
import { GraphBuilder } from '../../src/onnx/builder.ts';
import { elementCount } from '../../src/onnx/model.ts';
import { openSession } from '../../src/runtime/platform.node.ts';
import { plainPreprocessing, structure } from '../backbone/structures.ts';
import { stagedBackbone } from './stage.ts';

/** A network of torchvision with zeros for weights, cut at its features. */
async function backboneOf(name: string): Promise<Backbone> {
  const empty = structure(name);
  const initializers = empty.graph.initializers.map(({ external, ...tensor }) =>
    external ? { ...tensor, bytes: new Uint8Array(4 * elementCount(tensor.dims)) } : tensor,
  );
  const model = { ...empty, graph: { ...empty.graph, initializers } };
  const preprocessing = plainPreprocessing(model);
  const { network, cut } = await cutNetwork(model, { openSession, source: name, preprocessing, check: false });
  return { name, hash: name, preprocessing, network, cut };
}

// What follows the last change of resolution, or the last block. Where few parameters make the map much smaller, it begins
// behind them. Sizes and numbers of weights are those of the papers' tables.
test.each([
  ['mobilenet_v2', [7, 7, 160], 160 * 960 * 3 * 2 - 160 * 960 + 960 * 9 * 3 + 960 * 320 + 320 * 1280],
  ['resnet18', [14, 14, 256], 512 * 9 * (256 + 512 * 3) + 256 * 512],
  ['convnext_tiny', [7, 7, 768], 3 * (768 * 49 + 2 * 4 * 768 * 768)],
  ['vit_b_16', [197, 1, 768], 12 * 768 * 768],
])('the last stage of %s', async (name, sizes, weights) => {
  const stage = await findStage(await backboneOf(name), openSession);
  if ('reason' in stage) throw new TypeError(stage.reason);
  expect(stage.sizes).toEqual(sizes);
  const trained = stage.model.graph.initializers.filter((tensor) => stage.trained.includes(tensor.name));
  const matrices = trained.filter(({ dims }) => dims.length > 1).reduce((sum, { dims }) => sum + elementCount(dims), 0);
  if (weights !== undefined) expect(matrices / weights).toBeCloseTo(1, 1);
});

describe('what cannot be trained is said', () => {
  test('a fixed batch', async () => {
    const backbone = stagedBackbone();
    const fixed = { ...backbone, network: { ...backbone.network, fixedBatch: true } };
    expect(await findStage(fixed, openSession)).toEqual({ reason: 'the network takes one photo at a time' });
  });

  test('an operator without a rule', async () => {
    const { network, ...backbone } = stagedBackbone();
    const g = new GraphBuilder('odd/');
    const features = g.node('Sin', [network.features]);
    const odd = { ...backbone, network: { ...network, nodes: [...network.nodes, ...g.graph().nodes], features } };
    expect(await findStage(odd, openSession)).toEqual({
      reason: 'Carafe does not know the gradient of its operator Sin',
    });
  });

  test('features without places before them', async () => {
    const { network, ...backbone } = stagedBackbone();
    const g = new GraphBuilder();
    const flat = g.node('Flatten', ['image']);
    const features = g.node('Gemm', [flat, g.floats(new Float32Array(3072 * 8), [3072, 8])]);
    const { nodes, initializers } = g.graph();
    const dense = { ...backbone, network: { ...network, nodes, initializers, features } };
    expect(await findStage(dense, openSession)).toHaveProperty('reason');
  });
});
