/** Compares preprocessings or cuts on the user's photos. */

import * as z from 'zod';
import type { Preprocessing } from '../images/preprocessing.ts';
import { betaCdf } from '../numerics/statistics.ts';
import type { Matrix } from '../runtime/platform.ts';
import { looErrors } from './separation.ts';

/** One way to use a backbone: another preprocessing, or another cut. */
export interface Variant<T> {
  readonly name: string;
  readonly value: T;
}

const variantResult = z.object({
  name: z.string(),
  /** Share of photos whose class is named right from the others' features. */
  accuracy: z.number(),
  correct: z.number().int(),
  /** Chance of at least such a difference from the configured variant if both were equally good; null for itself. */
  p: z.number().nullable(),
  /** Better than the configured one beyond chance, for so many comparisons. */
  beatsConfigured: z.boolean(),
});

/** What the check of a backbone found; the first variant is the configured one. */
export const backboneCheck = z.object({
  photos: z.number().int(),
  classes: z.number().int(),
  variants: z.array(variantResult),
  /** Name of the best variant that clearly beats the configured one. */
  better: z.string().nullable(),
});
export type BackboneCheck = z.infer<typeof backboneCheck>;

const level = 0.05;

/**
 * Compares ways to use a backbone by how well its features separate the user's classes: each photo's class is
 * predicted by regularised least squares from all other photos (exact leave-one-out; no split, no seed). A variant
 * beats the configured one, the first, where an exact McNemar test on the same photos says so at 5%, divided by the
 * number of comparisons (Bonferroni).
 * @param labels class index of each photo
 * @param featuresOf features of all photos, in the order of the labels
 */
export async function checkBackbone<T>(
  variants: readonly Variant<T>[],
  labels: Int32Array,
  featuresOf: (variant: T) => Promise<Matrix>,
): Promise<BackboneCheck> {
  const results: { name: string; isWrong: readonly boolean[] }[] = [];
  for (const { name, value } of variants) results.push({ name, isWrong: looErrors(await featuresOf(value), labels) });
  const configured = results[0]?.isWrong ?? [];
  const rows = results.map(({ name, isWrong }, index) => {
    const correct = isWrong.filter((wrong) => !wrong).length;
    const wins = isWrong.filter((wrong, photo) => !wrong && configured[photo]).length;
    const losses = isWrong.filter((wrong, photo) => wrong && !configured[photo]).length;
    const p = index === 0 ? null : mcnemar(wins, losses);
    const beatsConfigured = p !== null && wins > losses && p < level / (results.length - 1);
    return { name, accuracy: correct / labels.length, correct, p, beatsConfigured };
  });
  const best = rows.filter((row) => row.beatsConfigured).sort((a, b) => b.correct - a.correct)[0];
  return { photos: labels.length, classes: new Set(labels).size, variants: rows, better: best?.name ?? null };
}

/** Exact two-sided test that wins and losses are equally likely: binomial with one half, by the incomplete beta. */
function mcnemar(wins: number, losses: number): number {
  const fewer = Math.min(wins, losses);
  const all = wins + losses;
  if (all === 0) return 1;
  return Math.min(1, 2 * betaCdf(0.5, all - fewer, fewer + 1));
}

const scalings: readonly [string, Pick<Preprocessing, 'scale' | 'mean' | 'std'>][] = [
  ['0..1', { scale: 1 / 255, mean: [0, 0, 0], std: [1, 1, 1] }],
  ['-1..1', { scale: 1 / 255, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] }],
  ['ImageNet mean and std', { scale: 1 / 255, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] }],
  ['0..255', { scale: 1, mean: [0, 0, 0], std: [1, 1, 1] }],
];

/** The configured preprocessing, and what else networks are commonly trained with: other scalings, RGB and BGR. */
export function preprocessingVariants(configured: Preprocessing): Variant<Preprocessing>[] {
  const variants: Variant<Preprocessing>[] = [{ name: 'as configured', value: configured }];
  const seen = new Set([key(configured)]);
  for (const channels of [configured.channels, configured.channels === 'rgb' ? 'bgr' : 'rgb'] as const)
    for (const [name, scaling] of [['configured scaling', configured] as const, ...scalings]) {
      const { scale, mean, std } = scaling;
      const value: Preprocessing = { ...configured, channels, scale, mean, std };
      if (seen.has(key(value))) continue;
      seen.add(key(value));
      variants.push({ name: `${channels.toUpperCase()}, ${name}`, value });
    }
  return variants;
}

/** What a pixel becomes: black, white and the order of channels. Differences below a grey level do not count. */
function key({ scale, mean, std, channels }: Preprocessing): string {
  const ends = mean.flatMap((value, index) => [0, 255].map((pixel) => (pixel * scale - value) / (std[index] ?? 1)));
  return `${channels} ${ends.map((end) => end.toFixed(1)).join(' ')}`;
}
