/** Chooses inside each training part how the photos are seen or read. */

import type { Inputs } from '../features/mapTable.ts';
import { type FitContext, type Problem, photosOf, reading } from '../heads/head.ts';
import type { AnyHead } from '../heads/registry.ts';
import { compareFolds } from '../metrics/compare.ts';
import { foldShare } from '../metrics/intervals.ts';
import { meanError } from '../metrics/meanError.ts';
import { gather } from '../numerics/rows.ts';
import { mean, smallestOf } from '../numerics/statistics.ts';
import type { RepresentationChoice } from './choices.ts';
import {
  type Choose,
  type Choosing,
  canChoose,
  foldAccuracies,
  only,
  photoLosses,
  type Taken,
  validatedGroups,
} from './choose.ts';
import { type Selection, selectMany } from './select.ts';

/** Fewer groups of photos of a training part tell nothing but chance. */
const fewestGroups = 24;

/** Representations of the same photos, by name, and how one is chosen. */
export interface Among {
  readonly kind: RepresentationChoice['kind'];
  /** The usual one first: the problem's own inputs; the others are among its `representations`. */
  readonly names: readonly [string, ...string[]];
  /** The head by which they are compared. */
  readonly by: AnyHead;
  /** Another than the usual one is taken where its mean log-loss is lower by more than so many standard errors. */
  readonly standardErrors: number;
}

/** What one part compared, and the head that was fitted for it on each representation. */
interface Compared {
  readonly choice: RepresentationChoice;
  readonly selection: Selection<unknown, unknown>;
}

/**
 * Compares representations by cross-validation inside each training part. Another than the usual one is taken where the
 * usual head's log-loss, photo by photo, is clearly lower on it.
 * @returns a choice for each training
 */
export async function compareRepresentations(
  { kind, names, by, standardErrors }: Among,
  problem: Problem,
  trainings: readonly Choosing[],
  context: FitContext,
): Promise<Compared[]> {
  const selections: Selection<unknown, unknown>[][] = [];
  for (const [k, name] of names.entries())
    selections.push(await selectMany(k === 0 ? by : reading(by, name), problem, trainings, context));
  const photos = photosOf(problem);
  return trainings.map((training, part) => {
    const own = selections.map((each) => each[part]);
    const losses = own.map((each) => photoLosses(each, training, photos));
    const figures = own.map((each) => foldAccuracies(each, training, photos));
    const { groups, count } = validatedGroups(own[0], training);
    const testToTrain = 1 / (figures[0].length - 1);
    const place = clearlyLowest(losses, groups, standardErrors);
    return {
      selection: own[place],
      choice: {
        kind,
        chosen: names[place],
        photos: losses[0].length,
        candidates: names.map((name, k) => ({
          name,
          logLoss: mean(Array.from(losses[k])),
          accuracy: foldShare(figures[k], testToTrain, count),
          difference: compareFolds(figures[k], figures[0], testToTrain, count).difference,
        })),
      },
    };
  });
}

/** The place of the lowest mean loss, if it is lower than the first by so many standard errors; else 0. */
function clearlyLowest(losses: readonly Float64Array[], groups: Int32Array, standardErrors: number): number {
  let best = 0;
  let most = 0;
  for (let k = 1; k < losses.length; k++) {
    const gains = Array.from(losses[0], (loss, photo) => loss - losses[k][photo]);
    const gain = mean(gains);
    if (gain > standardErrors * meanError(gains, groups) && gain > most) [best, most] = [k, gain];
  }
  return best;
}

/**
 * Heads on the representation that was chosen for each training.
 * @param usual the name of the problem's own inputs
 * @param choices for each training
 */
export function onChosen(
  usual: string,
  choices: readonly RepresentationChoice[],
  how: AnyHead | Choose<unknown, unknown>,
): Choose<unknown, unknown> {
  const choose = typeof how === 'function' ? how : only(how);
  return async (problem, trainings, context, onScore) => {
    const taken: Taken<unknown, unknown>[] = [];
    for (const name of new Set(choices.map(({ chosen }) => chosen))) {
      const parts = [...trainings.keys()].filter((part) => choices[part].chosen === name);
      const own = parts.map((part) => trainings[part]);
      const seen = name === usual ? problem : seenAs(problem, name);
      const chosen = await choose(seen, own, context, (score, k) => onScore?.(score, parts[k]));
      // Heads of one kind answer together: they stay one object.
      const heads = new Map(chosen.map(({ head }) => [head, name === usual ? head : reading(head, name)]));
      for (const [k, part] of parts.entries())
        taken[part] = {
          ...chosen[k],
          head: heads.get(chosen[k].head) ?? chosen[k].head,
          representations: [choices[part], ...(chosen[k].representations ?? [])],
        };
    }
    return taken;
  };
}

/** A problem of which only another representation is left. */
function seenAs(problem: Problem, name: string): Problem {
  const other = problem.representations?.get(name);
  if (!other) throw new TypeError(`there is no representation '${name}'`);
  const { labels, truth, classes, photos } = problem;
  return { ...other, labels, truth, classes, photos };
}

/**
 * A head on the representation that each training part chooses inside itself.
 * @param how the head, or how it is chosen
 */
export function amongRepresentations(among: Among, how: AnyHead | Choose<unknown, unknown>): Choose<unknown, unknown> {
  return async (problem, trainings, context, onScore) => {
    if (!canChoose(trainings)) {
      const choose = typeof how === 'function' ? how : only(how);
      return choose(problem, trainings, context, onScore);
    }
    const compared = await compareRepresentations(among, problem, trainings, context);
    if (how !== among.by) {
      const choices = compared.map(({ choice }) => choice);
      return onChosen(among.names[0], choices, how)(problem, trainings, context, onScore);
    }
    // The very head that they were compared by is fitted already.
    const heads = new Map(among.names.map((name, k) => [name, k === 0 ? among.by : reading(among.by, name)]));
    for (const [part, { selection }] of compared.entries())
      for (const score of selection.scores) await onScore?.(score, part);
    return compared.map(({ selection, choice }) => ({
      head: heads.get(choice.chosen) ?? among.by,
      selection,
      representations: [choice],
    }));
  };
}

/**
 * Chooses for each training by some of the photos, of which alone the other representations need to be known.
 * @param rows the photos to choose by, ascending
 * @param others the other representations of these photos, a row each
 * @returns a choice for each training; undefined where some training has too few of these photos to choose by
 */
export async function chooseOnSample(
  among: Among,
  whole: Problem,
  trainings: readonly Choosing[],
  rows: Int32Array,
  others: ReadonlyMap<string, Inputs>,
  context: FitContext,
): Promise<RepresentationChoice[] | undefined> {
  const judges = trainings.map(
    ({ folds, innerFolds, groups }) =>
      new Set(rows.filter((row) => folds[row] >= 0 && folds[row] < innerFolds).map((row) => groups[row])).size,
  );
  if (!canChoose(trainings) || smallestOf(judges) < fewestGroups) return undefined;
  const { features, labels, truth, classes } = photosOf(whole);
  const problem = {
    features: gather(features, rows),
    representations: others,
    labels: rows.map((row) => labels[row]),
    truth:
      truth &&
      Uint8Array.from(
        Array.from(rows, (row) => truth.subarray(row * classes, (row + 1) * classes)).flatMap((own) => [...own]),
      ),
    classes,
  };
  const own = trainings.map(({ folds, innerFolds, weights, groups }) => ({
    folds: rows.map((row) => folds[row]),
    innerFolds,
    weights: Float32Array.from(rows, (row) => weights[row]),
    groups: rows.map((row) => groups[row]),
  }));
  return (await compareRepresentations(among, problem, own, context)).map(({ choice }) => choice);
}
