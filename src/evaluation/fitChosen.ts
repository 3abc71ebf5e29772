/** Fits heads with chosen settings, and answers by fits that are only compared. */

import { usedRows } from '../heads/direction.ts';
import {
  type FitContext,
  type FitJob,
  type Fitter,
  type Head,
  type Problem,
  photosOf,
  readBy,
  rowWeights,
  type VisitLogits,
} from '../heads/head.ts';
import { predictEachLogits } from '../heads/predictLogits.ts';

/** A fit with settings that are chosen already, on the photos of some weight. */
export interface ChosenFit<Settings> {
  readonly settings: Settings;
  readonly weights: Float32Array;
}

/** Fits heads with chosen settings, all together. */
export async function fitChosen<Settings, Fitted>(
  head: Head<Settings, Fitted>,
  problem: Problem,
  fits: readonly ChosenFit<Settings>[],
  context: FitContext,
): Promise<Fitted[]> {
  const fitted: Fitted[] = [];
  await eachChosen(head, problem, fits, context, async ({ fitter, jobs }) => {
    for (const one of await fitter.fit(jobs)) fitted.push(one);
  });
  return fitted;
}

/** Fits heads with chosen settings, precisely enough to compare them: `visit` gets fit k's logits of each photo. */
export async function compareChosen<Settings, Fitted>(
  head: Head<Settings, Fitted>,
  problem: Problem,
  fits: readonly ChosenFit<Settings>[],
  context: FitContext,
  visit: VisitLogits,
): Promise<void> {
  await eachChosen(head, problem, fits, context, async (prepared) => {
    await compareFits(prepared, context, (k, row, logits) => visit(prepared.first + k, row, logits));
  });
}

/** A head that is ready for its jobs. */
export interface Prepared<Settings, Fitted> {
  readonly head: Head<Settings, Fitted>;
  readonly problem: Problem;
  readonly fitter: Fitter<Settings, Fitted>;
  readonly jobs: readonly FitJob<Settings, Fitted>[];
}

/** Prepares a head for fits together, or for each apart where it learns from the rows; `first` numbers a part's first fit. */
async function eachChosen<Settings, Fitted>(
  anyHead: Head<Settings, Fitted>,
  whole: Problem,
  fits: readonly ChosenFit<Settings>[],
  context: FitContext,
  use: (prepared: Prepared<Settings, Fitted> & { readonly first: number }) => Promise<void>,
): Promise<void> {
  const [head, problem] = readBy(anyHead, whole);
  const apart = fits.length > 1 && head.preparesApart?.(problem);
  const together = apart ? fits.map((fit) => [fit]) : [fits];
  for (const [first, some] of together.entries()) {
    context.signal?.throwIfAborted();
    if (apart) context.progress?.(first, fits.length);
    const jobs = some.map((fit, part) => ({ ...fit, part, weights: rowWeights(problem, fit.weights) }));
    const fitter = await head.prepare(problem, context, usedRows(jobs.map(({ weights }) => weights)));
    await use({ head, problem, fitter, jobs, first }).finally(() => fitter.release());
  }
}

/** Fits jobs precisely enough to compare them: `visit` gets job k's logits of each photo. Gives heads to start from. */
export async function compareFits<Settings, Fitted>(
  { head, problem, fitter, jobs }: Prepared<Settings, Fitted>,
  context: FitContext,
  visit: VisitLogits,
): Promise<Fitted[]> {
  if (fitter.tryOut) return fitter.tryOut(jobs, visit);
  const fitted = await fitter.fit(jobs, { loose: true });
  await predictEachLogits(head, fitted, photosOf(problem), context, visit);
  return fitted;
}
