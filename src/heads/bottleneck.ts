/** A narrow dense layer in front of a head. */

import { type PrincipalComponents, principalComponents } from '../numerics/pca.ts';
import { Random } from '../numerics/random.ts';
import { blocksOf, pick, type Rows } from '../numerics/rows.ts';
import { GraphBuilder } from '../onnx/builder.ts';
import { expectTensor, float32, type Matrix } from '../runtime/platform.ts';
import { usedRows } from './direction.ts';
import type { FitContext, Fitter, Head } from './head.ts';
import { type Linear, linearToGraph, stackLinear } from './linear.ts';

/** How features become fewer: their principal components, or directions drawn at random as a control. */
export type BottleneckKind = 'pca' | 'random';

export interface BottleneckOptions {
  readonly kind: BottleneckKind;
  readonly width: number;
  /** Passes of the search for principal components. */
  readonly passes?: number | undefined;
  /** Components that heads of several widths share, by the rows on which they were found. */
  readonly shared?: SharedComponents | undefined;
}

/** Leading components of parts of the photos, found once for all widths up to the widest. */
export interface SharedComponents {
  readonly widest: number;
  readonly layers: Map<string, Linear>;
}

export interface Narrowed<Fitted> {
  /** The bottleneck layer: the narrow features are x . weights^T + bias. */
  readonly layer: Linear;
  readonly inner: Fitted;
}

/**
 * A head behind a narrow dense layer that is not trained. Principal components are found without labels, on each job's
 * own photos; the layer is part of the exported file.
 */
export function bottleneckHead<Settings, Fitted>(
  head: Head<Settings, Fitted>,
  { kind, width, passes, shared }: BottleneckOptions,
): Head<Settings & { readonly bottleneck: number }, Narrowed<Fitted>> {
  const { stack } = head;
  const leading = async (features: Rows, rows: readonly number[], context: FitContext) => {
    if (!shared) return principalLayer(features, rows, width, context, passes);
    const key = rows.join();
    const layer = shared.layers.get(key) ?? (await principalLayer(features, rows, shared.widest, context, passes));
    shared.layers.set(key, layer);
    return firstUnits(layer, Math.min(width, layer.outputs));
  };
  const named = (settings: Settings) => Object.assign({}, settings, { bottleneck: width });
  return {
    name: head.name,
    needs: 'pooled',
    defaults: named(head.defaults),
    comparedAsFitted: (problem) =>
      head.comparedAsFitted?.({ ...problem, features: { ...problem.features, columns: width } }) ?? false,
    grid: (problem) => head.grid(problem).map(named),
    async prepare(problem, context) {
      // By training part: one job's layer must not know another one's photos.
      const opened = new Map<number, { layer: Linear; fitter: Fitter<Settings, Fitted> }>();
      const open = async (weights: Float32Array) => {
        const rows = usedRows([weights]);
        const layer =
          kind === 'pca'
            ? await leading(problem.features, rows, context)
            : randomLayer(problem.features.columns, width, context.seed);
        const features = await throughLayer(layer, problem.features, context);
        return { layer, fitter: await head.prepare({ ...problem, features }, context, rows) };
      };
      return {
        async fit(jobs, options) {
          const fitted: Narrowed<Fitted>[] = [];
          for (const { part, weights, settings, start } of jobs) {
            context.signal?.throwIfAborted();
            const { layer, fitter } = opened.get(part) ?? (await open(weights));
            opened.set(part, { layer, fitter });
            // A start in other coordinates is none.
            const inner = start && start.layer === layer ? start.inner : undefined;
            const [one] = await fitter.fit([{ part, weights, settings, start: inner }], options);
            fitted.push({ layer, inner: one });
          }
          return fitted;
        },
        release: async () => {
          for (const { fitter } of opened.values()) await fitter.release();
        },
      };
    },
    toGraph: ({ layer, inner }, g, features) => head.toGraph(inner, g, linearToGraph(layer, g, features)),
    ...(stack && {
      stack: (fitted: readonly Narrowed<Fitted>[]) => {
        const [{ layer }] = fitted;
        const inner = fitted.every((one) => one.layer === layer) && stack(fitted.map((one) => one.inner));
        return inner ? { layer, inner } : undefined;
      },
    }),
  };
}

/** The leading principal components of the named rows, as a layer of at most `width` units. */
export async function principalLayer(
  features: Rows,
  rows: readonly number[],
  width: number,
  context: FitContext,
  passes?: number,
): Promise<Linear> {
  const { columns } = features;
  const used = rows.length === features.rows ? features : pick(features, rows);
  const found = await principalComponents(used, width, {
    openSession: context.openSession,
    threads: context.threads,
    seed: `${context.seed}/bottleneck`,
    ...(passes ? { passes } : {}),
  });
  return layerOf(found, columns);
}

function layerOf({ mean, components, variances }: PrincipalComponents, width: number): Linear {
  const bias = Float32Array.from(variances, (_, k) => {
    let sum = 0;
    for (let d = 0; d < width; d++) sum -= components[k * width + d] * mean[d];
    return sum;
  });
  return { weights: Float32Array.from(components), bias, inputs: width, outputs: variances.length };
}

/** Directions of independent normal numbers, on average of length 1. */
export function randomLayer(width: number, classes: number, seed: number): Linear {
  const random = new Random(`${seed}/random projection`);
  const scale = 1 / Math.sqrt(width);
  const weights = Float32Array.from({ length: classes * width }, () => scale * random.normal());
  return { weights, bias: new Float32Array(classes), inputs: width, outputs: classes };
}

/** Features through a layer, [N, width of the layer]. */
export async function throughLayer(
  layer: Linear,
  features: Rows,
  { openSession, threads }: Pick<FitContext, 'openSession' | 'threads'>,
): Promise<Matrix> {
  const { rows, columns } = features;
  const g = new GraphBuilder();
  g.output(linearToGraph(layer, g, g.input('x', 'float32', ['n', columns])), 'float32', ['n', layer.outputs], 'y');
  const session = await openSession(g.bytes(), { threads });
  try {
    const out = new Float32Array(rows * layer.outputs);
    for (const { from, rows: n, data } of blocksOf(features)) {
      const { y } = await session.run({ x: float32(data, n, columns) });
      out.set(expectTensor(y, 'float32').data, from * layer.outputs);
    }
    return { rows, columns: layer.outputs, data: out };
  } finally {
    await session.release();
  }
}

/** The first units of a layer. */
export function firstUnits({ weights, bias, inputs: width }: Linear, count: number): Linear {
  return { weights: weights.subarray(0, count * width), bias: bias.subarray(0, count), inputs: width, outputs: count };
}

/** Layers that read what `first` gives, as layers that read what it reads. */
export async function behind(
  first: Linear,
  layers: readonly Linear[],
  context: Pick<FitContext, 'openSession' | 'threads'>,
): Promise<Linear[]> {
  const { inputs: width, outputs: inner } = first;
  const all = stackLinear(layers);
  const across = new Float32Array(inner * width);
  for (let k = 0; k < inner; k++) for (let d = 0; d < width; d++) across[d * inner + k] = first.weights[k * width + d];
  const transposed = { weights: across, bias: new Float32Array(width), inputs: inner, outputs: width };
  const { data } = await throughLayer(transposed, { rows: all.outputs, columns: inner, data: all.weights }, context);
  let at = 0;
  return layers.map(({ weights, bias, outputs: classes }) => {
    const own = data.slice(at * width, (at + classes) * width);
    at += classes;
    const moved = bias.map((value, c) => {
      let sum = value;
      for (let k = 0; k < inner; k++) sum += weights[c * inner + k] * first.bias[k];
      return sum;
    });
    return { weights: own, bias: moved, inputs: width, outputs: classes };
  });
}
