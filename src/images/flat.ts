/** Whether a photo is nearly a single colour. */

import type { Pixels } from '../runtime/platform.ts';

/** Standard deviation, of 255, under which a colour does not vary. */
const least = 2;

/** Whether pixels are nearly one colour all over: a black, white or empty picture. Every fourth pixel is looked at. */
export function isFlat({ data }: Pixels): boolean {
  for (let colour = 0; colour < 3; colour++) {
    let [count, sum, squares] = [0, 0, 0];
    for (let at = colour; at < data.length; at += 12) {
      count++;
      sum += data[at];
      squares += data[at] ** 2;
    }
    if (squares / count - (sum / count) ** 2 > least ** 2) return false;
  }
  return true;
}
