import { type MapTable, tableOf } from '../../src/features/mapTable.ts';
import type { FitContext, Problem } from '../../src/heads/head.ts';
import { toFloat16 } from '../../src/numerics/float16.ts';
import { Random } from '../../src/numerics/random.ts';
import type { StoredRows } from '../../src/numerics/rows.ts';
import { openSession } from '../../src/runtime/platform.node.ts';
import type { Matrix } from '../../src/runtime/platform.ts';

export const context: FitContext = { openSession, threads: 1, seed: 0 };

/** A problem whose features lie in memory. */
export type DrawnProblem = Problem & { readonly features: Matrix };

/** Features of photos whose classes are overlapping round clouds, 1.2 apart in each dimension, with an offset of 2. */
export function drawnProblem(rows = 90, columns = 12, classes = 3, seed = 'drawn'): DrawnProblem {
  const random = new Random(seed);
  const centres = Float64Array.from({ length: classes * columns }, () => 1.2 * random.normal());
  const labels = Int32Array.from({ length: rows }, (_, i) => i % classes);
  const data = new Float32Array(rows * columns);
  for (let i = 0; i < rows; i++)
    for (let d = 0; d < columns; d++)
      data[i * columns + d] = 2 + centres[labels[i] * columns + d] + 1.5 * random.normal();
  return { features: { rows, columns, data }, labels, classes };
}

/** Rows that are read when they are needed. */
export function stored({ rows, columns, data }: Matrix): StoredRows {
  return {
    ...{ rows, columns },
    read: (from, target) => target.set(data.subarray(from * columns, from * columns + target.length)),
  };
}

/** The problem with maps of 2 x 3 places, each of which holds the photo's features. */
export function withMaps(problem: DrawnProblem): DrawnProblem & { readonly spatial: MapTable } {
  const { rows, columns, data } = problem.features;
  const maps = Float32Array.from(
    { length: rows * 6 * columns },
    (_, at) => data[Math.floor(at / (6 * columns)) * columns + (at % columns)],
  );
  const spatial = tableOf({ type: 'float16', dims: [rows, 2, 3, columns], data: toFloat16(maps) });
  return { ...problem, spatial };
}

/** The fold of each photo: 0, 1, ... in turn within each class. */
export function drawnFolds({ labels }: Problem, folds: number): Int32Array {
  const seen = new Map<number, number>();
  return labels.map((label) => {
    const before = seen.get(label) ?? 0;
    seen.set(label, before + 1);
    return before % folds;
  });
}

export function ones(count: number): Float32Array {
  return new Float32Array(count).fill(1);
}

export function accuracy(logits: Float32Array, { labels, classes }: Problem): number {
  const right = labels.filter((label, i) => {
    const row = logits.subarray(i * classes, (i + 1) * classes);
    return row.indexOf(Math.max(...row)) === label;
  });
  return right.length / labels.length;
}
