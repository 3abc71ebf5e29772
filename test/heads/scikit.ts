import { readFileSync } from 'node:fs';
import * as z from 'zod';
import type { Problem } from '../../src/heads/head.ts';

const numbers = z.array(z.number());
const linear = z.object({ l2: z.number(), weights: numbers, bias: numbers, logLoss: z.number() });
const fixture = z.array(
  z.object({
    features: numbers,
    labels: numbers,
    weights: numbers,
    classes: z.number(),
    columns: z.number(),
    softmax: z.array(linear),
    svm: z.array(z.object({ l2: z.number(), values: numbers })),
  }),
);

/** Problems, and what scikit-learn makes of them: test/fixtures/heads/make.py. */
export const scikit = fixture
  .parse(JSON.parse(readFileSync(new URL('../fixtures/heads/scikit.json', import.meta.url), 'utf8')))
  .map(({ features, labels, weights, classes, columns, ...models }) => {
    const problem: Problem = {
      features: { rows: labels.length, columns, data: Float32Array.from(features) },
      labels: Int32Array.from(labels),
      classes,
    };
    return { problem, weights: Float32Array.from(weights), ...models };
  });
