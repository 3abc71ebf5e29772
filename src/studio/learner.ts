/** Learns from the photos so far, again at each change, and answers for a photo. */

import type { Backbone } from '../backbone/backbone.ts';
import type { Inputs } from '../features/mapTable.ts';
import type { FitContext } from '../heads/head.ts';
import { linearToGraph } from '../heads/linear.ts';
import { scoresOf } from '../heads/oneClass/score.ts';
import { subspace } from '../heads/oneClass/subspace.ts';
import { crop } from '../images/crop.ts';
import { tailThreshold } from '../metrics/tailThreshold.ts';
import { fromFloat16 } from '../numerics/float16.ts';
import { resident } from '../numerics/rows.ts';
import { largestOf, smallestOf } from '../numerics/statistics.ts';
import { GraphBuilder } from '../onnx/builder.ts';
import {
  expectTensor,
  float32,
  type Matrix,
  type OpenSession,
  type Pixels,
  type Session,
} from '../runtime/platform.ts';
import type { Answer, LabelledPhoto } from './engine.ts';
import { dealt, fitHead } from './liveHead.ts';

/** A photo as it was learned from. */
export interface Learned extends LabelledPhoto {
  readonly features: Float32Array;
}

interface Fitted {
  readonly classes: readonly string[];
  /** A row a photo. */
  readonly directions: Matrix;
  readonly photos: readonly LabelledPhoto[];
  readonly mean: Float32Array;
  /** Features in, calibrated probabilities and the score of strangeness out. */
  readonly session: Session;
  readonly threshold: Threshold;
  /** From which probability on each label is given, where a photo may have several. */
  readonly given?: readonly number[] | undefined;
  readonly number: number;
}

/** Above which score a photo is unknown, and the photos by which that was told. */
interface Threshold {
  readonly value: number;
  readonly paths: ReadonlySet<string>;
}

const shown = 5;
/**
 * Share of photos like these that may be called unknown. More than in the file (1%): it is told from few photos, and whoever tries
 * it out sees at once that it says so.
 */
const falsePositiveRate = 0.05;
/**
 * The threshold is told again where this share of the photos is new or gone, and always of few photos: it takes a fit for each
 * part, and hardly moves.
 */
const changedShare = 0.05;
const fewPhotos = 200;

/**
 * What answers live: a linear head on cached features, calibrated on photos that it had not seen, and the distance that
 * tells unknown photos. It is the command's default head for the task at its default strength, not chosen: a fit takes a moment.
 */
export class Learner {
  readonly #openSession: OpenSession;
  readonly #backbone: Backbone;
  readonly #network: Session;
  #fitted: Fitted | undefined;
  #number = 0;
  /** Answers under way: what they run is not released before they are done. */
  readonly #answering = new Set<Promise<unknown>>();

  /** @param network what looks at photos: it gives `features` and, where the backbone has one, its map `spatial` */
  constructor(backbone: Backbone, openSession: OpenSession, network: Session) {
    this.#openSession = openSession;
    this.#backbone = backbone;
    this.#network = network;
  }

  /** How many times it has learned; 0 where it cannot answer. */
  get learned(): number {
    return this.#fitted?.number ?? 0;
  }

  /** Learns from these photos alone. With fewer than two classes, or labels that all photos have or none, it forgets. */
  async fit(photos: readonly Learned[]): Promise<void> {
    const classes = [...new Set(photos.flatMap(({ labels }) => labels))].sort();
    const isDivided = classes.some((label) => photos.some(({ labels }) => !labels.includes(label)));
    const before = this.#fitted;
    this.#fitted = isDivided ? await this.#fitOn(photos, classes) : undefined;
    await Promise.allSettled(this.#answering);
    await before?.session.release();
  }

  async #fitOn(photos: readonly Learned[], classes: readonly string[]): Promise<Fitted> {
    const columns = this.#backbone.network.width;
    const data = new Float32Array(photos.length * columns);
    for (const [row, { features }] of photos.entries()) data.set(features, row * columns);
    const inputs: Inputs = { features: { rows: photos.length, columns, data } };
    const context: FitContext = { openSession: this.#openSession, threads: 1, seed: 0 };
    const fold = dealt(photos);
    const { head, calibrate, given } = await fitHead(classes, photos, inputs, fold, context);
    const strange = await subspace.fit(inputs, Int32Array.from(fold.keys()), subspace.defaults, context);
    const paths = new Set(photos.map(({ path }) => path));
    const before = this.#fitted?.threshold;
    const threshold =
      before && this.#fitted?.classes.join('/') === classes.join('/') && isAlike(before.paths, paths)
        ? before
        : { value: await thresholdOf(inputs, fold, context), paths };
    const g = new GraphBuilder('studio_');
    g.input('features', 'float32', ['n', columns]);
    const logits = linearToGraph(head, g, 'features');
    g.output(calibrate(g, logits), 'float32', ['n', classes.length], 'probabilities');
    g.output(subspace.toGraph(strange, g, ['features']).score, 'float32', ['n'], 'score');
    const { directions, mean } = directionsOf(resident(inputs.features));
    const session = await this.#openSession(g.bytes());
    return {
      classes,
      directions,
      mean,
      photos: photos.map(({ path, labels }) => ({ path, labels })),
      given,
      session,
      threshold,
      number: ++this.#number,
    };
  }

  /** The answer for upright pixels that are resized as the network wants them; undefined where nothing is learned. */
  async answer(pixels: Pixels, options: { readonly heatmap: boolean }): Promise<Answer | undefined> {
    if (!this.#fitted) return undefined;
    const answer = this.#answerOf(this.#fitted, pixels, options);
    this.#answering.add(answer);
    try {
      return await answer;
    } finally {
      this.#answering.delete(answer);
    }
  }

  async #answerOf(fitted: Fitted, pixels: Pixels, { heatmap }: { readonly heatmap: boolean }): Promise<Answer> {
    const { network, preprocessing } = this.#backbone;
    const { width, height, data } = crop(pixels, preprocessing.crop);
    const image = { type: 'uint8', dims: [1, height, width, 3], data } as const;
    const outputs = await this.#network.run(
      { image },
      heatmap && network.spatial ? ['features', 'spatial'] : ['features'],
    );
    const features = expectTensor(outputs.features, 'float32').data;
    const results = await fitted.session.run({ features: float32(features, 1, network.width) });
    const probabilities = expectTensor(results.probabilities, 'float32').data;
    const known = expectTensor(results.score, 'float32').data[0] <= fitted.threshold.value;
    const { given } = fitted;
    const each = fitted.classes.map((label, index) => ({
      label,
      probability: probabilities[index],
      ...(given && { threshold: given[index] }),
    }));
    const sorted = each.toSorted((a, b) => b.probability - a.probability);
    const place = each.indexOf(sorted[0]);
    return {
      label: known && !given ? sorted[0].label : undefined,
      classes: given ? each : sorted,
      known,
      nearest: nearest(fitted, features),
      ...(outputs.spatial && {
        heatmap: await placesFor(fitted, expectTensor(outputs.spatial, 'float16'), place, network.width),
      }),
      learned: fitted.number,
    };
  }

  async release(): Promise<void> {
    await Promise.allSettled(this.#answering);
    await this.#fitted?.session.release();
  }
}

function isAlike(before: ReadonlySet<string>, now: ReadonlySet<string>): boolean {
  let same = 0;
  for (const path of now) if (before.has(path)) same++;
  return now.size > fewPhotos && before.size + now.size - 2 * same < changedShare * now.size;
}

/** The score above which photos are unknown, from photos that the distance had not seen, part by part. */
async function thresholdOf(inputs: Inputs, fold: Int32Array, context: FitContext): Promise<number> {
  const rows = Int32Array.from(fold.keys());
  const found: number[] = [];
  for (const part of new Set(fold)) {
    const kept = rows.filter((row) => fold[row] === part);
    const others = rows.filter((row) => fold[row] !== part);
    if (others.length < 2) continue;
    const partly = await subspace.fit(inputs, others, subspace.defaults, context);
    for (const score of await scoresOf(subspace, partly, inputs, kept, context)) found.push(score);
  }
  if (found.length === 0) return Number.MAX_VALUE;
  return tailThreshold(found, Int32Array.from(found.keys()), falsePositiveRate).threshold;
}

/** Directions from the mean, each of length 1: their products are cosines. */
function directionsOf({ rows, columns, data }: Matrix): { directions: Matrix; mean: Float32Array } {
  const mean = new Float32Array(columns);
  for (let at = 0; at < data.length; ) for (let d = 0; d < columns; d++) mean[d] += data[at++] / rows;
  const out = new Float32Array(data.length);
  for (let row = 0; row < rows; row++) {
    const own = out.subarray(row * columns, (row + 1) * columns);
    intoDirection(own, data.subarray(row * columns, (row + 1) * columns), mean);
  }
  return { directions: { rows, columns, data: out }, mean };
}

function intoDirection(out: Float32Array, features: Float32Array, mean: Float32Array): void {
  let square = 0;
  for (let d = 0; d < out.length; d++) {
    out[d] = features[d] - mean[d];
    square += out[d] * out[d];
  }
  const length = Math.sqrt(square) || 1;
  for (let d = 0; d < out.length; d++) out[d] /= length;
}

function nearest(
  { directions: { rows, columns, data }, mean, photos }: Fitted,
  features: Float32Array,
): Answer['nearest'] {
  const own = new Float32Array(columns);
  intoDirection(own, features, mean);
  const found: { path: string; labels: readonly string[]; similarity: number }[] = [];
  for (let row = 0, at = 0; row < rows; row++) {
    let similarity = 0;
    for (let d = 0; d < columns; d++, at++) similarity += own[d] * data[at];
    if (found.length === shown && similarity <= found[shown - 1].similarity) continue;
    found.push({ ...photos[row], similarity });
    found.sort((a, b) => b.similarity - a.similarity);
    found.length = Math.min(found.length, shown);
  }
  return found;
}

/**
 * What the head would say of each place alone, for one class, from the least to the most of this photo; undefined where
 * features are no mean over places.
 */
async function placesFor(
  { session, classes }: Fitted,
  { dims: [, height, width, channels], data }: { readonly dims: readonly number[]; readonly data: Uint16Array },
  place: number,
  columns: number,
): Promise<Answer['heatmap']> {
  if (channels !== columns) return undefined;
  const { probabilities } = await session.run({ features: float32(fromFloat16(data), height * width, channels) }, [
    'probabilities',
  ]);
  const all = expectTensor(probabilities, 'float32').data;
  const own = Float32Array.from({ length: height * width }, (_, at) => all[at * classes.length + place]);
  const [least, most] = [smallestOf(own), largestOf(own)];
  return { height, width, data: Array.from(own, (value) => (value - least) / (most - least || 1)) };
}
