import { makeSplit } from '../../src/split/makeSplit.ts';
import type { Folds } from '../../src/split/split.ts';

/** Cross-validation of photos that all differ. */
export function foldsOf(labels: Int32Array, count = 5, repeats?: number): Folds {
  const ids = Array.from(labels, (_, i) => i.toString(16).padStart(64, '0'));
  const groups = Int32Array.from(labels.keys());
  const classes = [...new Set(labels)].map((label) => `class ${label}`);
  const given = ids.map(() => undefined);
  const split = makeSplit({ labels, classes, groups, ids, given, seed: 0, folds: count, repeats });
  if (split.kind !== 'folds') throw new Error('folds were asked for');
  return split;
}
