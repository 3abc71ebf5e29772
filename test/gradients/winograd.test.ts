import { expect, test } from 'vitest';
import type { Windows } from '../../src/gradients/windows.ts';
import { filteringFor } from '../../src/gradients/winograd.ts';
import { Random } from '../../src/numerics/random.ts';
import { GraphBuilder } from '../../src/onnx/builder.ts';
import { openGradients, type Values } from './measure.ts';

const channels = 192;
const filters = 160;

test.each([
  { map: [6, 6], pads: [1, 1, 1, 1], tile: 3 },
  { map: [7, 7], pads: [1, 1, 1, 1], tile: 4 },
  { map: [7, 6], pads: [1, 0, 0, 1], tile: 3 },
  { map: [6, 4], pads: [0, 0, 0, 0], tile: 2 },
  { map: [4, 4], pads: [1, 1, 1, 1], tile: 4 },
])('a map of $map places, padded by $pads, in tiles of $tile', async ({ map, pads, tile }) => {
  const grid = map.map((size, axis) => size + pads[axis] + pads[axis + 2] - 2);
  const plain = { kernel: [3, 3], strides: [1, 1], dilations: [1, 1], before: pads.slice(0, 2) };
  expect(filteringFor({ map, grid, ...plain }, channels, filters)?.size).toBe(tile);
  const random = new Random('winograd');
  const drawn = (sizes: readonly number[]) => ({
    sizes,
    data: Float32Array.from({ length: sizes.reduce((all, size) => all * size, 1) }, () => random.normal()),
  });
  const given: Values = { x: drawn([2, channels, ...map]), w: drawn([filters, channels, 3, 3]) };
  const weights = drawn([2, filters, ...grid]);
  const builder = new GraphBuilder('loss/');
  const weighted = builder.node('Mul', [
    builder.node('Conv', ['x', 'w'], { pads }),
    builder.floats(weights.data, weights.sizes),
  ]);
  builder.output(builder.node('ReduceSum', [weighted, builder.ints([0, 1, 2, 3])], { keepdims: 0 }), 'float32', []);
  const opened = await openGradients(builder.graph(), 17, given, ['x', 'w']);
  const { loss, by } = await opened.gradients(given);
  const scale = Math.sqrt(weights.data.length * channels * 9);
  expect(Math.abs(loss - (await opened.lossOf(given)))).toBeLessThan(1e-4 * scale);
  // The loss is linear in each: along any direction the gradient gives the loss of that direction.
  for (const name of ['x', 'w'])
    for (let k = 0; k < 3; k++) {
      const direction = drawn(given[name].sizes);
      const along = (by.get(name) ?? new Float32Array()).reduce(
        (sum, value, at) => sum + value * direction.data[at],
        0,
      );
      expect(Math.abs(along - (await opened.lossOf({ ...given, [name]: direction })))).toBeLessThan(1e-4 * scale);
    }
  await opened.release();
});

test('is for windows of 3 x 3, side by side, of many channels', () => {
  const windows: Windows = {
    map: [6, 6],
    grid: [6, 6],
    kernel: [3, 3],
    strides: [1, 1],
    dilations: [1, 1],
    before: [1, 1],
  };
  expect(filteringFor(windows, channels, filters)).toBeDefined();
  expect(filteringFor({ ...windows, strides: [1, 2] }, channels, filters)).toBeUndefined();
  expect(filteringFor({ ...windows, dilations: [2, 2] }, channels, filters)).toBeUndefined();
  expect(filteringFor({ ...windows, kernel: [3, 1] }, channels, filters)).toBeUndefined();
  expect(filteringFor(windows, 4, 4)).toBeUndefined();
});
