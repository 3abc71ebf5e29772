import { readFileSync } from 'node:fs';
import * as z from 'zod';
import type { Matrix } from '../../src/runtime/platform.ts';

const numbers = z.array(z.number());
const schema = z.object({
  truth: numbers,
  logits: z.array(numbers),
  confusion: z.array(numbers),
  precision: numbers,
  recall: numbers,
  f1: numbers,
  support: numbers,
  logLoss: z.number(),
  logLossAt2: z.number(),
  ece: z.number(),
  weights: numbers,
  temperature: z.number(),
  weightedTemperature: z.number(),
  plainTemperature: z.number(),
  folds: numbers,
  foldsHalfWidth: z.number(),
  otherFolds: numbers,
  foldsP: z.number(),
  mcnemar: z.array(z.tuple([z.number(), z.number(), z.number()])),
  scores: numbers,
  positive: numbers,
  auroc: z.number(),
  averagePrecision: z.number(),
  suspects: z.array(z.tuple([z.number(), z.number()])),
  f1At0: z.number(),
});

/** Known answers of scikit-learn and SciPy; made by fixtures/evaluation/make.py. */
export const known = schema.parse(
  JSON.parse(readFileSync(new URL('../fixtures/evaluation/scikit-learn.json', import.meta.url), 'utf8')),
);

export function matrix(rows: readonly (readonly number[])[]): Matrix {
  return { rows: rows.length, columns: rows[0]?.length ?? 0, data: Float32Array.from(rows.flat()) };
}
