import type * as z from 'zod';
import type { Earlier } from './classifier/earlier.ts';
import { countTrained } from './classifier/trainedPhotos.ts';
import { verdicts } from './evaluation/compare.ts';
import { compareRankings, meanAveragePrecision, truthRows } from './evaluation/compareLabels.ts';
import { judgeLabels, type LabelJudgement } from './evaluation/judgeLabels.ts';
import { givenLabels } from './evaluation/labelCalibration.ts';
import type { FitContext } from './heads/head.ts';
import { labelHeadNamed } from './heads/registry.ts';
import { classesChanged, photosHad, type RunFromEarlier, tooFewKnown } from './measureChanges.ts';
import type { labelChanges } from './report/labelsResult.ts';

/** A run on photos with several labels. */
export interface LabelRunFromEarlier extends RunFromEarlier<LabelJudgement<unknown, unknown>> {
  /** [photos, labels], 1 where the photo has the label. */
  readonly truth: Uint8Array;
}

/**
 * What changed since an earlier classifier, as `measureChanges` has it: its head is trained again in this run's split, on
 * the photos that it had, and both are judged on photos that neither has seen, over the labels that both know.
 */
export async function measureLabelChanges(
  earlier: Earlier,
  { classes, items, ids, photos, truth, groups, split, judged }: LabelRunFromEarlier,
  context: FitContext,
): Promise<z.infer<typeof labelChanges>> {
  const had = photosHad(earlier, ids);
  const common = { ...classesChanged(earlier, classes), head: earlier.card.head.name, known: had.length };
  const shared = [...classes.keys()].filter((label) => earlier.card.labels.includes(classes[label]));
  const few = tooFewKnown(had.length, countTrained(earlier.card.training.photos));
  if (few) return { ...common, notCompared: few };
  if (shared.length === 0) return { ...common, notCompared: 'it knows none of these labels' };
  const photoWeights = new Float32Array(ids.length);
  for (const row of had) photoWeights[row] = 1;
  const sharedTruth = Uint8Array.from(places(ids.length, classes.length, shared), (at) => truth[at]);
  const again = await judgeLabels(
    labelHeadNamed(earlier.card.head.name),
    { ...photos, truth: sharedTruth, classes: shared.length },
    split,
    { photoWeights, refit: false },
    context,
  );
  const rows = judged.rows.subarray(0, judged.photosOnce);
  const truthOf = truthRows(sharedTruth, rows, shared.length);
  const groupOf = rows.map((row) => groups[row]);
  const before = answersOf(again, [...shared.keys()]);
  const after = answersOf(judged, shared);
  const { difference, p, better } = compareRankings(
    after.probabilities,
    before.probabilities,
    truthOf,
    groupOf,
    context.seed,
  );
  const figure = ({ probabilities }: typeof after) =>
    meanAveragePrecision(probabilities, truthOf)(new Float64Array(rows.length).fill(1));
  const named = (bits: Uint8Array, row: number) =>
    shared.flatMap((label, i) => (bits[row * shared.length + i] ? [classes[label]] : []));
  return {
    ...common,
    compared: {
      photos: rows.length,
      before: figure(before),
      after: figure(after),
      difference,
      p,
      verdict: verdicts[better],
      flipped: Array.from(rows, (photo, row) => ({
        path: items[photo].path,
        labels: named(truthOf, row),
        before: named(before.given, row),
        after: named(after.given, row),
      }))
        .filter((answer) => !areSame(answer.before, answer.after))
        .map((answer) => ({ ...answer, became: became(answer) })),
    },
  };
}

/** The answers of the first repeat, of some of the labels. */
function answersOf(judged: LabelJudgement<unknown, unknown>, labels: readonly number[]) {
  const { probabilities, calibrations, photosOnce } = judged;
  const { columns, data } = probabilities;
  const given = givenLabels(probabilities, (row) => calibrations[row].thresholds);
  const wanted = places(photosOnce, columns, labels);
  return {
    probabilities: { rows: photosOnce, columns: labels.length, data: Float32Array.from(wanted, (at) => data[at]) },
    given: Uint8Array.from(wanted, (at) => given[at]),
  };
}

/** Where some of a matrix's columns lie, row by row. */
function places(rows: number, columns: number, some: readonly number[]): number[] {
  return Array.from({ length: rows }, (_, row) => some.map((column) => row * columns + column)).flat();
}

function became({ labels, before, after }: Record<'labels' | 'before' | 'after', readonly string[]>) {
  if (areSame(after, labels)) return 'right';
  return areSame(before, labels) ? 'wrong' : 'other';
}

function areSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((label, i) => label === others[i]);
}
