/** Rows along the leading principal components of them all. */

import { GraphBuilder } from '../onnx/builder.ts';
import { expectTensor, float32, type Matrix, type OpenSession } from '../runtime/platform.ts';
import { principalComponents } from './pca.ts';
import { blocksOf, type Rows } from './rows.ts';

/** Rows in one product. */
const rowsAtOnce = 4096;

export interface ProjectionContext {
  readonly openSession: OpenSession;
  readonly threads: number;
  readonly signal?: AbortSignal | undefined;
}

/** [N, count] Rows less their mean, along at most `most` principal components; of few rows, a third as many as rows. */
export async function projected(
  matrix: Rows,
  most: number,
  seed: number | string,
  context: ProjectionContext,
): Promise<Matrix> {
  return (await projector(matrix, most, { ...context, seed }))(matrix);
}

/** The same as what takes other rows along the components of these. @param options `passes`: see `principalComponents` */
export async function projector(
  matrix: Rows,
  most: number,
  options: ProjectionContext & { readonly seed: number | string; readonly passes?: number },
): Promise<(rows: Rows) => Promise<Matrix>> {
  const wanted = Math.max(1, Math.min(most, Math.floor(matrix.rows / 3)));
  const { mean, components } = await principalComponents(matrix, wanted, { passes: 3, ...options });
  return (rows) => along(rows, mean, components, options);
}

async function along(
  matrix: Rows,
  mean: Float64Array,
  components: Float64Array,
  { openSession, threads, signal }: ProjectionContext,
): Promise<Matrix> {
  const { rows, columns } = matrix;
  const count = components.length / columns;
  const g = new GraphBuilder();
  const shift = Float32Array.from({ length: count }, (_, k) => {
    let sum = 0;
    for (let d = 0; d < columns; d++) sum -= components[k * columns + d] * mean[d];
    return sum;
  });
  const weights = g.floats(Float32Array.from(components), [count, columns]);
  const x = g.input('x', 'float32', ['n', columns]);
  g.output(g.node('Gemm', [x, weights, g.floats(shift)], { transB: 1 }), 'float32', ['n', count], 'z');
  const session = await openSession(g.bytes(), { threads });
  try {
    const out = new Float32Array(rows * count);
    for (const { from, rows: n, data } of blocksOf(matrix, rowsAtOnce)) {
      signal?.throwIfAborted();
      const { z } = await session.run({ x: float32(data, n, columns) });
      out.set(expectTensor(z, 'float32').data, from * count);
    }
    return { rows, columns: count, data: out };
  } finally {
    await session.release();
  }
}
