import { expect, test } from 'vitest';
import { adamMoments, adamStep } from '../../src/numerics/adam.ts';

test('the first step has the length of the rate, whatever the gradient', () => {
  const x = Float32Array.of(1, 1, 1);
  adamStep(x, Float32Array.of(1e-3, -50, 0), adamMoments(3), 1, { rate: 0.1 });
  for (const [i, value] of [0.9, 1.1, 1].entries()) expect(x[i]).toBeCloseTo(value, 4);
});

test('two steps as written out by hand', () => {
  const x = Float64Array.of(0);
  const single = Float32Array.from(x);
  const moments = adamMoments(1);
  const gradients = [2, -1];
  let m = 0;
  let v = 0;
  for (const [k, g] of gradients.entries()) {
    adamStep(single, Float32Array.of(g), moments, k + 1, { rate: 0.01 });
    m = 0.9 * m + 0.1 * g;
    v = 0.999 * v + 0.001 * g * g;
    x[0] -= (0.01 * (m / (1 - 0.9 ** (k + 1)))) / (Math.sqrt(v / (1 - 0.999 ** (k + 1))) + 1e-8);
  }
  expect(single[0]).toBeCloseTo(x[0], 6);
});

test('decay shrinks the parameters apart from the gradient', () => {
  const x = Float32Array.of(4);
  adamStep(x, Float32Array.of(0), adamMoments(1), 1, { rate: 0.1, decay: 0.5 });
  expect(x[0]).toBeCloseTo(4 * 0.95, 6);
});

test('finds the bottom of a badly scaled bowl', () => {
  const x = Float32Array.of(5, -3);
  const moments = adamMoments(2);
  for (let step = 1; step <= 3000; step++)
    adamStep(x, Float32Array.of(100 * (x[0] - 1), 0.1 * (x[1] - 2)), moments, step, { rate: 0.01 });
  expect(x[0]).toBeCloseTo(1, 2);
  expect(x[1]).toBeCloseTo(2, 2);
});
