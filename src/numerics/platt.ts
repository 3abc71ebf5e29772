/** Platt scaling of one yes or no. */

/** A logit z becomes the probability 1 / (1 + exp(-(scale z + shift))). */
export interface Platt {
  readonly scale: number;
  readonly shift: number;
}

const mostSteps = 100;
/** A classifier that ranks the wrong way round, or not at all, is no reason to turn its answers over. */
const leastScale = 1e-3;

/**
 * The scale and shift under which logits explain yes and no best: least weighted log-loss against Platt's targets
 * (Platt 1999, "Probabilistic outputs for support vector machines"), which leave room for one more photo of each kind, by
 * Newton's steps with halving (Lin, Lin and Weng 2007). Without photos of both kinds there is nothing to fit: 1 and 0.
 * @param logits of photos that were not trained on
 * @param truth 1 for yes, 0 for no
 * @param weights of each photo, 1 unless given
 */
export function fitPlatt(logits: Float32Array, truth: Uint8Array, weights?: Float32Array): Platt {
  const yes = truth.reduce((sum, value) => sum + value, 0);
  const no = truth.length - yes;
  if (yes === 0 || no === 0) return { scale: 1, shift: 0 };
  const targets = [1 / (no + 2), (yes + 1) / (yes + 2)];
  let best = { scale: 1, shift: 0 };
  let state = derivatives(logits, truth, weights, targets, best);
  for (let step = 0; step < mostSteps; step++) {
    const { byScale, byShift, scaleScale, scaleShift, shiftShift } = state;
    if (Math.hypot(byScale, byShift) < 1e-9 * truth.length) break;
    // A little on the diagonal, so that logits that are all alike do no harm.
    const [a, b, d] = [scaleScale + 1e-9, scaleShift, shiftShift + 1e-9];
    const determinant = a * d - b * b;
    const way = { scale: (b * byShift - d * byScale) / determinant, shift: (b * byScale - a * byShift) / determinant };
    let length = 1;
    for (; length > 1e-6; length /= 2) {
      const next = { scale: best.scale + length * way.scale, shift: best.shift + length * way.shift };
      const tried = derivatives(logits, truth, weights, targets, next);
      if (tried.loss > state.loss) continue;
      [best, state] = [next, tried];
      break;
    }
    if (length <= 1e-6) break;
  }
  return { scale: Math.max(best.scale, leastScale), shift: best.shift };
}

function derivatives(
  logits: Float32Array,
  truth: Uint8Array,
  weights: Float32Array | undefined,
  targets: readonly number[],
  { scale, shift }: Platt,
) {
  let loss = 0;
  let byScale = 0;
  let byShift = 0;
  let scaleScale = 0;
  let scaleShift = 0;
  let shiftShift = 0;
  for (let i = 0; i < logits.length; i++) {
    const z = logits[i];
    const value = scale * z + shift;
    const target = targets[truth[i]];
    const weight = weights?.[i] ?? 1;
    const p = 1 / (1 + Math.exp(-value));
    const curve = weight * p * (1 - p);
    loss += weight * (softplus(value) - target * value);
    byScale += weight * (p - target) * z;
    byShift += weight * (p - target);
    scaleScale += curve * z * z;
    scaleShift += curve * z;
    shiftShift += curve;
  }
  return { loss, byScale, byShift, scaleScale, scaleShift, shiftShift };
}

/** ln(1 + exp(x)), however large x is. */
export function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}
