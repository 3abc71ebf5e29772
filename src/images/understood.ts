/** What was understood of a set, in words: said before long work begins. */
import type { LeftOut } from './imageSet.ts';

/** `9 .ppm, 3 without extension` */
export function kindsText(leftOut: readonly LeftOut[]): string {
  return leftOut.map(({ kind, count }) => `${count.toLocaleString('en')} ${kind}`).join(', ');
}
