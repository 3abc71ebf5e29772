import { expect, test } from 'vitest';
import { labelCount, labelStanding } from '../../src/doctor/labelWords.ts';

const said = (value: number, low: number, high: number) =>
  labelCount({ expected: { value, low, high }, judged: 1500, photos: [] });

test('labels that may all be right are said to be so, and those that surely are wrong in part, too', () => {
  expect(said(0.4, 0, 2.2)).toBe('No sign of wrong labels: at most 2 of 1,500, with 95% confidence');
  expect(said(5.8, 0.2, 22)).toBe('About 6 of 1,500 labels may be wrong (95% interval 0 to 22)');
  expect(said(26, 12.4, 56)).toBe('About 26 of 1,500 labels are probably wrong (95% interval 12 to 56)');
  expect(said(1.2, 0.6, 4)).toBe('About 1 of 1,500 labels is probably wrong (95% interval 1 to 4)');
  expect(labelStanding({ value: 0.49, low: 0, high: 3 })).toBe('none');
});
