/** The nearest values that nowhere fall. */

/**
 * The nearest values, in least squares, that nowhere fall: isotonic regression by pooling neighbours that stand in the
 * wrong order (Ayer et al. 1955). All values weigh the same. As scikit-learn's `isotonic_regression`.
 */
export function rising(values: readonly number[]): number[] {
  const pools: { sum: number; count: number }[] = [];
  for (const value of values) {
    let pool = { sum: value, count: 1 };
    for (let last = pools.at(-1); last && last.sum / last.count >= pool.sum / pool.count; last = pools.at(-1)) {
      pool = { sum: last.sum + pool.sum, count: last.count + pool.count };
      pools.pop();
    }
    pools.push(pool);
  }
  return pools.flatMap(({ sum, count }) => new Array<number>(count).fill(sum / count));
}
