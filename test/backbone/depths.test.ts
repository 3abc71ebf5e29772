import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CutNetwork, SpatialCut } from '../../src/backbone/backbone.ts';
import { pooledMaps, withDepths, withoutDepths } from '../../src/backbone/depths.ts';
import { allDepths } from '../../src/features/allDepths.ts';
import { extractionModel } from '../../src/features/network.ts';
import { fromFloat16 } from '../../src/numerics/float16.ts';
import { resident } from '../../src/numerics/rows.ts';
import { GraphBuilder, ownIrVersion, ownOpset } from '../../src/onnx/builder.ts';
import { openSession } from '../../src/runtime/platform.node.ts';
import { expectTensor, float32 } from '../../src/runtime/platform.ts';
import { tinyBackbone } from '../features/tinyBackbone.ts';

const [height, width, channels] = [3, 3, 4];
const places = height * width;
const shapes = {
  nchw: { dims: [1, channels, height, width], at: (place: number, c: number) => c * places + place },
  nhwc: { dims: [1, height, width, channels], at: (place: number, c: number) => place * channels + c },
  tokens: { dims: [1, places + 1, channels], at: (place: number, c: number) => (place + 1) * channels + c },
};

/** A network whose one input is its map; its features are the first two numbers of the map. */
function networkOn(layout: SpatialCut['layout'], opset: number): CutNetwork {
  const g = new GraphBuilder();
  const map = g.node('Abs', ['map']);
  const features = g.node('Slice', [
    g.node('Flatten', [map], { axis: 1 }),
    ...[[0], [2], [1]].map((ends) => g.ints(ends)),
  ]);
  const cut = { tensor: map, channels, layout, skip: layout === 'tokens' ? 1 : 0 };
  const deep = { ...cut, tensor: g.node('Mul', [map, g.floats(0.5)]) };
  const { nodes, initializers } = g.graph();
  return {
    ...{ irVersion: ownIrVersion, opsets: new Map([['', opset]]), functions: [], nodes, initializers },
    ...{ input: 'map', features, width: 2, spatial: deep, maps: [cut], pooled: pooledMaps([cut], deep) },
    fixedBatch: false,
  };
}

/** Known answer: mean, root of the mean squared distance from it, maximum, of the map and the maximum of its half. */
function expected(map: readonly (readonly number[])[], own: readonly number[]): number[] {
  const over = (fold: (values: number[]) => number) =>
    Array.from({ length: channels }, (_, c) => fold(map.map((place) => place[c])));
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const spread = (values: number[]) => Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)));
  const unit = (vector: readonly number[]) => {
    const length = Math.max(1e-6, Math.hypot(...vector));
    return vector.map((value) => value / length);
  };
  const most = over((values) => Math.max(...values));
  return [unit(own), unit(over(mean)), unit(over(spread)), unit(most), unit(most)].flat();
}

test.each(['nchw', 'nhwc', 'tokens'] as const)(
  'mean, spread and maximum of a map that lies as %s, each of length 1, in the oldest and a newer operator set',
  async (layout) => {
    const { dims, at } = shapes[layout];
    const sessions = await Promise.all(
      [13, ownOpset, 18].map((opset) => {
        const network = withDepths(networkOn(layout, opset));
        const g = new GraphBuilder('around/');
        g.input('map', 'float32', dims);
        g.append(network);
        g.output(network.features, 'float32', [1, network.width], 'all');
        return openSession(g.bytes({ opsets: network.opsets }));
      }),
    );
    // Nothing, or something: of lengths near zero, the last bits of a sum decide.
    const number = fc.oneof(fc.constant(0), fc.double({ min: 0.01, max: 100, noNaN: true }));
    const values = fc.array(number, {
      minLength: places * channels,
      maxLength: places * channels,
    });
    await fc.assert(
      fc.asyncProperty(values, async (drawn) => {
        const data = new Float32Array(dims.reduce((all, size) => all * size, 1)).fill(7);
        const map = Array.from({ length: places }, (_, place) =>
          Array.from({ length: channels }, (_, c) => Math.fround(drawn[place * channels + c])),
        );
        for (const [place, own] of map.entries()) for (const [c, value] of own.entries()) data[at(place, c)] = value;
        const known = expected(map, [data[0], data[1]]);
        for (const session of sessions) {
          const { all } = await session.run({ map: float32(data, ...dims) });
          const given = expectTensor(all, 'float32').data;
          expect(given.length).toBe(2 + 4 * channels);
          for (const [i, value] of given.entries()) expect(Math.abs(value - known[i])).toBeLessThan(2e-3);
        }
      }),
      { numRuns: 30 },
    );
  },
);

test('what extraction keeps makes the features that the network of all depths gives', async () => {
  const plain = tinyBackbone({ depths: true });
  const all = { ...plain, network: withDepths(plain.network) };
  const data = Uint8Array.from({ length: 2 * 32 * 32 * 3 }, (_, i) => (i * 37 + (i >> 5) * 11) % 256);
  const image = { type: 'uint8', dims: [2, 32, 32, 3], data } as const;
  const run = async (backbone: typeof plain, needs = {}) =>
    (await openSession(extractionModel(backbone, needs))).run({ image });
  const kept = await run(plain, { depths: true });
  const depths = expectTensor(kept.depths, 'float16');
  expect(depths.dims).toEqual([2, 1, 1, 16]);
  const own = expectTensor(kept.features, 'float32').data;
  const made = resident(
    allDepths({ rows: 2, columns: 8, data: own }, { rows: 2, columns: 16, data: fromFloat16(depths.data) }),
  );
  const wide = expectTensor((await run(all)).features, 'float32');
  expect(wide.dims).toEqual([2, 24]);
  expect(made.columns).toBe(24);
  for (const [i, value] of wide.data.entries()) expect(made.data[i]).toBeCloseTo(value, 3);
});

test('a network without earlier maps has no depths, and one that has them gives them up again', () => {
  const flat = tinyBackbone().network;
  expect(flat.pooled).toBeUndefined();
  expect(withDepths(flat)).toBe(flat);
  const { network } = tinyBackbone({ depths: true });
  const all = withDepths(network);
  expect(withDepths(all)).toBe(all);
  expect(withoutDepths(all)).toMatchObject({ features: network.features, width: network.width });
  expect(withoutDepths(all).own).toBeUndefined();
  // The last map counts once, even where it is listed among the earlier ones.
  expect(pooledMaps([network.spatial ?? network.maps[0]], network.spatial)).toBeUndefined();
});
