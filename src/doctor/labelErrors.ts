/** Label errors: which labels are probably wrong, how many, and how sure that number is. */

import * as z from 'zod';
import { type Interval, interval } from '../metrics/evaluation.ts';
import { binomialInterval, shareInterval } from '../metrics/intervals.ts';
import type { NeighbourContext } from '../numerics/exactlyNearest.ts';
import { rising } from '../numerics/isotonic.ts';
import { Random } from '../numerics/random.ts';
import type { Rows } from '../numerics/rows.ts';
import { largestOf } from '../numerics/statistics.ts';
import { type LabelledPhotos, type LabelScores, labelSpace, type Space, scoreLabels } from './labelScores.ts';

const nearPhoto = z.object({ path: z.string(), label: z.string(), similarity: z.number() });

/** A photo whose label may be wrong. */
export const labelError = z.object({
  path: z.string(),
  label: z.string(),
  /** The class that it looks like instead. */
  suggested: z.string(),
  /** Probabilities of both, by a model that had not seen the photo. */
  probability: z.object({ label: z.number(), suggested: z.number() }),
  /** Share of its nearest photos that have its label, weighted by similarity; null where it has none to ask. */
  agreement: z.number().nullable(),
  /** How probably the label is wrong, judged by labels that were made wrong on purpose. */
  wrong: z.number(),
  /** Its nearest photos of its own class, and of the suggested one. */
  nearest: z.object({ label: z.array(nearPhoto), suggested: z.array(nearPhoto) }),
  /** Equal or nearly equal photos with another label. */
  duplicates: z.array(z.object({ path: z.string(), label: z.string() })),
});
export type LabelError = z.infer<typeof labelError>;

/** Labels that may be wrong, among all photos, whatever side of a split they are on. */
export const labelErrors = z.object({
  /** Photos whose labels were judged: those of a class with no second group cannot be, nor those of classes not recognised. */
  judged: z.number(),
  /** Classes whose photos are mostly classified as others: the network does not see them, so their labels are not judged. */
  unrecognised: z.array(z.string()),
  /**
   * How many of the judged labels are wrong: see `fitNoise`; null where the classes are not told apart, so that nobody knows. The chances
   * of `photos` add up to this at most: the rest is spread over photos that are not listed.
   */
  expected: z.nullable(interval),
  /** Labels that were made wrong on purpose, half of them the class that the photo resembles most. */
  planted: z.object({
    count: z.number(),
    /** Share of them that a list half as long as `photos`, and one as long, would have caught. */
    caught: interval,
    caughtInTwice: interval,
  }),
  /** The worst first: twice as many as can be expected to be wrong. */
  photos: z.array(labelError),
});
export type LabelErrors = z.infer<typeof labelErrors>;

/** Of all photos, so many get a wrong label on purpose; at least and at most so many. */
const plantedShare = 0.05;
const fewestPlanted = 10;
const mostPlanted = 500;
/** A list for people ends somewhere. */
const mostListed = 1000;
const nearestShown = 3;

export interface LabelErrorsInput extends LabelledPhotos {
  readonly features: Rows;
  readonly paths: readonly string[];
  /** Sets of photos that are equal or nearly so. */
  readonly duplicates: readonly (readonly number[])[];
}

/** Finds the labels that are probably wrong; a queue for a person, since some are not. */
export async function findLabelErrors(input: LabelErrorsInput, context: NeighbourContext): Promise<LabelErrors> {
  const space = await labelSpace(input.features, input.seed, context);
  return labelErrorsIn(space, input, scoreLabels(space, input));
}

/** The same where the photos' space and the scores of their labels are known. */
export function labelErrorsIn(
  space: Space,
  input: Omit<LabelErrorsInput, 'features'>,
  scores: LabelScores,
): LabelErrors {
  const { share, recognised } = scores.noise;
  const known = [...input.labels.keys()].filter((row) => !Number.isNaN(scores.score[row]) && scores.other[row] >= 0);
  const judged = share ? known.filter((row) => recognised[input.labels[row]]) : known;
  const unrecognised = new Set(known.map((row) => input.labels[row]).filter((label) => !recognised[label]));
  const ranked = judged.toSorted((a, b) => scores.score[b] - scores.score[a] || (input.ids[a] < input.ids[b] ? -1 : 1));
  const trial = plant(space, input, scores, judged);
  const count = (of: number) => of * judged.length;
  const expected =
    share && areTold(scores, input, judged)
      ? { value: count(share.value), low: count(share.low), high: count(share.high) }
      : null;
  const about = expected?.value ?? 0;
  const listed = Math.round(about) === 0 ? 0 : Math.min(mostListed, Math.round(2 * about));
  const chance = chanceWrong(trial, about);
  // Of few photos the chance is that of a few planted ones: a higher score never means a smaller one.
  const chances = rising(ranked.toReversed().map((row) => chance(scores.score[row]))).reverse();
  const wrong = atMost(about, chances.slice(0, listed));
  const sets = new Map(input.duplicates.flatMap((set) => set.map((row) => [row, set] as const)));
  const nearest = nearestOfClass(space, input);
  return {
    judged: judged.length,
    unrecognised: input.classes.filter((_, c) => unrecognised.has(c)),
    expected,
    planted: {
      count: trial.planted.length,
      caught: caughtBy(trial, about),
      caughtInTwice: caughtBy(trial, 2 * about),
    },
    photos: ranked.slice(0, listed).map((row, place): LabelError => {
      const { labels, classes, paths } = input;
      const [label, suggested] = [labels[row], scores.other[row]];
      const shown = ({ row: other, similarity }: { row: number; similarity: number }) => ({
        path: paths[other],
        label: classes[labels[other]],
        similarity,
      });
      return {
        path: paths[row],
        label: classes[label],
        suggested: classes[suggested],
        probability: { label: scores.own[row], suggested: scores.otherProbability[row] },
        agreement: Number.isNaN(scores.agreement[row]) ? null : scores.agreement[row],
        wrong: wrong[place],
        nearest: { label: nearest(row, label).map(shown), suggested: nearest(row, suggested).map(shown) },
        duplicates: (sets.get(row) ?? [])
          .filter((other) => labels[other] !== label)
          .map((other) => ({ path: paths[other], label: classes[labels[other]] })),
      };
    }),
  };
}

/** Whether classes can be separated at all: surely better than by always answering the commonest. If not, labels say nothing about photos. */
function areTold({ own, otherProbability }: LabelScores, input: LabelledPhotos, judged: readonly number[]): boolean {
  const correct = judged.map((row) => Number(own[row] > otherProbability[row]));
  const counts = new Map<number, number>();
  for (const row of judged) counts.set(input.labels[row], (counts.get(input.labels[row]) ?? 0) + 1);
  const groups = Int32Array.from(judged, (row) => input.groups[row]);
  return judged.length > 0 && shareInterval(correct, groups).low > largestOf(counts.values()) / judged.length;
}

/** What labels that were made wrong on purpose, and all others, then score; both ascending. */
interface Trial {
  readonly planted: Float64Array;
  readonly others: Float64Array;
}

/** Half of the planted labels are the likeliest other class, as people's mistakes are; half are any other. */
function plant(space: Space, input: LabelledPhotos, scores: LabelScores, judged: readonly number[]): Trial {
  const { labels, classes, ids, seed } = input;
  const count = Math.min(
    mostPlanted,
    Math.max(Math.min(fewestPlanted, Math.floor(judged.length / 4)), Math.round(plantedShare * judged.length)),
  );
  const random = new Random(`${seed}/planted label errors`);
  const order = random.shuffle(judged.toSorted((a, b) => (ids[a] < ids[b] ? -1 : 1)));
  const planted = new Set(order.slice(0, count));
  const changed = labels.slice();
  for (const [i, row] of [...planted].entries()) {
    const any = (labels[row] + 1 + random.int(classes.length - 1)) % classes.length;
    changed[row] = i % 2 === 0 ? scores.other[row] : any;
  }
  const { score } = scoreLabels(space, { ...input, labels: changed }, scores.noise);
  const of = (rows: readonly number[]) =>
    Float64Array.from(rows.map((row) => score[row]).filter((value) => !Number.isNaN(value))).sort();
  return { planted: of([...planted]), others: of(judged.filter((row) => !planted.has(row))) };
}

/** How many of ascending values are at least this high. */
function atLeast(values: Float64Array, least: number): number {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] >= least) high = middle;
    else low = middle + 1;
  }
  return values.length - low;
}

/** Share of the planted errors in a list so long that it holds that many of the other labels. */
function caughtBy({ planted, others }: Trial, length: number): Interval {
  const least = others[Math.max(0, others.length - Math.max(1, Math.round(length)))] ?? 0;
  return binomialInterval(atLeast(planted, least), planted.length);
}

/** From a score to the chance that its label is wrong: of labels nearby, the share that so many errors would make up. */
function chanceWrong({ planted, others }: Trial, expected: number): (score: number) => number {
  const width = Math.max(5, Math.round(planted.length / 8));
  return (score) => {
    if (planted.length === 0 || expected === 0) return 0;
    // The stretch of scores that holds so many planted errors, around this one.
    const above = atLeast(planted, score);
    const from = Math.max(0, planted.length - above - Math.ceil(width / 2));
    const to = Math.min(planted.length, from + width);
    const high = to === planted.length ? Number.POSITIVE_INFINITY : planted[to];
    // The photo itself lies there, too: below all planted ones the stretch reaches down to it.
    const low = Math.min(planted[from], score);
    const inside = (values: Float64Array) => atLeast(values, low) - atLeast(values, high);
    const errors = (expected * inside(planted)) / planted.length;
    // So few cannot say that all such labels are wrong.
    return Math.min((errors + 0.5) / (errors + 1), errors / Math.max(1, errors, inside(others)));
  };
}

/** Chances that add up to no more than there is in all. */
function atMost(all: number, chances: readonly number[]): number[] {
  const sum = chances.reduce((total, chance) => total + chance, 0);
  return chances.map((chance) => (sum > all ? (chance * all) / sum : chance));
}

/** The nearest photos of a class that are not of a photo's own group. */
function nearestOfClass(
  { components: { rows, columns, data } }: Space,
  { labels, classes, groups }: LabelledPhotos,
): (row: number, label: number) => { row: number; similarity: number }[] {
  const members = classes.map((): number[] => []);
  for (const [row, label] of labels.entries()) members[label].push(row);
  const dot = (a: number, b: number) => {
    let sum = 0;
    for (let d = 0, i = a * columns, j = b * columns; d < columns; d++, i++, j++) sum += data[i] * data[j];
    return sum;
  };
  const lengths = Float64Array.from({ length: rows }, (_, row) => Math.sqrt(dot(row, row)) || 1);
  return (row, label) => {
    const nearest: { row: number; similarity: number }[] = [];
    for (const other of members[label]) {
      if (groups[other] === groups[row]) continue;
      const similarity = dot(row, other) / (lengths[row] * lengths[other]);
      if (nearest.length === nearestShown && similarity <= nearest[nearest.length - 1].similarity) continue;
      nearest.push({ row: other, similarity });
      nearest.sort((a, b) => b.similarity - a.similarity);
      nearest.length = Math.min(nearest.length, nearestShown);
    }
    return nearest;
  };
}
