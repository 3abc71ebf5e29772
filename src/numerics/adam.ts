/** One step of Adam. */

export interface AdamOptions {
  readonly rate: number;
  /** Decoupled weight decay, a step: parameters shrink by rate * decay (AdamW; Loshchilov and Hutter 2019). */
  readonly decay?: number;
  readonly meanDecay?: number;
  readonly squareDecay?: number;
  readonly epsilon?: number;
}

/** What Adam remembers of one parameter tensor. */
export interface AdamMoments {
  readonly mean: Float32Array;
  readonly square: Float32Array;
}

export function adamMoments(size: number): AdamMoments {
  return { mean: new Float32Array(size), square: new Float32Array(size) };
}

/**
 * One step of Adam (Kingma and Ba 2015), in place.
 * @param step number of this step, from 1 on
 */
export function adamStep(
  parameters: Float32Array,
  gradient: Float32Array,
  { mean, square }: AdamMoments,
  step: number,
  { rate, decay = 0, meanDecay = 0.9, squareDecay = 0.999, epsilon = 1e-8 }: AdamOptions,
): void {
  const keep = 1 - rate * decay;
  const meanScale = rate / (1 - meanDecay ** step);
  const squareScale = 1 / (1 - squareDecay ** step);
  for (let i = 0; i < parameters.length; i++) {
    const g = gradient[i];
    const m = meanDecay * mean[i] + (1 - meanDecay) * g;
    const v = squareDecay * square[i] + (1 - squareDecay) * g * g;
    mean[i] = m;
    square[i] = v;
    parameters[i] = keep * parameters[i] - (meanScale * m) / (Math.sqrt(v * squareScale) + epsilon);
  }
}
