/** What ten more photos of each class would gain, from what half of its photos lose. */

import * as z from 'zod';
import type { FitContext, Head, Problem } from '../heads/head.ts';
import { interval } from '../metrics/evaluation.ts';
import { differenceInterval, foldInflation } from '../metrics/intervals.ts';
import { Random } from '../numerics/random.ts';
import { indexOfLargest, largestOf, mean } from '../numerics/statistics.ts';
import type { Targets } from '../sets/targets.ts';
import { outerParts, type Part, type Split } from '../split/split.ts';
import { compareChosen } from './fitChosen.ts';

/** Photos that are added in thought. */
const more = 10;
/** Classes that are measured: the weakest. Others would take longer than they are worth. */
export const mostClasses = 12;
/** Halves of a class's photos that are left out in turn: one a fold, more where one part judges. */
const halves = { folds: 1, holdout: 2 };
/** Fewer separate photos of a class cannot be halved with any meaning. */
const fewestGroups = 4;
/** Rates of the power law by which errors fall: what is usual, and the ends of what is seen. */
const [usualRate, slowest, fastest] = [0.5, 0.02, 2];

/** A smaller gain is shown as none: "at most 0.0 points" says nothing. */
const slightest = 0.0005;
const smallestSaid = 0.001;

export const classGains = z.object({
  /** Photos that are added in thought, of one class at a time. */
  photos: z.number().int(),
  /** The class that would gain most comes first. */
  classes: z.array(
    z.object({
      label: z.string(),
      /** Photos of the class that were learned from. */
      now: z.number(),
      /** What accuracy over all classes would gain, with a 95% interval. */
      gain: interval,
      /** The mistake that its photos mend most: photos of one class that are classified as another; null where there is none. */
      mends: z.object({ label: z.string(), takenFor: z.string() }).nullable(),
    }),
  ),
  /** Classes that were not measured: with too few separate photos, or stronger than the twelve weakest. */
  left: z.array(z.string()),
});
export type ClassGains = z.infer<typeof classGains>;

/** The class whose photos surely gain something and most, if there is one, and the highest end of all intervals. */
export function gainOrder({ classes }: ClassGains): {
  readonly best: ClassGains['classes'][number] | undefined;
  readonly most: number;
} {
  return {
    best: classes.find(({ gain }) => gain.low > 0 && gain.value >= slightest),
    most: Math.max(smallestSaid, largestOf(classes.map(({ gain }) => gain.high))),
  };
}

/** The photos of a run, without views, and how they are divided. */
export interface Judged {
  readonly photos: Problem;
  readonly targets: Targets;
  readonly split: Split;
  readonly groups: Int32Array;
}

/** A fit of a part with some photos of one class left out; without a class, of all. */
interface Job {
  readonly part: Part;
  readonly label?: number;
  readonly weights: Float32Array;
}

/**
 * What ten more photos of each class would gain. In each training part half of the class's photos are left out; what held-out
 * photos lose by that says, by the power law that errors follow, what ten more would gain. All fits run together.
 * @returns undefined where no class has enough photos
 */
export async function measureClassGains<Settings, Fitted>(
  { head, settings }: { readonly head: Head<Settings, Fitted>; readonly settings: Settings },
  { photos, targets, split, groups }: Judged,
  context: FitContext,
): Promise<ClassGains | undefined> {
  const { classes, labels } = targets;
  const parts = outerParts(split).filter(({ repeat }) => repeat === 0);
  const whole = parts.map((part): Job => ({ part, weights: weightsOf(part, () => 1) }));
  const answer = async (jobs: readonly Job[]) => answersOf({ head, settings }, photos, jobs, context);
  const full = await answer(whole);
  const measured = weakest(parts, labels, groups, full, classes.length);
  if (measured.length === 0) return undefined;
  const jobs = measured.flatMap((label) =>
    parts.flatMap((part, k) =>
      Array.from({ length: halves[split.kind] }, (_, repeat): Job => {
        const seed = `${context.seed}/gain of class ${label}, part ${k}, ${repeat}`;
        const kept = half(part, label, labels, groups, seed);
        return { part, label, weights: weightsOf(part, (row) => (labels[row] !== label ? 1 : (kept.get(row) ?? 0))) };
      }),
    ),
  );
  const halved = await answer(jobs);
  const inflation = parts.length > 1 ? foldInflation(parts.length) : 1;
  const found = measured.map((label) => {
    const own = jobs.flatMap((job, k) => (job.label === label ? [{ job, answers: halved[k] }] : []));
    const rows = parts.flatMap(({ heldOut }) => [...heldOut]);
    const right = new Map(
      parts.flatMap(({ heldOut }, k) => Array.from(heldOut, (row, i) => [row, full[k][i]] as const)),
    );
    const without = new Map<number, number[]>();
    for (const { job, answers } of own)
      for (const [i, row] of job.part.heldOut.entries()) without.set(row, [...(without.get(row) ?? []), answers[i]]);
    const isRight = (row: number, answer: number | undefined) => Number(answer === labels[row]);
    const differences = rows.map(
      (row) => isRight(row, right.get(row)) - mean((without.get(row) ?? []).map((one) => isRight(row, one))),
    );
    const lost = differenceInterval(
      differences,
      Int32Array.from(rows, (row) => groups[row]),
      inflation,
    ).interval;
    const count = (weights: Float32Array) =>
      weights.filter((weight, row) => weight > 0 && labels[row] === label).length;
    const now = mean(whole.map(({ weights }) => count(weights)));
    const ratio = now / Math.max(1, mean(own.map(({ job }) => count(job.weights))));
    const share = (rate: number) => (1 - (1 + more / now) ** -rate) / (ratio ** rate - 1);
    return {
      label: classes[label],
      now,
      gain: {
        // More photos do no harm on average; what was measured may, by chance.
        value: Math.max(0, share(usualRate) * lost.value),
        low: lost.low * share(lost.low > 0 ? fastest : slowest),
        high: Math.max(0, lost.high * share(slowest)),
      },
      mends: mended(label, rows, labels, right, without, classes),
    };
  });
  const names = new Set(found.map(({ label }) => label));
  return {
    photos: more,
    classes: found.sort((a, b) => b.gain.value - a.gain.value || b.gain.high - a.gain.high),
    left: classes.filter((label) => !names.has(label)),
  };
}

function weightsOf({ inner }: Part, weightOf: (row: number) => number): Float32Array {
  return Float32Array.from(inner, (fold, row) => (fold >= 0 ? weightOf(row) : 0));
}

/**
 * Whole groups that hold about half of the class's photos in a part, which weigh as much as all of them: the class counts as
 * much as before, so that what is lost is what the photos show, and not how frequent the class seems.
 */
function half(part: Part, label: number, labels: Int32Array, groups: Int32Array, seed: string): Map<number, number> {
  const rows = [...labels.keys()].filter((row) => labels[row] === label && part.inner[row] >= 0);
  const byGroup = new Map<number, number[]>();
  for (const row of rows) byGroup.set(groups[row], [...(byGroup.get(groups[row]) ?? []), row]);
  const kept = new Set<number>();
  for (const group of new Random(seed).shuffle([...byGroup.values()])) {
    if (kept.size > 0 && kept.size + group.length / 2 > rows.length / 2) break;
    for (const row of group) kept.add(row);
  }
  return new Map(Array.from(kept, (row) => [row, rows.length / kept.size]));
}

/** Of each job, the answers for its part's held-out photos. */
async function answersOf<Settings, Fitted>(
  { head, settings }: { readonly head: Head<Settings, Fitted>; readonly settings: Settings },
  photos: Problem,
  jobs: readonly Job[],
  context: FitContext,
): Promise<Int32Array[]> {
  const fits = jobs.map(({ weights }) => ({ settings, weights }));
  const answers = jobs.map(({ part }) => new Int32Array(part.heldOut.length));
  const places = new Map<Part, Map<number, number>>();
  for (const { part } of jobs)
    if (!places.has(part)) places.set(part, new Map(Array.from(part.heldOut, (row, place) => [row, place])));
  await compareChosen(head, photos, fits, context, (job, row, logits) => {
    const place = places.get(jobs[job].part)?.get(row);
    if (place !== undefined) answers[job][place] = indexOfLargest(logits);
  });
  return answers;
}

/** Classes that can be halved in every part, at most twelve: those with the most mistakes. */
function weakest(
  parts: readonly Part[],
  labels: Int32Array,
  groups: Int32Array,
  answers: readonly Int32Array[],
  count: number,
): number[] {
  const mistakes = new Int32Array(count);
  for (const [k, { heldOut }] of parts.entries())
    for (const [i, row] of heldOut.entries())
      if (answers[k][i] !== labels[row]) {
        mistakes[labels[row]]++;
        mistakes[answers[k][i]]++;
      }
  const separate = (label: number, { inner }: Part) =>
    new Set([...labels.keys()].filter((row) => labels[row] === label && inner[row] >= 0).map((row) => groups[row]))
      .size;
  return Array.from({ length: count }, (_, label) => label)
    .filter((label) => parts.every((part) => separate(label, part) >= fewestGroups))
    .sort((a, b) => mistakes[b] - mistakes[a] || a - b)
    .slice(0, mostClasses);
}

/** The mistake with the class that is seen most with half of its photos, less how often with all. */
function mended(
  label: number,
  rows: readonly number[],
  labels: Int32Array,
  right: ReadonlyMap<number, number>,
  without: ReadonlyMap<number, readonly number[]>,
  classes: readonly string[],
): { label: string; takenFor: string } | null {
  const counts = new Map<string, { truth: number; answer: number; count: number }>();
  const add = (truth: number, answer: number, count: number) => {
    if (truth === answer || (truth !== label && answer !== label)) return;
    const key = `${truth} ${answer}`;
    counts.set(key, { truth, answer, count: (counts.get(key)?.count ?? 0) + count });
  };
  for (const row of rows) {
    const many = without.get(row) ?? [];
    for (const answer of many) add(labels[row], answer, 1 / many.length);
    add(labels[row], right.get(row) ?? labels[row], -1);
  }
  const [most] = [...counts.values()].sort((a, b) => b.count - a.count);
  return most && most.count > 0 ? { label: classes[most.truth], takenFor: classes[most.answer] } : null;
}
