import { describe, expect, test } from 'vitest';
import { compareChosen, fitChosen as fitAny } from '../../src/evaluation/fitChosen.ts';
import { selectMany as selectAny } from '../../src/evaluation/select.ts';
import { balancedWeights } from '../../src/heads/balance.ts';
import type { Problem } from '../../src/heads/head.ts';
import { predictLogits as decideAny } from '../../src/heads/predictLogits.ts';
import { type AnyHead, heads } from '../../src/heads/registry.ts';
import { fromFloat16 } from '../../src/numerics/float16.ts';
import { gather, resident, rowsAt } from '../../src/numerics/rows.ts';
import { GraphBuilder } from '../../src/onnx/builder.ts';
import { storedFloats } from '../../src/onnx/storedFloats.ts';
import { expectTensor, float32 } from '../../src/runtime/platform.ts';
import { accuracy, context, drawnFolds, drawnProblem, withMaps as mapsOf, ones, stored } from './drawn.ts';

// The suite states problems by their features; heads that read maps get maps that are made of these.
const withMaps = (problem: Problem) => mapsOf({ ...problem, features: resident(problem.features) });
const fitChosen: typeof fitAny = (head, problem, ...rest) => fitAny(head, withMaps(problem), ...rest);
const selectMany: typeof selectAny = (head, problem, ...rest) => selectAny(head, withMaps(problem), ...rest);
const decide = <F>(head: Parameters<typeof decideAny<F>>[0], fitted: F[], problem: Problem, on: typeof context) =>
  decideAny(head, fitted, withMaps(problem), on);

/** What a head does not do, and why. */
const exceptions: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  prototype: { 'class weights': 'the mean of a class does not know how many photos other classes have' },
  mlp: {
    'beside other fits': 'jobs that train together share their batches, and each its own order of photos else',
    'weight 2': 'a photo of weight 2 comes once an epoch, two photos come in two batches',
  },
  conv: {
    'two threads': 'its products are so long that the runtime divides them between threads',
    'weight 2': 'as with mlp',
  },
  knn: {
    'weight 2': 'k counts photos, whatever their weight',
    'equal features': 'of photos that are all as near, the first k vote',
  },
};

// What every registered head must do. A new head is tested because it is registered.
describe.each(heads.map((head) => [head.name, head] as const))('%s', (name, head) => {
  const unless = (what: string) => test.skipIf(exceptions[name]?.[what] !== undefined);
  const problem = drawnProblem();
  const rows = problem.labels.length;

  test('learns overlapping clouds, and answers for photos that it has not seen', async () => {
    const [selection] = await selectMany(head, problem, [training(problem)], context);
    expect(selection.validated).toEqual(Int32Array.from({ length: rows }, (_, i) => i));
    expect(accuracy(selection.outOfFold.data, problem)).toBeGreaterThan(0.85);
    const best = selection.scores.find(({ settings }) => settings === selection.settings);
    expect(best?.logLoss).toBeLessThan(0.6);
    expect(best?.logLoss).toBeLessThan(1.002 * Math.min(...selection.scores.map(({ logLoss }) => logLoss)));
  });

  test('gives the same numbers, bit for bit, again', async () => {
    expect(await logitsOf(head, problem, ones(rows))).toEqual(await logitsOf(head, problem, ones(rows)));
  });

  unless('two threads')('gives the same numbers, bit for bit, on two threads', async () => {
    expect(await logitsOf(head, problem, ones(rows), 2)).toEqual(await logitsOf(head, problem, ones(rows)));
  });

  unless('beside other fits')('a fit is as good as the same beside others', async () => {
    const alone = await logitsOf(head, problem, ones(rows));
    const weights = [halves(rows), ones(rows)];
    const beside = await fitChosen(
      head,
      problem,
      weights.map((w) => ({ settings: head.defaults, weights: w })),
      context,
    );
    const answers = await decide(head, beside, problem, context);
    // A run's photos, not their labels, may say in which coordinates a head is fitted.
    expect(largestDifference(answers[1].data, alone)).toBeLessThan(1e-2);
    expect(largestDifference(answers[0].data, await logitsOf(head, problem, halves(rows)))).toBeLessThan(1e-2);
  });

  unless('two threads')('selection gives the same numbers, bit for bit, on one thread and on two', async () => {
    const [one] = await selectMany(head, problem, [training(problem)], context);
    const [two] = await selectMany(head, problem, [training(problem)], { ...context, threads: 2 });
    expect(two).toEqual(one);
  });

  test('selection gives the same numbers, bit for bit, for features that are read when they are needed', async () => {
    const [here] = await selectMany(head, problem, [training(problem)], context);
    const elsewhere = { ...withMaps(problem), features: stored(problem.features) };
    const [there] = await selectAny(head, elsewhere, [training(problem)], context);
    expect(there).toEqual(here);
  });

  test('the exported graph gives what decide gives, one photo at a time, in every opset that it may meet', async () => {
    const [fitted] = await fitChosen(head, problem, [{ settings: head.defaults, weights: ones(rows) }], context);
    const [expected] = await decide(head, [fitted], problem, context);
    const { features, spatial } = withMaps(problem);
    const sizes = head.needs === 'pooled' ? [features.columns] : [spatial.height, spatial.width, spatial.channels];
    const builder = new GraphBuilder('head_');
    builder.input('input', 'float32', ['n', ...sizes]);
    builder.output(head.toGraph(fitted, builder, 'input'), 'float32', ['n', problem.classes], 'logits');
    for (const opset of [13, 17, 18, 20]) {
      const session = await context.openSession(builder.bytes({ opsets: new Map([['', opset]]) }));
      for (const row of [0, 1, rows - 1]) {
        const size = sizes.reduce((product, each) => product * each, 1);
        const map = new Uint16Array(head.needs === 'spatial' ? size : 0);
        if (head.needs === 'spatial') await spatial.read(row, map);
        const photo =
          head.needs === 'spatial' ? fromFloat16(map) : features.data.subarray(row * size, (row + 1) * size);
        const logits = expectTensor((await session.run({ input: float32(photo, 1, ...sizes) })).logits, 'float32');
        expect(logits.dims).toEqual([1, problem.classes]);
        const wanted = expected.data.subarray(row * problem.classes, (row + 1) * problem.classes);
        expect(largestDifference(logits.data, wanted)).toBeLessThan(1e-5);
      }
      await session.release();
    }
  });

  test('a fitted head is plain data that can be stored and read again', async () => {
    const [fitted] = await fitChosen(head, problem, [{ settings: head.defaults, weights: ones(rows) }], context);
    const [before] = await decide(head, [fitted], problem, context);
    const [after] = await decide(head, [structuredClone(fitted)], problem, context);
    expect(after).toEqual(before);
  });

  test('several heads in one graph answer as each alone', async () => {
    const fits = [ones(rows), halves(rows)].map((weights) => ({ settings: head.defaults, weights }));
    const fitted = await fitChosen(head, problem, fits, context);
    const together = await decide(head, fitted, problem, context);
    for (const [k, one] of fitted.entries()) {
      const [alone] = await decide(head, [one], problem, context);
      expect(largestDifference(together[k].data, alone.data)).toBeLessThan(1e-5);
    }
  });

  // Photos that are many or few for so many features, which linear heads fit in another way.
  test.each([12, 200])(
    'fits that are only compared answer as those that are kept, with %i features',
    async (columns) => {
      const drawn = drawnProblem(rows, columns);
      const longer = drawn.features.data.map((value, at) => value * (1 + (Math.floor(at / columns) % 4) / 2));
      const wide = withMaps({ ...drawn, features: { ...drawn.features, data: longer } });
      const fits = [ones(rows), halves(rows)].map((weights) => ({ settings: head.defaults, weights }));
      const kept = await decide(head, await fitChosen(head, wide, fits, context), wide, context);
      const compared = kept.map(({ data }) => new Float32Array(data.length));
      await compareChosen(head, wide, fits, context, (k, row, logits) => compared[k].set(logits, row * wide.classes));
      for (const [k, { data }] of kept.entries()) {
        const size = Math.max(...data.map(Math.abs));
        expect(largestDifference(compared[k], data)).toBeLessThan(0.05 * size);
      }
    },
  );

  test('photos of weight 0 do not matter, whatever they are', async () => {
    const weights = halves(rows);
    const changed = { ...problem, features: { ...problem.features, data: problem.features.data.slice() } };
    const { columns, data } = changed.features;
    for (let i = 0; i < rows; i++) if (weights[i] === 0) data.fill(100 + i, i * columns, (i + 1) * columns);
    const labels = problem.labels.map((label, i) => (weights[i] === 0 ? (label + 1) % problem.classes : label));
    const [kept] = await fitChosen(head, problem, [{ settings: head.defaults, weights }], context);
    const [other] = await fitChosen(head, { ...changed, labels }, [{ settings: head.defaults, weights }], context);
    const [a] = await decide(head, [kept], problem, context);
    const [b] = await decide(head, [other], problem, context);
    expect(largestDifference(a.data, b.data)).toBeLessThan(2e-3);
  });

  unless('weight 2')('a photo of weight 2 counts as two photos', async () => {
    const weights = ones(rows).map((_, i) => (i % 5 === 0 ? 2 : 1));
    const twice = Array.from({ length: rows }, (_, i) => (i % 5 === 0 ? [i, i] : [i])).flat();
    const doubled = taken(problem, twice);
    const weighted = await logitsOf(head, problem, weights);
    const [repeated] = await fitChosen(
      head,
      doubled,
      [{ settings: head.defaults, weights: ones(twice.length) }],
      context,
    );
    const [answers] = await decide(head, [repeated], problem, context);
    expect(largestDifference(weighted, answers.data)).toBeLessThan(2e-3);
  });

  unless('class weights')('class weights help the rare class', async () => {
    const rare = taken(
      drawnProblem(400, 6, 2, 'rare'),
      Array.from({ length: 400 }, (_, i) => i).filter((i) => i % 2 === 0 || i % 20 === 1),
    );
    const balanced = await logitsOf(head, rare, balancedWeights(rare.labels, 2));
    const plain = await logitsOf(head, rare, ones(rare.labels.length));
    const odds = (logits: Float32Array) => logits.reduce((sum, value, at) => sum + (at % 2 ? value : -value), 0);
    expect(odds(balanced)).toBeGreaterThan(odds(plain));
  });

  test('a class that is missing in training is unlikely, and its log-loss finite', async () => {
    const weights = Float32Array.from(problem.labels, (label) => (label === 2 ? 0 : 1));
    const logits = await logitsOf(head, problem, weights);
    expect(logits.every(Number.isFinite)).toBe(true);
    for (let i = 0; i < rows; i++) {
      const [a, b, missing] = logits.subarray(3 * i, 3 * i + 3);
      expect(missing).toBeLessThan(Math.max(a, b));
      expect(missing).toBeGreaterThan(Math.max(a, b) - 100);
    }
  });

  test('constant features change nothing', async () => {
    const wide = withColumns(problem, 4, (d) => [0, 7, -3, 1e4][d]);
    const logits = await logitsOf(head, wide, ones(rows));
    expect(logits.every(Number.isFinite)).toBe(true);
    expect(accuracy(logits, wide)).toBeGreaterThan(0.85);
  });

  unless('equal features')('features that are all equal give the classes their shares', async () => {
    const flat = { ...problem, features: { ...problem.features, data: problem.features.data.map(() => 3) } };
    const logits = await logitsOf(head, flat, ones(rows));
    expect(logits.every(Number.isFinite)).toBe(true);
    expect(largestDifference(logits, new Float32Array(logits.length).fill(logits[0]))).toBeLessThan(1e-2);
  });

  test('duplicated rows are no trouble', async () => {
    const first = taken(
      problem,
      Array(rows)
        .fill(0)
        .map((_, i) => i % 6),
    );
    const logits = await logitsOf(head, first, ones(rows));
    expect(accuracy(logits, first)).toBe(1);
  });

  test('one photo a class is enough to be fitted', async () => {
    const few = taken(problem, [0, 1, 2]);
    expect(accuracy(await logitsOf(head, few, ones(3)), few)).toBe(1);
  });

  test.skipIf(!head.edits)('classes come, merge and go, as if fitted so', async () => {
    const edits = head.edits!;
    const two = Float32Array.from(problem.labels, (label) => (label < 2 ? 1 : 0));
    const third = taken(
      problem,
      Array.from(problem.labels.keys()).filter((i) => problem.labels[i] === 2),
    );
    const [before] = await fitChosen(
      head,
      { ...problem, classes: 2, labels: problem.labels.map((label) => Math.min(label, 1)) },
      [{ settings: head.defaults, weights: two }],
      context,
    );
    const added = edits.add(before, third.features, 2);
    expect(edits.count(added)).toBe(3);
    const [grown, back, merged] = await Promise.all(
      [added, edits.regroup(added, [[0], [1]]), edits.regroup(added, [[0], [1, 2]])].map(
        async (one) => (await decide(head, [one], problem, context))[0],
      ),
    );
    expect(accuracy(grown.data, problem)).toBeGreaterThan(0.85);
    const [start] = await decide(head, [before], problem, context);
    expect(largestDifference(back.data, start.data)).toBeLessThan(1e-5);
    expect(merged.columns).toBe(2);
    const [more] = await decide(head, [edits.add(before, third.features, 1)], problem, context);
    const rest = problem.labels.map((label) => (label === 0 ? 0 : 1));
    for (const { data } of [merged, more])
      expect(accuracy(data, { ...problem, classes: 2, labels: rest })).toBeGreaterThan(0.8);
  });

  test.skipIf(!head.edits)('it is read back out of its graph, as it was', async () => {
    const fits = [{ settings: head.defaults, weights: ones(rows) }];
    const [fitted] = await fitChosen(head, problem, fits, context);
    const g = new GraphBuilder('x/');
    head.toGraph(fitted, g, g.input('features', 'float32', ['n', problem.features.columns]));
    const settings = Object.fromEntries(Object.entries(head.defaults as object));
    expect(head.edits?.read(storedFloats(g.graph()), settings)).toEqual(fitted);
    expect(head.edits?.read(storedFloats(new GraphBuilder().graph()), settings)).toBeUndefined();
  });

  test('an aborted fit stops', async () => {
    const signal = AbortSignal.abort();
    const fits = [{ settings: head.defaults, weights: ones(rows) }];
    await expect(fitChosen(head, problem, fits, { ...context, signal })).rejects.toThrow('aborted');
  });
});

async function logitsOf(head: AnyHead, problem: Problem, weights: Float32Array, threads = 1): Promise<Float32Array> {
  const [fitted] = await fitChosen(head, problem, [{ settings: head.defaults, weights }], { ...context, threads });
  const [logits] = await decide(head, [fitted], problem, context);
  return logits.data;
}

function training(problem: Problem) {
  return { folds: drawnFolds(problem, 3), innerFolds: 3, weights: ones(problem.labels.length) };
}

/** Every third photo of each class kept out. */
function halves(rows: number): Float32Array {
  return ones(rows).map((_, i) => (i % 9 < 3 ? 0 : 1));
}

function taken({ features, labels, classes }: Problem, rows: readonly number[]): Problem {
  return {
    features: gather(features, rows),
    labels: Int32Array.from(rows, (row) => labels[row]),
    classes,
  };
}

function withColumns({ features, labels, classes }: Problem, extra: number, value: (d: number) => number): Problem {
  const columns = features.columns + extra;
  const data = new Float32Array(features.rows * columns);
  for (let i = 0; i < features.rows; i++)
    for (let d = 0; d < columns; d++) data[i * columns + d] = d < extra ? value(d) : rowsAt(features, i, 1)[d - extra];
  return { features: { rows: features.rows, columns, data }, labels, classes };
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);
}
