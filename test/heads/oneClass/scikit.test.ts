import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { gaussian } from '../../../src/heads/oneClass/gaussian.ts';
import { knn } from '../../../src/heads/oneClass/knn.ts';
import type { OneClassHead } from '../../../src/heads/oneClass/oneClassHead.ts';
import { scoresOf } from '../../../src/heads/oneClass/score.ts';
import { svm } from '../../../src/heads/oneClass/svm.ts';
import { covarianceOf } from '../../../src/numerics/covariance.ts';
import { oneClassContext } from './drawn.ts';

const numbers = z.array(z.number());
const cases = z
  .array(
    z.object({
      columns: z.number(),
      normal: numbers,
      queries: numbers,
      shrinkage: z.number(),
      ledoitWolf: numbers,
      empirical: numbers.optional(),
      knn: z.array(z.object({ k: z.number(), distances: numbers })),
      svm: z.array(z.object({ nu: z.number(), decisions: numbers, vectors: z.number() })),
    }),
  )
  .parse(JSON.parse(readFileSync(new URL('../../fixtures/oneClass/scikit.json', import.meta.url), 'utf8')));

// What scikit-learn gives for the same rows: test/fixtures/oneClass/make.py.
test.each(cases)('with $columns columns the scores are those of scikit-learn', async (known) => {
  const { columns, normal, queries, shrinkage, ledoitWolf, empirical } = known;
  const rows = (normal.length + queries.length) / columns;
  const features = { rows, columns, data: Float32Array.from([...normal, ...queries]) };
  const trained = Int32Array.from({ length: normal.length / columns }, (_, i) => i);
  const asked = Int32Array.from({ length: queries.length / columns }, (_, i) => trained.length + i);
  const scores = async <S, F>(head: OneClassHead<S, F>, settings: S) => {
    const fitted = await head.fit({ features }, trained, settings, oneClassContext);
    return scoresOf(head, fitted, { features }, asked, oneClassContext);
  };
  const expectNear = (found: Float32Array, wanted: readonly number[]) => {
    const scale = Math.max(...wanted.map(Math.abs));
    for (const [i, value] of wanted.entries()) expect(Math.abs(found[i] - value) / scale).toBeLessThan(1e-4);
  };

  expect((await covarianceOf(features, trained, oneClassContext)).ledoitWolf).toBeCloseTo(shrinkage, 5);
  expectNear(await scores(gaussian, { shrinkage: 'auto' }), ledoitWolf.map(Math.sqrt));
  if (empirical) expectNear(await scores(gaussian, { shrinkage: 0 }), empirical.map(Math.sqrt));
  for (const { k, distances } of known.knn) expectNear(await scores(knn, { k }), distances);
  for (const { nu, decisions, vectors } of known.svm) {
    const settings = { nu, gamma: 1 };
    expect((await svm.fit({ features }, trained, settings, oneClassContext)).weights.length).toBe(vectors);
    expectNear(
      await scores(svm, settings),
      decisions.map((value) => -value),
    );
  }
});
