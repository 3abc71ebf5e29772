/** One logistic regression per label (multi-label). */

import type { Head, Problem } from './head.ts';
import { type Linear, linearToGraph, stackLinear } from './linear.ts';
import { type L2, prepareLinear } from './linearFit.ts';
import type { LogitLoss } from './linearObjective.ts';

/** Cross-entropy of each class's own yes or no, summed over the classes, and its derivative. */
export const binaryCrossEntropy: LogitLoss = (g, logits, truth) => {
  const each = g.node('Sub', [g.node('Softplus', [logits]), g.node('Mul', [logits, truth])]);
  const loss = g.node('ReduceSum', [each, g.ints([2])], { keepdims: 1 });
  return { loss, slope: g.node('Sub', [g.node('Sigmoid', [logits]), truth]) };
};

/**
 * For photos of several classes or none: a logistic regression for each class against the rest, with an L2 penalty, the
 * bias free of it. The classes do not meet in the loss, so each has the weights it would have alone.
 */
export const sigmoid: Head<L2, Linear> = {
  name: 'sigmoid',
  manyAtOnce: true,
  needs: 'pooled',
  defaults: { l2: 0.001 },
  grid: () => [0.03, 0.01, 0.003, 0.001, 3e-4, 1e-4, 3e-5, 1e-5].map((l2) => ({ l2 })),
  prepare: (problem, context) => {
    const shares = classShares(problem);
    const nothing = shares.reduce((sum, share) => sum + entropy(share), 0);
    const spread = shares.reduce((sum, share) => sum + share * (1 - share), 0) / shares.length;
    return prepareLinear(
      problem,
      {
        nodes: binaryCrossEntropy,
        priorLogOdds: (share, total) =>
          Float32Array.from(share, (part) => {
            const kept = Math.min(Math.max(part, 0.5 / total), 1 - 0.5 / total);
            return Math.log(kept / (1 - kept));
          }),
        // p (1 - p) where nothing is learnt; it falls as the labels separate.
        curvature: (loss) => spread * Math.min(1, loss / nothing),
        usual: 0.2 * nothing,
      },
      context,
    );
  },
  toGraph: linearToGraph,
  stack: stackLinear,
};

/** Share of the rows that has each class, a little away from none and all. */
function classShares({ truth, labels, classes }: Problem): Float64Array {
  const counts = new Float64Array(classes);
  for (let row = 0; row < labels.length; row++)
    for (let c = 0; c < classes; c++) counts[c] += truth ? truth[row * classes + c] : Number(labels[row] === c);
  return counts.map((count) => (count + 0.5) / (labels.length + 1));
}

function entropy(share: number): number {
  return -share * Math.log(share) - (1 - share) * Math.log(1 - share);
}
