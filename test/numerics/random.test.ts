import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextWord, Random } from '../../src/numerics/random.ts';
import { mean, variance } from '../../src/numerics/statistics.ts';

test("xoshiro128** gives its reference implementation's numbers", () => {
  const state: [number, number, number, number] = [1, 2, 3, 4];
  expect(Array.from({ length: 10 }, () => nextWord(state))).toEqual([
    11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
  ]);
});

test('the stream of a seed never changes: classifiers are reproduced from it', () => {
  const random = new Random('carafe');
  expect([random.word(), random.uniform(), random.int(1000), random.normal()]).toMatchInlineSnapshot(`
    [
      157242700,
      0.038516460498905336,
      249,
      1.1865917810243591,
    ]
  `);
  expect(new Random(0).word()).toMatchInlineSnapshot(`3971521677`);
});

test('equal seeds give equal streams, different ones different', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) => {
      const words = (seed: string) => {
        const random = new Random(seed);
        return Array.from({ length: 4 }, () => random.word()).join();
      };
      expect(words(a) === words(b)).toBe(a === b);
    }),
  );
});

test('integers are in range and even, also where the range does not divide 2^32', () => {
  const random = new Random(1);
  const counts = new Array<number>(7).fill(0);
  for (let i = 0; i < 70_000; i++) counts[random.int(7)]++;
  // Chi-square with 6 degrees of freedom; 0.999 quantile 22.5.
  expect(counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0)).toBeLessThan(22.5);
  for (const n of [0, -1, 1.5, Number.NaN, 2 ** 33]) expect(() => random.int(n)).toThrow(RangeError);
});

test('uniform and normal have their moments', () => {
  const random = new Random(2);
  const uniform = Float64Array.from({ length: 100_000 }, () => random.uniform());
  expect(mean(uniform)).toBeCloseTo(0.5, 2);
  expect(variance(uniform)).toBeCloseTo(1 / 12, 2);
  expect(uniform.every((value) => value >= 0 && value < 1)).toBe(true);
  const normal = Float64Array.from({ length: 100_000 }, () => random.normal());
  expect(mean(normal)).toBeCloseTo(0, 1);
  expect(variance(normal)).toBeCloseTo(1, 1);
  expect(mean(normal.map((value) => value ** 4))).toBeCloseTo(3, 0);
});

test('shuffle keeps the elements and reaches every order', () => {
  const random = new Random(3);
  const orders = new Map<string, number>();
  for (let i = 0; i < 2400; i++) {
    const order = random.shuffle([1, 2, 3, 4]).join('');
    orders.set(order, (orders.get(order) ?? 0) + 1);
  }
  expect(orders.size).toBe(24);
  expect([...orders.keys()].every((order) => [...order].sort().join('') === '1234')).toBe(true);
  // Chi-square with 23 degrees of freedom; 0.999 quantile 49.7.
  expect([...orders.values()].reduce((sum, count) => sum + (count - 100) ** 2 / 100, 0)).toBeLessThan(49.7);
  expect(random.shuffle(Int32Array.of(5, 6)).toSorted()).toEqual(Int32Array.of(5, 6));
});
