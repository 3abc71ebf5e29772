/** What kinds and answers are called. */

import type { StudyResult } from '../results/studyResult.ts';
import { count } from './format.ts';

/** What the kinds of bottleneck are called. */
export const kindNames: Readonly<Record<string, string>> = {
  all: 'all units',
  depths: 'all depths',
  pca: 'principal components',
  random: 'random directions',
  linear: 'trained, linear',
  relu: 'trained, ReLU',
  conv: '1x1 convolution',
};

/** The width that is enough, or why none is named. */
export function enoughText(
  { verdict, width }: Pick<StudyResult['answers'][number], 'verdict' | 'width'>,
  columns: number,
): string {
  if (width === null) return verdict === 'none' ? 'none' : 'unclear';
  return `${width === columns ? 'all ' : ''}${count(width)}`;
}
