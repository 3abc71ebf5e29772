import { expect, test } from 'vitest';
import { backboneCheck, checkBackbone, preprocessingVariants } from '../../src/backbone/check.ts';
import { looErrors } from '../../src/backbone/separation.ts';
import type { Preprocessing } from '../../src/images/preprocessing.ts';
import type { Matrix } from '../../src/runtime/platform.ts';
import { drawn } from '../onnx/networks.ts';

/** Three classes, `distance` apart in the first two of eight features. */
function blobs(distance: number, seed: number, perClass = 30): { features: Matrix; labels: Int32Array } {
  const rows = 3 * perClass;
  const data = Float32Array.from(drawn(rows * 8, seed));
  const labels = Int32Array.from({ length: rows }, (_, row) => row % 3);
  for (const [row, label] of labels.entries()) {
    data[row * 8] = (data[row * 8] ?? 0) + (label === 1 ? distance : 0);
    data[row * 8 + 1] = (data[row * 8 + 1] ?? 0) + (label === 2 ? distance : 0);
  }
  return { features: { rows, columns: 8, data }, labels };
}

test('a clearly better variant beats the configured one; equal ones do not', async () => {
  const { labels } = blobs(0, 1);
  const variants = [0, 3, 0.1].map((distance, index) => ({ name: `distance ${distance}`, value: { distance, index } }));
  const result = await checkBackbone(
    variants,
    labels,
    async ({ distance, index }) => blobs(distance, index + 1).features,
  );
  expect(backboneCheck.parse(result)).toMatchObject({ photos: 90, classes: 3, better: 'distance 3' });
  expect(result.variants.map(({ beatsConfigured }) => beatsConfigured)).toEqual([false, true, false]);
  expect(result.variants[0]).toMatchObject({ name: 'distance 0', p: null });
  expect(result.variants[1]?.accuracy).toBeGreaterThan(0.95);
});

test('the exact test of 8 wins and no loss, and of none at all', async () => {
  // A feature that is the label itself, wrong for eight photos of the configured variant.
  const labels = Int32Array.from({ length: 60 }, (_, row) => row % 2);
  const features = (wrong: number): Matrix => ({
    rows: 60,
    columns: 1,
    data: Float32Array.from(labels, (label, row) => (row < wrong ? 1 - label : label) + row * 1e-4),
  });
  const variants = [8, 0, 8].map((wrong) => ({ name: String(wrong), value: wrong }));
  const { variants: rows } = await checkBackbone(variants, labels, async (wrong) => features(wrong));
  expect(rows.map(({ correct }) => correct)).toEqual([52, 60, 52]);
  // 2 x 0.5^8, and no difference at all.
  expect(rows[1]?.p).toBeCloseTo(2 / 256, 10);
  expect(rows[2]?.p).toBe(1);
});

/** Ridge regression by Gauss elimination on all photos but one, in the features' own space, at a fixed share of ridge. */
function oneByOne(
  { rows, columns, data }: Matrix,
  labels: Int32Array,
  share: number,
): { error: number; isWrong: boolean[] } {
  const column = (c: number): number[] => Array.from({ length: rows }, (_, row) => data[row * columns + c] ?? 0);
  const scaled = Array.from({ length: columns }, (_, c) => {
    const values = column(c);
    const mean = values.reduce((sum, value) => sum + value, 0) / rows;
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / rows);
    return values.map((value) => (value - mean) / deviation / Math.sqrt(columns));
  });
  const photo = (row: number): number[] => [...scaled.map((values) => values[row] ?? 0), 1];
  const trace = labels.reduce((sum, _, row) => sum + photo(row).reduce((all, value) => all + value ** 2, 0), 0);
  let error = 0;
  const isWrong = Array.from(labels, (label, left) => {
    const others = [...labels.keys()].filter((row) => row !== left);
    const scores = [0, 1, 2].map((of) => {
      const size = columns + 1;
      const equations = Array.from({ length: size }, (_, i) =>
        Array.from({ length: size + 1 }, (_, j) => {
          const sum = others.reduce((all, row) => {
            const right = j === size ? (labels[row] === of ? 1 : -1) : (photo(row)[j] ?? 0);
            return all + (photo(row)[i] ?? 0) * right;
          }, 0);
          return i === j ? sum + (share * trace) / rows : sum;
        }),
      );
      const weightsOf = solve(equations);
      const score = photo(left).reduce((all, value, i) => all + value * (weightsOf[i] ?? 0), 0);
      error += ((label === of ? 1 : -1) - score) ** 2;
      return score;
    });
    return scores.indexOf(Math.max(...scores)) !== label;
  });
  return { error, isWrong };
}

function solve(rows: number[][]): number[] {
  for (const [i, pivot] of rows.entries())
    for (const other of rows)
      if (other !== pivot) {
        const factor = (other[i] ?? 0) / (pivot[i] ?? 1);
        for (let j = i; j < other.length; j++) other[j] = (other[j] ?? 0) - factor * (pivot[j] ?? 0);
      }
  return rows.map((row, i) => (row.at(-1) ?? 0) / (row[i] ?? 1));
}

test('leave-one-out by one factor equals leaving each photo out in turn', () => {
  // Classes near enough to each other that some photos are wrong.
  const { features, labels } = blobs(1.2, 5, 8);
  const runs = [1e-3, 1e-2, 1e-1, 1].map((share) => oneByOne(features, labels, share));
  const best = runs.reduce((a, b) => (b.error < a.error ? b : a));
  expect(best.isWrong.filter(Boolean).length).toBeGreaterThan(0);
  expect(best.isWrong.filter(Boolean).length).toBeLessThan(16);
  expect(looErrors(features, labels)).toEqual(best.isWrong);
});

const plain: Preprocessing = {
  resize: { rule: 'squash', height: 8, width: 8 },
  kernel: 'bilinear',
  crop: { height: 8, width: 8 },
  scale: 1 / 255,
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
  channels: 'rgb',
  layout: 'nchw',
  input: 'float32',
};

test('variants of a preprocessing: other scalings and orders of channels, none twice', () => {
  expect(preprocessingVariants(plain).map(({ name }) => name)).toEqual([
    'as configured',
    'RGB, 0..1',
    'RGB, -1..1',
    'RGB, 0..255',
    'BGR, configured scaling',
    'BGR, 0..1',
    'BGR, -1..1',
    'BGR, 0..255',
  ]);
  // TensorFlow's 128 / 255 is a half to within a grey level.
  const half: Preprocessing = { ...plain, mean: [0.502, 0.502, 0.502], std: [0.502, 0.502, 0.502] };
  expect(preprocessingVariants(half).map(({ name }) => name)).not.toContain('RGB, -1..1');
});
