import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { csvCell, csvTable } from '../../src/results/csv.ts';

test('every number is read back as it is, below zero too', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      for (const text of [String(value), value.toPrecision(7), value.toFixed(3)]) expect(csvCell(text)).toBe(text);
    }),
  );
});

test('no text is a formula, and each is read back, with a quotation mark before it where it would be one', () => {
  for (const text of ['=1+1', '+1', '-1+1', '-a', '@SUM(A1)', '\tx', '--1', '-1e', '-'])
    expect(csvCell(text)).toMatch(/^"'/);
  fc.assert(
    fc.property(fc.array(fc.string(), { minLength: 1, maxLength: 4 }), (cells) => {
      const [row = []] = parse(csvTable([['first', ...cells]]), { bom: true }) as string[][];
      expect(row.slice(1).map((cell, at) => (cells[at] === cell ? cell : cell.replace(/^'/, '')))).toEqual(cells);
    }),
  );
});
