/** The cells of the confusion matrix. */

import type { Evaluation, JudgedPhoto } from '../metrics/evaluation.ts';

/** One cell of the confusion matrix that is not empty: photos of one class that got one answer. */
export interface Pair {
  /** Places in the matrix's labels. */
  readonly truth: number;
  readonly answer: number;
  readonly count: number;
  /** What to look at first comes first: the surest of the wrong, the least sure of the right. */
  readonly photos: readonly JudgedPhoto[];
}

/** The cells that are not empty: mistakes before right answers, the most frequent first. */
export function pairsOf({ confusion, photos }: Pick<Evaluation, 'confusion' | 'photos'>): readonly Pair[] {
  const places = new Map(confusion.labels.map((label, place) => [label, place]));
  const behind = new Map<string, JudgedPhoto[]>();
  for (const photo of photos) {
    const cell = `${places.get(photo.label)} ${places.get(photo.predicted)}`;
    const own = behind.get(cell);
    if (own) own.push(photo);
    else behind.set(cell, [photo]);
  }
  const pairs = confusion.cells.map(({ truth, predicted: answer, count }) => {
    const order = truth === answer ? 1 : -1;
    const own = behind.get(`${truth} ${answer}`) ?? [];
    return { truth, answer, count, photos: own.sort((a, b) => order * (a.probability - b.probability)) };
  });
  return pairs.sort((a, b) => Number(isHit(a)) - Number(isHit(b)) || b.count - a.count);
}

export function isHit({ truth, answer }: Pair): boolean {
  return truth === answer;
}
