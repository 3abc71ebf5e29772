/** The bootstrap over groups. */

import { Random } from '../numerics/random.ts';
import { blocksOf } from './intervals.ts';

/** The bootstrap's samples: as many as this much work allows. */
const mostSamples = 500;
const fewestSamples = 100;
const work = 4e8;

/**
 * A figure of each of the bootstrap's samples, in which whole groups are drawn with replacement.
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
