import * as z from 'zod';
import { CarafeError } from '../errors.ts';
import { bottleneckHead } from '../heads/bottleneck.ts';
import type { FitContext, Problem } from '../heads/head.ts';
import type { AnyHead } from '../heads/registry.ts';
import { selectMany } from '../heads/select.ts';
import type { Split } from '../split/split.ts';
import { shares } from './chooseHead.ts';
import { compareFolds } from './compare.ts';
import { interval } from './evaluation.ts';
import { foldAccuracies, innerTraining } from './innerFolds.ts';
import { narrowestEnough, usualMargin } from './narrowest.ts';

/** Bottlenecks that were compared, and which was taken. */
export const bottleneckWidths = z.object({
  /** Null: none, since each loses too much. */
  chosen: z.number().int().nullable(),
  /** What it may lose on average. */
  margin: z.number(),
  /** The narrowest first; the last has all features. */
  widths: z.array(
    z.object({
      width: z.number().int(),
      /** By cross-validation inside the training part. */
      accuracy: interval,
      /** Accuracy less that with all features, on the same folds. */
      difference: interval,
    }),
  ),
});
export type BottleneckWidths = z.infer<typeof bottleneckWidths>;

/** Wider bottlenecks are as good as none, and take long to find. */
const widest = 256;

/**
 * A head behind a bottleneck layer of principal components: of the given width, or as narrow as loses nothing by
 * cross-validation inside the training part.
 * @throws CarafeError USAGE for a width that the features do not have, or a head that reads maps
 */
export async function chooseBottleneck(
  head: AnyHead,
  wanted: number | 'auto',
  problem: Problem,
  split: Split,
  photoWeights: Float32Array,
  context: FitContext,
): Promise<{ head: AnyHead; widths?: BottleneckWidths }> {
  const { columns } = problem.features;
  if (head.needs !== 'pooled')
    throw new CarafeError(
      'USAGE',
      `--bottleneck goes before heads that read features, and ${head.name} reads feature maps.`,
      'Leave it out, or take another head.',
    );
  if (wanted === 'auto') {
    const widths: number[] = [];
    for (let width = 1; width <= widest && width < columns; width *= 2) widths.push(width);
    const training = innerTraining(split, photoWeights);
    if (!training) return { head };
    const candidates = [...widths.map((width) => behind(head, width)), head];
    const figures: number[][] = [];
    for (const candidate of candidates) {
      const [selection] = await selectMany(candidate, problem, [training], context);
      figures.push(foldAccuracies(selection, training, problem));
    }
    const testToTrain = 1 / (training.innerFolds - 1);
    const place = narrowestEnough(figures, usualMargin, testToTrain);
    return {
      head: candidates[place],
      widths: {
        chosen: widths[place] ?? null,
        margin: usualMargin,
        widths: [...widths, columns].map((width, k) => ({
          width,
          accuracy: shares(figures[k], testToTrain),
          difference: compareFolds(figures[k], figures[widths.length], testToTrain).difference,
        })),
      },
    };
  }
  if (wanted > columns)
    throw new CarafeError(
      'USAGE',
      `--bottleneck ${wanted}: the network gives only ${columns} numbers.`,
      `Give a width below ${columns}, or auto.`,
    );
  return { head: behind(head, wanted) };
}

function behind(head: AnyHead, width: number): AnyHead {
  // A head's settings and fitted data are its own affair: nobody but the head itself looks at them.
  return bottleneckHead(head, { kind: 'pca', width }) as AnyHead;
}
