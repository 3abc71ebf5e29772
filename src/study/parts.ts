/** Folds that share what is found without labels. */

import type { Training } from '../evaluation/select.ts';
import { mean } from '../numerics/statistics.ts';
import type { FoldFigures } from './measure.ts';

/**
 * Photos up to which each fold finds principal components of its own. Those of all photos know the ones that judge, which
 * flatters narrow bottlenecks where photos are few (docs/architecture.md); of more photos they take long to find.
 */
const fewPhotos = 500;

/** Folds that share what is found without labels, and the photos it is found on, ascending. */
export interface Part {
  readonly trainings: readonly Training[];
  readonly rows: readonly number[];
}

export function partsOf(trainings: readonly Training[]): Part[] {
  const { folds } = trainings[0];
  if (folds.length > fewPhotos) return [{ trainings, rows: [...folds.keys()] }];
  return trainings.map((training) => ({
    trainings: [training],
    rows: [...training.folds.keys()].filter((row) => training.folds[row] >= 0),
  }));
}

/** The folds of all parts, one after the other. */
export function joinFolds(all: readonly FoldFigures[]): FoldFigures {
  return {
    accuracy: all.flatMap(({ accuracy }) => accuracy),
    logLoss: all.flatMap(({ logLoss }) => logLoss),
    auroc: all[0].auroc.map((_, c) => mean(all.map(({ auroc }) => auroc[c]).filter((value) => Number.isFinite(value)))),
  };
}
