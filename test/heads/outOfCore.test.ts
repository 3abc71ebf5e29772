/** Features that do not fit into memory: the same heads, in little of it. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { knn } from '../../src/heads/knn.ts';

const report = z.object({
  /** Megabytes that the process had at most: with sessions and no features, and when heads had been fitted from a file. */
  before: z.number(),
  peak: z.number(),
  /** Megabytes of all features. */
  features: z.number(),
  /** Share of photos whose class each head names, and the largest difference from what it says fitted from memory. */
  heads: z.array(z.object({ name: z.string(), accuracy: z.number(), difference: z.number() })),
});

test('heads are fitted on features in a file, in a part of the memory that all take, and are the same', () => {
  const folder = mkdtempSync(join(tmpdir(), 'carafe-test-'));
  try {
    const child = new URL('outOfCoreChild.mjs', import.meta.url).pathname;
    const told = execFileSync(process.execPath, ['--max-old-space-size=128', child, folder], { encoding: 'utf8' });
    const { before, peak, features, heads } = report.parse(JSON.parse(told));
    expect(features).toBeGreaterThan(250);
    expect(peak - before).toBeLessThan(0.6 * features);
    expect(heads.map(({ name }) => name)).toEqual(['softmax', 'svm', 'prototype', 'gaussian']);
    for (const { name, accuracy, difference } of heads) {
      expect(accuracy).toBeGreaterThan(name === 'gaussian' ? 0.6 : 0.9);
      expect(difference).toBe(0);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('a head that keeps photos says when it does not keep all', () => {
  expect(knn.leavesOut?.({ rows: 100_000, columns: 1280, classes: 20 })).toBeUndefined();
  expect(knn.leavesOut?.({ rows: 1_000_000, columns: 1280, classes: 20 })).toContain(
    'of these 1,000,000 at most 197,379',
  );
});
