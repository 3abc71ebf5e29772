/** The bootstrap over groups (cluster bootstrap). */

import { Random } from '../numerics/random.ts';
import { blocksOf } from './intervals.ts';

/** Upper limit on bootstrap samples. */
const mostSamples = 500;
const fewestSamples = 100;
const work = 4e8;

/**
 * A figure on each sample of a cluster bootstrap, which draws whole groups with replacement.
 * @param columns labels of a row: the more, the more a sample costs
 * @param figure given how often each row was drawn
 */
export function overSamples<T>(
  groups: Int32Array,
  columns: number,
  seed: number,
  figure: (times: Float64Array) => T,
): T[] {
  const rows = groups.length;
  const blocks = blocksOf(groups);
  const random = new Random(`${seed}/label bootstrap`);
  const count = Math.min(mostSamples, Math.max(fewestSamples, Math.floor(work / (rows * columns))));
  return Array.from({ length: count }, () => {
    const times = new Float64Array(rows);
    for (let draw = 0; draw < blocks.length; draw++) for (const row of blocks[random.int(blocks.length)]) times[row]++;
    return figure(times);
  });
}
