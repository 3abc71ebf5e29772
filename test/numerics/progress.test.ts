import { expect, test } from 'vitest';
import { fittingLine } from '../../src/cli/progress.ts';
import { partOf } from '../../src/numerics/progress.ts';

test('progress of nested parts, each of several passes, never goes back and never claims a part that is not done', () => {
  const told: number[] = [];
  const whole = (done: number, total: number) => void told.push(done / total);
  for (let part = 0; part < 3; part++) {
    const outer = partOf(whole, part, 3);
    for (let inner = 0; inner < 2; inner++) {
      const tell = partOf(outer, inner, 2);
      for (let pass = 0; pass < 4; pass++) for (let done = 0; done <= 5; done++) tell?.(done, 5);
      // The last of them: this part of this part is not over.
      expect(told.at(-1)).toBeLessThan((part + 1) / 3);
    }
    // Passes halve what is left, so that even the first one counts.
    expect(told.at(-1)).toBeGreaterThan((part + 0.4) / 3);
  }
  expect(told).toEqual(told.toSorted((a, b) => a - b));
  expect(partOf(undefined, 0, 3)).toBeUndefined();
});

test('the time that is left is told once something is known of it', () => {
  expect(fittingLine('Fitting the head', 0.004, 0.5)).toBe('Fitting the head: 0%');
  expect(fittingLine('Fitting the head', 0.25, 10)).toBe('Fitting the head: 25%, 30 s left');
});
