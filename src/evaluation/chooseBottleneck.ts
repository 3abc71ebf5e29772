/** Chooses the narrowest bottleneck layer that loses nothing. */

import { CarafeError } from '../errors.ts';
import { bottleneckHead, type SharedComponents } from '../heads/bottleneck.ts';
import type { FitContext, Problem } from '../heads/head.ts';
import type { AnyHead } from '../heads/registry.ts';
import { compareFolds } from '../metrics/compare.ts';
import { foldShare } from '../metrics/intervals.ts';
import { narrowestNonInferior, usualMargin } from '../metrics/nonInferiority.ts';
import { type Choose, type Choosing, canChoose, foldAccuracies, only, type Taken, validatedGroups } from './choose.ts';
import { type Selection, selectMany } from './select.ts';

/** Wider bottlenecks are as good as none and take long to compute. */
const widest = 256;

/**
 * A head behind a bottleneck layer of principal components: of the given width, or the narrowest non-inferior width by
 * cross-validation inside each training part.
 * @param how the head, or how it is chosen
 * @throws CarafeError USAGE for a width that the features do not have
 */
export function withBottleneck(
  how: AnyHead | Choose<unknown, unknown>,
  wanted: number | 'auto',
): Choose<unknown, unknown> {
  return async (problem, trainings, context, onScore) => {
    const { columns } = problem.features;
    if (wanted !== 'auto') {
      requireWidth(wanted, columns);
      if (typeof how !== 'function') return only(behind(how, wanted))(problem, trainings, context, onScore);
    }
    const plain = await (typeof how === 'function' ? how : only(how))(problem, trainings, context);
    if (wanted === 'auto' && !canChoose(trainings)) return plain;
    const taken: Taken<unknown, unknown>[] = [];
    for (const head of new Set(plain.map((one) => one.head))) {
      const parts = [...plain.keys()].filter((part) => plain[part].head === head);
      const own = parts.map((part) => trainings[part]);
      const full = parts.map((part) => plain[part].selection);
      const narrow =
        wanted === 'auto'
          ? await narrowest(head, full, problem, own, context)
          : await only(behind(head, wanted))(problem, own, context);
      for (const [k, part] of parts.entries()) taken[part] = { ...plain[part], ...narrow[k] };
    }
    for (const [part, { selection }] of taken.entries())
      for (const score of selection.scores) await onScore?.(score, part);
    return taken;
  };
}

/**
 * The narrowest non-inferior bottleneck before a head, in each training part.
 * @param full the head without a bottleneck, in each part
 */
async function narrowest(
  head: AnyHead,
  full: readonly Selection<unknown, unknown>[],
  problem: Problem,
  trainings: readonly Choosing[],
  context: FitContext,
): Promise<Taken<unknown, unknown>[]> {
  const { columns } = problem.features;
  const widths: number[] = [];
  for (let width = 1; width <= widest && width < columns; width *= 2) widths.push(width);
  const shared = { widest: widths[widths.length - 1] ?? 1, layers: new Map() };
  const candidates = [...widths.map((width) => behind(head, width, shared)), head];
  const selections: (readonly Selection<unknown, unknown>[])[] = [];
  for (const candidate of candidates.slice(0, -1))
    selections.push(await selectMany(candidate, problem, trainings, context));
  selections.push(full);
  return trainings.map((training, part) => {
    const figures = selections.map((own) => foldAccuracies(own[part], training, problem));
    const testToTrain = 1 / (training.innerFolds - 1);
    const { count } = validatedGroups(full[part], training);
    const place = narrowestNonInferior(figures, usualMargin, testToTrain);
    return {
      head: candidates[place],
      selection: selections[place][part],
      widths: {
        chosen: widths[place] ?? null,
        margin: usualMargin,
        widths: [...widths, columns].map((width, k) => ({
          width,
          accuracy: foldShare(figures[k], testToTrain, count),
          difference: compareFolds(figures[k], figures[widths.length], testToTrain, count).difference,
        })),
      },
    };
  });
}

/** @throws CarafeError USAGE for a head that reads maps, before which no bottleneck goes */
export function requirePooled({ name, needs }: AnyHead): void {
  if (needs === 'pooled') return;
  throw new CarafeError(
    'USAGE',
    `\`bottleneck\` only works with heads that read features, but ${name} reads feature maps.`,
    'Leave it out, or use another head.',
  );
}

function requireWidth(wanted: number, columns: number): void {
  if (wanted <= columns) return;
  throw new CarafeError(
    'USAGE',
    `\`bottleneck: ${wanted}\`: the network gives only ${columns} numbers.`,
    `Give a width below ${columns}, or auto.`,
  );
}

function behind(head: AnyHead, width: number, shared?: SharedComponents): AnyHead {
  // A head's settings and fitted data are its own affair: nobody but the head itself looks at them.
  return bottleneckHead(head, { kind: 'pca', width, shared }) as AnyHead;
}
