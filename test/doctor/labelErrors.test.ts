import { describe, expect, it } from 'vitest';
import { findLabelErrors, suspectedLabels } from '../../src/doctor/labelErrors.ts';
import { softmaxRows } from '../../src/metrics/softmaxRows.ts';
import { Random } from '../../src/numerics/random.ts';
import { known, matrix } from '../evaluation/fixture.ts';

describe('suspected labels', () => {
  it('are the confident joint off its diagonal, by margin', () => {
    const found = suspectedLabels(softmaxRows(matrix(known.logits), 1), Int32Array.from(known.truth));
    expect(found.map(({ row, suggested }) => [row, suggested])).toEqual(known.suspects);
    for (const { label, row, own, other } of found) {
      expect(label).toBe(known.truth[row]);
      expect(own).toBeLessThan(other);
    }
  });

  it('holds a class to its own confidence: a class of which all are unsure makes no suspects by itself', () => {
    const probabilities = matrix([
      [0.9, 0.1],
      [0.9, 0.1],
      [0.55, 0.45],
      [0.55, 0.45],
      [0.95, 0.05],
    ]);
    const found = suspectedLabels(probabilities, Int32Array.of(0, 0, 1, 1, 1));
    expect(found.map(({ row, suggested }) => [row, suggested])).toEqual([[4, 0]]);
  });

  it('of a rare class that cannot be learned suspects no photo that the classifier gives its own label', () => {
    const random = new Random('rare');
    const probabilities = matrix(
      Array.from({ length: 200 }, () => {
        const rare = 0.05 + 0.02 * (random.uniform() - 0.5);
        return [1 - rare, rare];
      }),
    );
    const labels = Int32Array.from({ length: 200 }, (_, row) => Number(row < 10));
    const found = suspectedLabels(probabilities, labels);
    expect(found.every(({ label, suggested }) => label === 1 && suggested === 0)).toBe(true);
    expect(found.length).toBeLessThanOrEqual(10);
  });

  it('finds none where every label is the likeliest, and copes with empty classes', () => {
    expect(
      suspectedLabels(
        matrix([
          [0.9, 0.1, 0],
          [0.2, 0.8, 0],
        ]),
        Int32Array.of(0, 1),
      ),
    ).toEqual([]);
    expect(suspectedLabels(matrix([]), new Int32Array())).toEqual([]);
  });
});

describe('labels to check', () => {
  it('finds swapped labels among drawn photos that were judged several times over', () => {
    const random = new Random('labels');
    const truth = Array.from({ length: 90 }, (_, i) => i % 3);
    // Each class is given some, so that its photos are not all surer than these.
    const wrong = [3, 40, 62, 75, 77];
    const labels = Int32Array.from(truth, (label, i) => (wrong.includes(i) ? (label + 1) % 3 : label));
    const rows = Int32Array.from({ length: 270 }, (_, i) => (7 * i) % 90);
    // As from classifiers that are right about what is on the photo, more or less surely.
    const logits = Array.from(rows, (photo) =>
      [0, 1, 2].map((c) => (c === truth[photo] ? 3 : 0) + 0.2 * random.normal()),
    );
    const found = findLabelErrors(softmaxRows(matrix(logits), 1), rows, labels, {
      classes: ['a', 'b', 'c'],
      paths: truth.map((_, i) => `${i}.jpg`),
    });
    expect(
      found
        .slice(0, 5)
        .map(({ path }) => Number.parseInt(path, 10))
        .sort((x, y) => x - y),
    ).toEqual(wrong);
    expect(new Set(found.map(({ path }) => path)).size).toBe(found.length);
    for (const { path, suggested } of found.slice(0, 5))
      expect(suggested).toBe(['a', 'b', 'c'][truth[Number.parseInt(path, 10)]]);
  });
});
