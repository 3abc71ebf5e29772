/** How many labels are wrong, in words: the terminal and both reports say the same; the doctor's page says it in its language. */

import type { LabelErrors } from './labelErrors.ts';

type Counted = Pick<LabelErrors, 'judged' | 'photos'> & { readonly expected: NonNullable<LabelErrors['expected']> };

/** `none` where not even one is to be expected, `may` where there may be none. */
export function labelStanding({ value, low }: Counted['expected']): 'none' | 'may' | 'are' {
  return Math.round(value) === 0 ? 'none' : Math.round(low) === 0 ? 'may' : 'are';
}

/** `About 6 of 600 labels may be wrong (95% interval 0 to 22)`, without a full stop. */
export function labelCount({ expected, judged }: Counted): string {
  const [value, low, high] = [expected.value, expected.low, expected.high].map(count);
  const standing = labelStanding(expected);
  if (standing === 'none') return `No sign of wrong labels: at most ${high} of ${count(judged)}, with 95% confidence`;
  const are = standing === 'may' ? 'may be' : value === '1' ? 'is probably' : 'are probably';
  return `About ${value} of ${count(judged)} labels ${are} wrong (95% interval ${low} to ${high})`;
}

/** `The chances of the 11 listed add up to 4.1; other wrong labels look right.` */
export function listedCount({ photos }: Pick<LabelErrors, 'photos'>): string {
  const sum = listedWrong(photos).toFixed(1);
  const said =
    photos.length === 1 ? 'chance of the one listed is' : `chances of the ${count(photos.length)} listed add up to`;
  return `The ${said} ${sum}; other wrong labels look right.`;
}

/** How many of those listed are wrong, as their chances say. */
export function listedWrong(photos: LabelErrors['photos']): number {
  return photos.reduce((sum, { wrong }) => sum + wrong, 0);
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
