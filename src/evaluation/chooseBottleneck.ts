import { CarafeError } from '../errors.ts';
import { bottleneckHead } from '../heads/bottleneck.ts';
import type { FitContext, Problem } from '../heads/head.ts';
import type { AnyHead } from '../heads/registry.ts';
import { selectMany } from '../heads/select.ts';
import type { Split } from '../split/split.ts';
import { foldAccuracies, innerTraining } from './innerFolds.ts';
import { narrowestEnough, usualMargin } from './narrowest.ts';

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
): Promise<AnyHead> {
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
    if (!training) return head;
    const candidates = [...widths.map((width) => behind(head, width)), head];
    const figures: number[][] = [];
    for (const candidate of candidates) {
      const [selection] = await selectMany(candidate, problem, [training], context);
      figures.push(foldAccuracies(selection, training, problem));
    }
    return candidates[narrowestEnough(figures, usualMargin, 1 / (training.innerFolds - 1))];
  }
  if (wanted > columns)
    throw new CarafeError(
      'USAGE',
      `--bottleneck ${wanted}: the network gives only ${columns} numbers.`,
      `Give a width below ${columns}, or auto.`,
    );
  return behind(head, wanted);
}

function behind(head: AnyHead, width: number): AnyHead {
  // A head's settings and fitted data are its own affair: nobody but the head itself looks at them.
  return bottleneckHead(head, { kind: 'pca', width }) as AnyHead;
}
