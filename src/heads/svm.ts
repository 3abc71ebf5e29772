/** Linear support vector machine. */

import type { GraphBuilder } from '../onnx/builder.ts';
import type { Head } from './head.ts';
import { type Linear, linearToGraph, stackLinear } from './linear.ts';
import { type L2, type LinearLoss, prepareLinear } from './linearFit.ts';

/**
 * Squared hinge, one class against the rest: sum over classes of max(0, 1 - s z)^2, s = 1 for the photo's class, -1 for
 * the others. The classes do not meet in it, so each has the weights it would have alone.
 */
export function squaredHinge(g: GraphBuilder, logits: string, truth: string): { loss: string; slope: string } {
  const side = g.node('Sub', [g.node('Mul', [truth, g.floats(2)]), g.floats(1)]);
  const missing = g.node('Relu', [g.node('Sub', [g.floats(1), g.node('Mul', [side, logits])])]);
  const loss = g.node('ReduceSum', [g.node('Mul', [missing, missing]), g.ints([2])], { keepdims: 1 });
  return { loss, slope: g.node('Mul', [g.node('Mul', [missing, side]), g.floats(-2)]) };
}

/** The loss of linear support vector machines, for `prepareLinear`. */
export function hingeLoss(classes: number): LinearLoss {
  const nothing = 4 * (1 - 1 / classes);
  return {
    nodes: squaredHinge,
    // What is best without weights. A class that is not there stays at -1: nowhere.
    priorLogOdds: (share) => Float32Array.from(share, (part) => 2 * part - 1),
    // 2 for every photo short of its margin; fewer are as the loss falls.
    curvature: (loss) => 2 * Math.min(1, loss / nothing),
    usual: 0.2 * nothing,
  };
}

/**
 * Linear support vector machine: squared hinge loss, one class against the rest, L2 penalty. What LIBLINEAR (Fan et al.
 * 2008) and scikit-learn's LinearSVC minimise, but for the bias, which is free here. The logits are the decision values;
 * the temperature turns them into probabilities.
 */
export const svm: Head<L2, Linear> = {
  name: 'svm',
  manyAtOnce: true,
  needs: 'pooled',
  defaults: { l2: 0.01 },
  grid: () => [0.1, 0.03, 0.01, 0.003, 0.001, 3e-4, 1e-4, 3e-5, 1e-5].map((l2) => ({ l2 })),
  prepare: (problem, context) => prepareLinear(problem, hingeLoss(problem.classes), context),
  toGraph: linearToGraph,
  stack: stackLinear,
};
