import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findLabelErrors, type LabelErrorsInput, labelErrors } from '../../src/doctor/labelErrors.ts';
import { labelSpace, scoreLabels } from '../../src/doctor/labelScores.ts';
import { listedWrong } from '../../src/doctor/labelWords.ts';
import { Random } from '../../src/numerics/random.ts';
import { resident } from '../../src/numerics/rows.ts';
import { openSession } from '../../src/runtime/platform.node.ts';

const context = { openSession, threads: 1 };
const names = ['ash', 'birch', 'cedar'];
const unknown = { value: Number.NaN, low: Number.NaN, high: Number.NaN };

/** Photos whose classes are clouds `apart` from each other, some of them labelled wrongly. */
function drawn({
  photos = 240,
  apart = 6,
  wrong = 12,
  width = 16,
  seed = 'labels',
} = {}): LabelErrorsInput & { readonly wrong: ReadonlySet<number> } {
  const random = new Random(seed);
  const truth = Int32Array.from({ length: photos }, (_, row) => row % names.length);
  const data = new Float32Array(photos * width);
  for (const [row, label] of truth.entries())
    for (let d = 0; d < width; d++) data[row * width + d] = random.normal() + (d === label ? apart : 0);
  const planted = new Set(random.shuffle([...truth.keys()]).slice(0, wrong));
  const labels = truth.map((label, row) =>
    planted.has(row) ? (label + 1 + random.int(names.length - 1)) % names.length : label,
  );
  return {
    features: { rows: photos, columns: width, data },
    labels,
    classes: names,
    groups: Int32Array.from(truth.keys()),
    ids: Array.from(truth, (_, row) => row.toString(16).padStart(64, '0')),
    paths: Array.from(truth, (_, row) => `${row}.jpg`),
    duplicates: [],
    seed: 0,
    wrong: planted,
  };
}

const rowOf = (path: string) => Number.parseInt(path, 10);

test('wrong labels come first, with the class that they should have, and as many as there are', async () => {
  const input = drawn();
  const found = labelErrors.parse(await findLabelErrors(input, context));
  expect(found.judged).toBe(240);
  const first = found.photos.slice(0, 12);
  expect(new Set(first.map(({ path }) => rowOf(path)))).toEqual(input.wrong);
  for (const { path, label, suggested, wrong, nearest } of first) {
    expect(suggested).toBe(names[rowOf(path) % 3]);
    expect(label).not.toBe(suggested);
    expect(wrong).toBeGreaterThan(0.5);
    expect(nearest.suggested.map((photo) => photo.label)).toEqual([suggested, suggested, suggested]);
    expect(nearest.label.map((photo) => photo.label)).toEqual([label, label, label]);
    expect(nearest.suggested[0]?.similarity).toBeGreaterThan(nearest.label[0]?.similarity ?? 1);
  }
  const { value, low, high } = found.expected ?? unknown;
  expect(value).toBeGreaterThan(9);
  expect(value).toBeLessThan(16);
  expect(low).toBeLessThanOrEqual(12);
  expect(high).toBeGreaterThanOrEqual(12);
  expect(found.planted.caughtInTwice.value).toBeGreaterThan(0.9);
});

test('of few photos, a label further down is never likelier to be wrong, and the chances add up to about what is wrong', async () => {
  let [said, truth] = [0, 0];
  for (let seed = 0; seed < 8; seed++) {
    const input = drawn({ photos: 150, apart: 4, wrong: 8, seed: `chance ${seed}` });
    const { photos, expected } = await findLabelErrors(input, context);
    expect(listedWrong(photos)).toBeLessThanOrEqual((expected?.value ?? 0) + 1e-9);
    for (const [place, { path, wrong }] of photos.entries()) {
      expect(wrong).toBeLessThanOrEqual(photos[place - 1]?.wrong ?? 1);
      said += wrong;
      truth += Number(input.wrong.has(rowOf(path)));
    }
  }
  expect(said / truth).toBeGreaterThan(0.8);
  expect(said / truth).toBeLessThan(1.25);
});

test('of right labels few are listed, and the interval says that there may be none', async () => {
  const { expected, photos } = await findLabelErrors(drawn({ wrong: 0 }), context);
  expect(expected?.low).toBe(0);
  expect(expected?.value).toBeLessThan(3);
  expect(expected?.high).toBeLessThan(15);
  expect(photos.length).toBeLessThan(6);
  expect(photos[0]?.wrong ?? 0).toBeLessThan(0.7);
  expect(listedWrong(photos)).toBeLessThanOrEqual(expected?.value ?? 0);
});

test('labels of a class that looks like another are not judged, and no others are doubted for it', async () => {
  // Of 80 photos of class 2, 60 look like class 0.
  const input = drawn({ wrong: 0 });
  const { features, labels } = input;
  const alike = [...labels.keys()].filter((row) => labels[row] === 2).slice(0, 60);
  for (const row of alike) {
    resident(features).data[row * features.columns] += 6;
    resident(features).data[row * features.columns + 2] -= 6;
  }
  const { judged, unrecognised, expected, photos } = await findLabelErrors(input, context);
  expect(unrecognised).toEqual(['cedar']);
  expect(judged).toBe(160);
  expect(expected?.low).toBe(0);
  expect(photos.map(({ label }) => label)).not.toContain('cedar');
});

test('where nothing tells the classes apart, nothing is called surely wrong', async () => {
  const { photos, expected } = await findLabelErrors(drawn({ apart: 0, wrong: 0 }), context);
  expect(expected).toBeNull();
  expect(photos).toEqual([]);
});

test('a burst that is labelled wrongly at once is found: its photos answer for none of each other', async () => {
  const input = drawn({ wrong: 0 });
  const { features, labels, groups } = input;
  // Thirty more or less equal photos of class 0, all labelled 1.
  const burst = Array.from({ length: 30 }, (_, i) => 3 * i);
  const random = new Random('burst');
  for (const row of burst) {
    for (let d = 0; d < features.columns; d++)
      resident(features).data[row * features.columns + d] = resident(features).data[d] + 0.05 * random.normal();
    groups[row] = 0;
    labels[row] = 1;
  }
  const { photos } = await findLabelErrors(input, context);
  const found = new Set(photos.map(({ path }) => rowOf(path)));
  expect(burst.filter((row) => found.has(row)).length).toBeGreaterThan(27);
});

test('a burst that is labelled wrongly at once is found, too, where its photos are no near-duplicates and agree with one another', async () => {
  const input = drawn({ photos: 360, wrong: 0, apart: 3 });
  const { features, labels } = input;
  const { columns, data } = resident(features);
  // Ten photos of class 0 that lie near each other, all labelled 1.
  const burst = Array.from({ length: 10 }, (_, i) => 3 * i);
  const random = new Random('alike');
  for (const row of burst) {
    for (let d = 0; d < columns; d++)
      data[row * columns + d] = (d === 0 ? 3 : 0) + (d === 5 ? 4 : 0) + 0.7 * random.normal();
    labels[row] = 1;
  }
  const space = await labelSpace(features, 0, context);
  const { score, agreement } = scoreLabels(space, input);
  expect(Math.min(...burst.map((row) => agreement[row] ?? 0))).toBeGreaterThan(0.4);
  const order = [...score.keys()].sort((a, b) => (score[b] ?? 0) - (score[a] ?? 0));
  expect(order.slice(0, 20).filter((row) => burst.includes(row)).length).toBeGreaterThan(8);
});

test('what a near-duplicate with another label is called is said', async () => {
  const input = drawn();
  const [row = 0] = input.wrong;
  const twin = [...input.labels.keys()].find((other) => other % 3 === row % 3 && !input.wrong.has(other)) ?? 0;
  const { photos } = await findLabelErrors({ ...input, duplicates: [[row, twin]] }, context);
  const one = photos.find(({ path }) => rowOf(path) === row);
  expect(one?.duplicates).toEqual([{ path: `${twin}.jpg`, label: names[twin % 3] }]);
});

test.each([
  ['two photos a class', 6],
  ['one photo in all but one class', 4],
  ['one photo', 1],
] as const)('%s: judged as far as can be, and no more', async (_, photos) => {
  const input = drawn({ photos, wrong: 0 });
  const found = labelErrors.parse(await findLabelErrors(input, context));
  expect(found.judged).toBeLessThanOrEqual(photos);
  expect(found.expected?.high ?? 0).toBeLessThanOrEqual(photos);
});

test('a class whose photos are one group is not judged', async () => {
  const input = drawn({ wrong: 0 });
  for (const [row, label] of input.labels.entries()) if (label === 2) input.groups[row] = 2;
  const space = await labelSpace(input.features, 0, context);
  const { score } = scoreLabels(space, input);
  for (const [row, label] of input.labels.entries()) expect(Number.isNaN(score[row] ?? 0)).toBe(label === 2);
});

test('neither the names of classes, nor the order of photos, nor a scale of features matters', async () => {
  const input = drawn({ photos: 90, apart: 3, wrong: 5 });
  const space = await labelSpace(input.features, 0, context);
  const { score } = scoreLabels(space, input);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 1000 }), async (seed) => {
      const order = new Random(`${seed}`).shuffle([...input.labels.keys()]);
      const { columns, data } = resident(input.features);
      const moved = new Float32Array(data.length);
      for (const [to, from] of order.entries())
        moved.set(
          data.subarray(from * columns, (from + 1) * columns).map((value) => 4 * value),
          to * columns,
        );
      const again = scoreLabels(await labelSpace({ rows: 90, columns, data: moved }, 0, context), {
        ...input,
        labels: Int32Array.from(order, (row) => input.labels[row] ?? 0),
        groups: Int32Array.from(order, (_, place) => place),
        ids: order.map((row) => input.ids[row] ?? ''),
      });
      for (const [to, from] of order.entries()) expect(again.score[to]).toBeCloseTo(score[from] ?? Number.NaN, 2);
    }),
    { numRuns: 5 },
  );
});
