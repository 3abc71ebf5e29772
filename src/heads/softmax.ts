/** Multinomial logistic regression. */

import type { Head } from './head.ts';
import { type Linear, linearToGraph, stackLinear } from './linear.ts';
import { isFew, type L2, prepareLinear } from './linearFit.ts';
import type { LogitLoss } from './linearObjective.ts';

/** Cross-entropy of the softmax, and its derivative: probabilities less the truth. */
export const crossEntropy: LogitLoss = (g, logits, truth) => {
  const logs = g.node('LogSoftmax', [logits], { axis: -1 });
  const loss = g.node('Neg', [g.node('ReduceSum', [g.node('Mul', [logs, truth]), g.ints([2])], { keepdims: 1 })]);
  return { loss, slope: g.node('Sub', [g.node('Exp', [logs]), truth]) };
};

/**
 * Multinomial logistic regression with an L2 penalty, the bias free of it. For how l2 is measured see `prepareLinear`.
 * A class that has no photos in a fit gets no weights, and a bias that gives it less than one photo's share.
 */
export const softmax: Head<L2, Linear> = {
  name: 'softmax',
  manyAtOnce: true,
  needs: 'pooled',
  defaults: { l2: 0.001 },
  grid: () => [0.03, 0.01, 0.003, 0.001, 3e-4, 1e-4, 3e-5, 1e-5, 3e-6, 1e-6].map((l2) => ({ l2 })),
  comparedAsFitted: ({ features }) => isFew(features),
  prepare: (problem, context) => {
    const nothing = Math.log(problem.classes);
    return prepareLinear(
      problem,
      {
        nodes: crossEntropy,
        priorLogOdds: (share, total) => Float32Array.from(share, (part) => Math.log(Math.max(part, 0.5 / total))),
        // p (1 - p) where nothing is learnt; it falls as the classes separate.
        curvature: (loss) => ((1 - 1 / problem.classes) / problem.classes) * Math.min(1, loss / nothing),
        usual: 0.2 * nothing,
      },
      context,
    );
  },
  toGraph: linearToGraph,
  stack: stackLinear,
};
