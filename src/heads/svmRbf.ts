/** Support vector machine with an approximate RBF kernel (Nyström). */

import type { GraphBuilder } from '../onnx/builder.ts';
import type { FitContext, FitJob, Fitter, Head, Problem } from './head.ts';
import { KernelMap, kernelNodes, type Landmarks } from './kernelMap.ts';
import type { Linear } from './linear.ts';
import { prepareLinear } from './linearFit.ts';
import { hingeLoss } from './svm.ts';

/** Landmarks at most: with so many photos or fewer the kernel is exact. */
const mostLandmarks = 1536;
/** Numbers that the mapped photos of all fits may hold together: a gigabyte. */
const mappedNumbers = 2 ** 28;

export type SvmRbfSettings = {
  readonly l2: number;
  /** Times 1 / the mean squared distance of the photos from their mean: about scikit-learn's gamma='scale'. */
  readonly gamma: number;
};

export interface SvmRbf {
  readonly landmarks: Landmarks;
  /** [classes, landmarks] */
  readonly weights: Float32Array;
  readonly bias: Float32Array;
}

/**
 * Support vector machine with the kernel exp(-gamma |x - y|^2): squared hinge, one class against the rest, on
 * Nystroem features. Each fit draws its landmarks among its own photos: with landmarks shared by all folds, a photo that
 * is kept out could be one, and is then answered for better than a new photo is.
 */
export const svmRbf: Head<SvmRbfSettings, SvmRbf> = {
  name: 'svm-rbf',
  needs: 'pooled',
  defaults: { l2: 0.003, gamma: 0.5 },
  grid: () => [0.1, 0.03, 0.01, 0.003, 0.001, 3e-4, 1e-4].map((l2) => ({ l2, gamma: 0.5 })),
  prepare: async (problem, context) => new SvmRbfFitter(problem, context),
  toGraph: ({ landmarks, weights, bias }, g: GraphBuilder, features) => {
    const kernels = kernelNodes(landmarks, g, features);
    const matrix = g.floats(weights, [bias.length, landmarks.count]);
    return g.node('Gemm', [kernels, matrix, g.floats(bias)], { transB: 1 });
  },
};

interface Mapped {
  readonly gamma: number;
  readonly map: KernelMap;
  readonly linear: Fitter<{ l2: number }, Linear>;
}

/** One kernel map and one linear fitter for the photos of each job; they are kept from setting to setting. */
class SvmRbfFitter implements Fitter<SvmRbfSettings, SvmRbf> {
  readonly #maps = new Map<number, Mapped>();
  readonly #inner = new WeakMap<SvmRbf, Linear>();
  #landmarks: number | undefined;

  constructor(
    readonly problem: Problem,
    readonly context: FitContext,
  ) {}

  async fit(
    jobs: readonly FitJob<SvmRbfSettings, SvmRbf>[],
    options?: { readonly loose?: boolean },
  ): Promise<SvmRbf[]> {
    // The final fits come on top of those that choose.
    this.#landmarks ??= Math.max(
      1,
      Math.min(mostLandmarks, Math.floor(mappedNumbers / (this.problem.labels.length * (jobs.length + 1)))),
    );
    const fitted: SvmRbf[] = [];
    for (const { part, weights, settings, start } of jobs) {
      const { map, linear } = await this.#mapFor(part, weights, settings.gamma, this.#landmarks);
      const [head] = await linear.fit([{ part, weights, settings, start: start && this.#inner.get(start) }], options);
      const made = { landmarks: map.landmarks, weights: map.toKernelWeights(head.weights), bias: head.bias };
      this.#inner.set(made, head);
      fitted.push(made);
    }
    return fitted;
  }

  async #mapFor(part: number, weights: Float32Array, gamma: number, landmarks: number): Promise<Mapped> {
    const known = this.#maps.get(part);
    if (known?.gamma === gamma) return known;
    await known?.linear.release();
    const { problem, context } = this;
    const map = await KernelMap.open(problem.features, weights, { gamma, landmarks }, context);
    const linear = await prepareLinear({ ...problem, features: map.mapped }, hingeLoss(problem.classes), context);
    const made = { gamma, map, linear };
    this.#maps.set(part, made);
    return made;
  }

  async release(): Promise<void> {
    await Promise.all([...this.#maps.values()].map(({ linear }) => linear.release()));
  }
}
