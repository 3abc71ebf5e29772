import type { GraphBuilder } from '../onnx/builder.ts';
import type { FitContext, FitJob, Fitter, Head, Problem } from './head.ts';
import { KernelMap, kernelNodes, type Landmarks } from './kernelMap.ts';
import type { Linear } from './linear.ts';
import { prepareLinear } from './linearFit.ts';
import { hingeLoss } from './svm.ts';

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
 * Nystroem features. The landmarks are drawn among the photos of all jobs together, so every fold shares one map. They
 * are photos without labels: they say which functions can be learnt, not what is.
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
  stack: (heads) => {
    const { landmarks } = heads[0];
    if (heads.some((head) => head.landmarks !== landmarks)) return undefined;
    return {
      landmarks,
      weights: joined(heads.map(({ weights }) => weights)),
      bias: joined(heads.map(({ bias }) => bias)),
    };
  },
};

/** One kernel map and one linear fitter for each gamma. */
class SvmRbfFitter implements Fitter<SvmRbfSettings, SvmRbf> {
  readonly #maps = new Map<number, { map: KernelMap; linear: Fitter<{ l2: number }, Linear> }>();
  readonly #inner = new WeakMap<SvmRbf, Linear>();

  constructor(
    readonly problem: Problem,
    readonly context: FitContext,
  ) {}

  async fit(
    jobs: readonly FitJob<SvmRbfSettings, SvmRbf>[],
    options?: { readonly rough?: boolean },
  ): Promise<SvmRbf[]> {
    const fitted: SvmRbf[] = [];
    for (const gamma of new Set(jobs.map(({ settings }) => settings.gamma))) {
      const { map, linear } = await this.#mapFor(gamma, jobs);
      const mine = [...jobs.keys()].filter((t) => jobs[t].settings.gamma === gamma);
      const heads = await linear.fit(
        mine.map((t) => {
          const { weights, settings, start } = jobs[t];
          return { weights, settings, start: start && this.#inner.get(start) };
        }),
        options,
      );
      for (const [i, t] of mine.entries()) {
        fitted[t] = {
          landmarks: map.landmarks,
          weights: map.toKernelWeights(heads[i].weights),
          bias: heads[i].bias,
        };
        this.#inner.set(fitted[t], heads[i]);
      }
    }
    return fitted;
  }

  async #mapFor(gamma: number, jobs: readonly FitJob<SvmRbfSettings, SvmRbf>[]) {
    const known = this.#maps.get(gamma);
    if (known) return known;
    const { problem, context } = this;
    const weights = jobs.map((job) => job.weights);
    const map = await KernelMap.open(problem.features, weights, gamma, context);
    const linear = await prepareLinear({ ...problem, features: map.mapped }, hingeLoss(problem.classes), context);
    const made = { map, linear };
    this.#maps.set(gamma, made);
    return made;
  }

  async release(): Promise<void> {
    await Promise.all([...this.#maps.values()].map(({ linear }) => linear.release()));
  }
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
