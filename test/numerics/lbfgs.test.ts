import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type EvaluateMany, type Evaluation, minimise } from '../../src/numerics/lbfgs.ts';

type Smooth = (x: Float64Array) => Evaluation;

const together =
  (...problems: Smooth[]): EvaluateMany =>
  async (active, points) =>
    active.map((problem, i) => problems[problem](points[i]));

/** Rosenbrock's valley in 2n dimensions; minimum 0 at all ones. */
const rosenbrock: Smooth = (x) => {
  const gradient = new Float64Array(x.length);
  let loss = 0;
  for (let i = 0; i < x.length; i += 2) {
    const bend = x[i + 1] - x[i] * x[i];
    loss += 100 * bend * bend + (1 - x[i]) ** 2;
    gradient[i] = -400 * bend * x[i] - 2 * (1 - x[i]);
    gradient[i + 1] = 200 * bend;
  }
  return { loss, gradient };
};

/** sum of scale_i / 2 (x_i - centre_i)^2. */
const bowl =
  (scales: readonly number[], centre: readonly number[]): Smooth =>
  (x) => {
    const gradient = x.map((value, i) => scales[i] * (value - centre[i]));
    return { loss: gradient.reduce((sum, value, i) => sum + (value * (x[i] - centre[i])) / 2, 0), gradient };
  };

const tight = { gradientTolerance: 1e-8, lossTolerance: 0, maxIterations: 500 };

test("Rosenbrock's valley, in 2 and in 20 dimensions", async () => {
  const starts = [Float64Array.of(-1.2, 1), Float64Array.from({ length: 20 }, (_, i) => (i % 2 ? 1 : -1.2))];
  for (const minimum of await minimise(starts, together(rosenbrock, rosenbrock), tight)) {
    expect(minimum.converged).toBe(true);
    expect(minimum.iterations).toBeLessThan(60);
    for (const value of minimum.parameters) expect(value).toBeCloseTo(1, 6);
  }
});

test('quadratics, however badly scaled', async () => {
  const scale = fc.double({ min: -3, max: 3, noNaN: true }).map((power) => 10 ** power);
  const place = fc.double({ min: -10, max: 10, noNaN: true });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(scale, place), { minLength: 1, maxLength: 8 }), async (axes) => {
      const centre = axes.map(([, at]) => at);
      const problem = bowl(
        axes.map(([by]) => by),
        centre,
      );
      const [minimum] = await minimise([new Float64Array(axes.length)], together(problem), tight);
      expect(minimum.converged).toBe(true);
      for (const [i, value] of minimum.parameters.entries()) expect(Math.abs(value - centre[i])).toBeLessThan(1e-4);
    }),
  );
});

test('a problem has the same result, bit for bit, alone and beside others', async () => {
  const problems = [rosenbrock, bowl([1, 50], [3, 4]), rosenbrock];
  const starts = [Float64Array.of(-1.2, 1), Float64Array.of(0, 0), Float64Array.of(5, -5)];
  const all = await minimise(starts, together(...problems), tight);
  for (const [i, problem] of problems.entries())
    expect((await minimise([starts[i]], together(problem), tight))[0]).toEqual(all[i]);
  expect(starts[0]).toEqual(Float64Array.of(-1.2, 1));
});

test('solved problems are no longer evaluated', async () => {
  const calls: string[] = [];
  const evaluate = together(bowl([1, 1], [0, 0]), rosenbrock);
  const starts = [Float64Array.of(0, 0), Float64Array.of(-1.2, 1)];
  await minimise(starts, (active, points) => {
    calls.push(active.join());
    return evaluate(active, points);
  });
  expect(calls[0]).toBe('0,1');
  expect(new Set(calls.slice(1))).toEqual(new Set(['1']));
});

test('the loss never rises, and its gradient vanishes at the end', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 2, maxLength: 2 }),
      async (at) => {
        const start = Float64Array.from(at);
        let last = rosenbrock(start).loss;
        for (const maxIterations of [1, 3, 10, 300]) {
          const [minimum] = await minimise([start], together(rosenbrock), { ...tight, maxIterations });
          expect(minimum.loss).toBeLessThanOrEqual(last);
          last = minimum.loss;
          expect(minimum.converged || minimum.iterations === maxIterations).toBe(true);
        }
        expect(last).toBeLessThan(1e-10);
      },
    ),
  );
});

test('where the loss is not finite the step is shortened', async () => {
  const logarithm: Smooth = (x) => ({ loss: x[0] - Math.log(x[0]), gradient: Float64Array.of(1 - 1 / x[0]) });
  const [minimum] = await minimise([Float64Array.of(0.01)], together(logarithm), tight);
  expect(minimum.parameters[0]).toBeCloseTo(1, 6);
});

test('float32 noise in the loss does not stop it short', async () => {
  const exact = bowl([1, 30, 900], [1, 2, 3]);
  const noisy: Smooth = (x) => {
    const { loss, gradient } = exact(x);
    return { loss: Math.fround(loss + 10), gradient: gradient.map((value) => Math.fround(value)) };
  };
  const [minimum] = await minimise([new Float64Array(3)], together(noisy), { ...tight, gradientTolerance: 1e-5 });
  expect(minimum.converged).toBe(true);
  for (const [i, value] of minimum.parameters.entries()) expect(value).toBeCloseTo(i + 1, 4);
});

test('what cannot be lowered is given back as it is, and said not to have converged', async () => {
  const wrong: Smooth = (x) => ({ loss: x[0], gradient: Float64Array.of(-1) });
  const [minimum] = await minimise([Float64Array.of(2)], together(wrong));
  expect(minimum).toMatchObject({ parameters: Float64Array.of(2), converged: false });
});
