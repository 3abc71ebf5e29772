import { decide } from '../heads/decide.ts';
import { type FitContext, type Head, type Problem, photosOf } from '../heads/head.ts';
import { fitChosen } from '../heads/select.ts';
import { makeSplit } from '../split/makeSplit.ts';
import { outerParts, type Split, type SplitInput } from '../split/split.ts';
import type { Interval } from './evaluation.ts';
import { foldInflation, shareInterval } from './intervals.ts';

/**
 * The accuracy that a split would print that tears groups apart: the same head and settings, fitted again, and only the
 * split differs. It shows what near-duplicates on both sides would feign; nothing is chosen by it.
 * @returns undefined where there are no groups, or where the user has chosen the parts
 */
export async function accuracyWithoutGroups<Settings, Fitted>(
  { head, settings }: { readonly head: Head<Settings, Fitted>; readonly settings: Settings },
  problem: Problem,
  split: Split,
  input: SplitInput & { readonly photoWeights: Float32Array },
  context: FitContext,
): Promise<Interval | undefined> {
  const { labels, groups, given, photoWeights } = input;
  if (new Set(groups).size === groups.length || given.some((side) => side !== undefined)) return undefined;
  const alone = Int32Array.from(labels.keys());
  const asked = split.kind === 'folds' ? { folds: split.folds, repeats: 1 } : {};
  const torn = makeSplit({ ...input, groups: alone, folds: undefined, repeats: undefined, ...asked });
  const parts = outerParts(torn);
  const fits = parts.map(({ inner }) => ({
    settings,
    weights: photoWeights.map((weight, row) => (inner[row] < 0 ? 0 : weight)),
  }));
  const fitted = await fitChosen(head, problem, fits, context);
  const answers = await decide(head, fitted, photosOf(problem), context);
  const right = parts.flatMap(({ heldOut }, part) =>
    Array.from(heldOut, (row) => Number(answerOf(answers[part], row) === labels[row])),
  );
  return shareInterval(right, alone.subarray(0, right.length), torn.kind === 'folds' ? foldInflation(torn.folds) : 1);
}

function answerOf({ columns, data }: { readonly columns: number; readonly data: Float32Array }, row: number): number {
  const values = data.subarray(row * columns, (row + 1) * columns);
  return values.reduce((best, value, label) => (value > values[best] ? label : best), 0);
}
