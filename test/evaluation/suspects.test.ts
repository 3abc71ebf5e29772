import { describe, expect, it } from 'vitest';
import { softmaxRows } from '../../src/evaluation/softmaxRows.ts';
import { suspectedLabels } from '../../src/evaluation/suspects.ts';
import { known, matrix } from './fixture.ts';

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
