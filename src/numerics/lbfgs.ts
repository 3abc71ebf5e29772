/** L-BFGS for many independent problems at once. */

/** A function's value and its gradient at one point. */
export interface Evaluation {
  readonly loss: number;
  /** May be overwritten by the next evaluation. */
  readonly gradient: Float64Array;
}

export interface LbfgsOptions {
  /** Pairs of steps and gradient changes that are remembered. */
  readonly memory?: number;
  readonly maxIterations?: number;
  /** A problem is solved when no gradient component is larger. */
  readonly gradientTolerance?: number;
  /**
   * ... or when two iterations in a row lower the loss by less than this part of it (of 1, where it is smaller): one poor
   * step alone can gain little far from the minimum.
   */
  readonly lossTolerance?: number;
}

export interface Minimum {
  readonly parameters: Float64Array;
  readonly loss: number;
  readonly iterations: number;
  readonly evaluations: number;
  /** false: the iterations ran out, or rounding let no step lower the loss. */
  readonly converged: boolean;
}

/**
 * Evaluates several problems at once: `points[i]` belongs to problem `active[i]`, and so does result i.
 * Solved problems are no longer active. Points are written over afterwards.
 */
export type EvaluateMany = (active: readonly number[], points: readonly Float64Array[]) => Promise<Evaluation[]>;

/**
 * Minimises many independent smooth functions together, one call of `evaluate` a step, by L-BFGS
 * (Nocedal and Wright 2006, algorithm 7.5). Each problem has its own memory, line search and end, so its result is the
 * same whatever it is solved beside.
 */
export async function minimise(
  starts: readonly Float64Array[],
  evaluate: EvaluateMany,
  options: LbfgsOptions = {},
): Promise<Minimum[]> {
  const minima: Minimum[] = [];
  let open: { problem: number; search: Search; point: Float64Array }[] = [];
  const advance = (problem: number, search: Search, evaluation?: Evaluation): Float64Array | undefined => {
    const step = evaluation ? search.next(evaluation) : search.next();
    if (!step.done) return step.value;
    minima[problem] = step.value;
    return undefined;
  };
  for (const [problem, start] of starts.entries()) {
    const search = minimiseOne(start, options);
    const point = advance(problem, search);
    if (point) open.push({ problem, search, point });
  }
  while (open.length > 0) {
    const evaluations = await evaluate(
      open.map(({ problem }) => problem),
      open.map(({ point }) => point),
    );
    open = open.flatMap(({ problem, search }, i) => {
      const point = advance(problem, search, evaluations[i]);
      return point ? [{ problem, search, point }] : [];
    });
  }
  return minima;
}

/** One problem's way: yields a point, is given the evaluation there, returns the minimum. */
type Search = Generator<Float64Array, Minimum, Evaluation>;

function* minimiseOne(start: Float64Array, options: LbfgsOptions): Search {
  const { memory = 10, maxIterations = 200, gradientTolerance = 1e-5, lossTolerance = 1e-9 } = options;
  const size = start.length;
  let x: Float64Array = start.slice();
  const first = yield x;
  let loss = first.loss;
  let gradient: Float64Array = first.gradient.slice();
  let evaluations = 1;
  const pairs = new Pairs(memory, size);
  // Written over at each step: new ones would keep the garbage collector busy for longer than the steps take.
  const direction = new Float64Array(size);
  let trial: Float64Array = new Float64Array(size);
  let trialGradient: Float64Array = new Float64Array(size);
  const done = (iterations: number, converged: boolean): Minimum => {
    return { parameters: x, loss, iterations, evaluations, converged };
  };

  let small = 0;
  for (let iteration = 0; iteration < maxIterations; iteration++) {
    if (largest(gradient) <= gradientTolerance) return done(iteration, true);
    pairs.direction(gradient, direction);
    const slope = dot(gradient, direction);
    // Without a remembered pair the length of the gradient means nothing: start with a step of length 1 at most.
    let step = pairs.count > 0 ? 1 : Math.min(1, 1 / Math.sqrt(-slope));

    // A step that meets the weak Wolfe conditions, by bracketing (Lewis and Overton 2013): too long where the loss has
    // not fallen enough, too short where the slope is still steep. That is all BFGS needs, since it makes y.s positive;
    // strong Wolfe would only cost evaluations. Near the minimum, where float32 gradients leave the loss's change in
    // the rounding, the slope decides instead (approximate Wolfe, Hager and Zhang 2005).
    let low = 0;
    let high = Number.POSITIVE_INFINITY;
    const rounding = 1e-7 * Math.abs(loss);
    let reached: number | undefined;
    for (let tries = 0; tries < 30; tries++) {
      for (let i = 0; i < size; i++) trial[i] = x[i] + step * direction[i];
      const { loss: trialLoss, gradient: here } = yield trial;
      evaluations++;
      const trialSlope = dot(here, direction);
      const fallen =
        trialLoss <= loss + 1e-4 * step * slope || (trialLoss <= loss + rounding && trialSlope <= -0.8 * slope);
      if (Number.isFinite(trialLoss) && fallen) {
        low = step;
        if (trialSlope >= 0.9 * slope) {
          trialGradient.set(here);
          reached = trialLoss;
          break;
        }
      } else high = step;
      step = high === Number.POSITIVE_INFINITY ? 2 * step : between(low, high, loss, slope, step, trialLoss);
    }
    if (reached === undefined) return done(iteration, false);

    pairs.remember(x, gradient, trial, trialGradient);
    const gained = loss - reached;
    loss = reached;
    [x, trial] = [trial, x];
    [gradient, trialGradient] = [trialGradient, gradient];
    small = gained <= lossTolerance * Math.max(1, Math.abs(loss)) ? small + 1 : 0;
    if (small === 2) return done(iteration + 1, true);
  }
  return done(maxIterations, largest(gradient) <= gradientTolerance);
}

/** The next step inside a bracket: the minimum of the parabola through the last failure, kept off the bracket's ends. */
function between(low: number, high: number, loss: number, slope: number, tried: number, triedLoss: number): number {
  const parabola = (-slope * tried * tried) / (2 * (triedLoss - loss - slope * tried));
  const margin = 0.1 * (high - low);
  const usable = low === 0 && parabola >= margin && parabola <= high - margin;
  return usable ? parabola : (low + high) / 2;
}

/** The last steps s and gradient changes y: what L-BFGS knows of the curvature. */
class Pairs {
  readonly #steps: Float64Array[] = [];
  readonly #changes: Float64Array[] = [];
  /** 1 / (y.s) of each pair, the oldest first. */
  readonly #inverses: number[] = [];

  constructor(
    readonly memory: number,
    readonly size: number,
  ) {}

  get count(): number {
    return this.#inverses.length;
  }

  remember(x: Float64Array, gradient: Float64Array, nextX: Float64Array, nextGradient: Float64Array): void {
    const full = this.count === this.memory;
    const step = (full && this.#steps.shift()) || new Float64Array(this.size);
    const change = (full && this.#changes.shift()) || new Float64Array(this.size);
    if (full) this.#inverses.shift();
    for (let i = 0; i < this.size; i++) {
      step[i] = nextX[i] - x[i];
      change[i] = nextGradient[i] - gradient[i];
    }
    const curvature = dot(step, change);
    // Rounding alone can make it vanish; such a pair would blow the direction up.
    if (!(curvature > 1e-14 * dot(change, change))) return;
    this.#steps.push(step);
    this.#changes.push(change);
    this.#inverses.push(1 / curvature);
  }

  /** Puts -H g into `direction`, by the two-loop recursion. */
  direction(gradient: Float64Array, direction: Float64Array): void {
    for (let i = 0; i < this.size; i++) direction[i] = -gradient[i];
    const last = this.count - 1;
    if (last < 0) return;
    const alphas = new Float64Array(this.count);
    for (let k = last; k >= 0; k--) {
      alphas[k] = this.#inverses[k] * dot(this.#steps[k], direction);
      add(direction, -alphas[k], this.#changes[k]);
    }
    const scale = 1 / (this.#inverses[last] * dot(this.#changes[last], this.#changes[last]));
    for (let i = 0; i < this.size; i++) direction[i] *= scale;
    for (let k = 0; k <= last; k++) {
      const beta = this.#inverses[k] * dot(this.#changes[k], direction);
      add(direction, alphas[k] - beta, this.#steps[k]);
    }
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function add(target: Float64Array, factor: number, values: Float64Array): void {
  for (let i = 0; i < target.length; i++) target[i] += factor * values[i];
}

/** NaN counts as larger than anything. */
function largest(values: Float64Array): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) {
    const size = Math.abs(values[i]);
    if (!(size <= most)) most = size;
  }
  return most;
}
