/** What a service answers of a photo: what may be asked, and the answer's form. */

import * as z from 'zod';
import { type Card, setRuleOf } from '../classifier/card.ts';
import type { Prediction } from '../classifier/classifier.ts';
import type { Detection } from '../classifier/detector.ts';
import type { Remark } from '../images/remarks.ts';
import { photoDetection, photoPrediction } from '../results/predictResult.ts';
import { Problem } from './problem.ts';

const flag = z
  .enum(['true', 'false', '1', '0', ''])
  .transform((text) => text !== 'false' && text !== '0')
  .default(false);
/** What a request may ask for, as its query. */
export const askedQuery = z.strictObject({
  top: z
    .string()
    .regex(/^[1-9]\d{0,4}$/, 'a whole number from 1 on is expected')
    .transform(Number)
    .optional()
    .describe('How many classes to give, the likeliest first (1).'),
  features: flag.describe('Also give the bottleneck values, an embedding of the photo.'),
  heatmap: flag.describe('One-class classifiers that look at patches: also give where it is not normal.'),
  set: flag.describe(
    'Also give the set of classes that holds the right one as often as the card says (calibration.set).',
  ),
  threshold: z
    .string()
    .regex(/^-?\d+(\.\d+)?(e[+-]?\d+)?$/i, 'a number is expected')
    .transform(Number)
    .optional()
    .describe(
      "A threshold in place of the file's own: a class less probable than this is answered as unknown; where photos have several labels, those at least as probable are given; with one class, a higher score is abnormal.",
    ),
});
export type Asked = z.output<typeof askedQuery>;

/** @throws Problem BAD_REQUEST */
export function askedOf(query: Readonly<Record<string, string>>): Asked {
  const result = askedQuery.safeParse(query);
  if (result.success) return result.data;
  const [{ path, message }] = result.error.issues;
  const which = path.length > 0 ? `The parameter ${path.join('.')}` : 'The query';
  throw new Problem('BAD_REQUEST', `${which}: ${message}.`, '/docs lists all parameters.');
}

const features = z.array(z.number()).optional().describe('Bottleneck values, where they were asked for.');

/** The answer for a photo, of a classifier of classes or labels. */
export const servedPrediction = photoPrediction.omit({ path: true }).extend({ features });
/** The answer for a photo, of a one-class classifier. */
export const servedDetection = photoDetection.omit({ path: true, heatmap: true }).extend({
  features,
  heatmap: z
    .object({ height: z.number().int(), width: z.number().int(), data: z.array(z.number()) })
    .optional()
    .describe('Scores of places, row by row, lying evenly over the whole photo.'),
});
export type ServedAnswer = z.infer<typeof servedPrediction> | z.infer<typeof servedDetection>;

/** What an open classifier gave for a photo. */
export type Outcome =
  | { readonly kind: 'prediction'; readonly given: Prediction & { readonly features: Float32Array } }
  | { readonly kind: 'detection'; readonly given: Detection & { readonly features: Float32Array } };

/** The answer as a client gets it. @throws Problem BAD_REQUEST for what this kind of classifier does not have */
export function answerOf(outcome: Outcome, asked: Asked, remarks: readonly Remark[] | undefined): ServedAnswer {
  const beside = {
    ...(asked.features && { features: [...outcome.given.features] }),
    ...(remarks && { remarks: [...remarks] }),
  };
  return outcome.kind === 'detection'
    ? { ...detectionOf(outcome.given, asked), ...beside }
    : { ...predictionOf(outcome.given, asked), ...beside };
}

/** @throws Problem BAD_REQUEST for what this classifier does not have */
export function requireAsked(card: Card, asked: Asked): void {
  const wrong = (name: string, why: string) =>
    new Problem('BAD_REQUEST', `The parameter ${name} does not fit this classifier: ${why}.`, 'Leave it out.');
  if (card.task === 'one-class') {
    if (asked.top !== undefined) throw wrong('top', 'it has no classes');
    if (asked.set) throw wrong('set', 'it has no classes');
    if (asked.heatmap && !card.heatmap) throw wrong('heatmap', 'its head looks at the photo as a whole');
    return;
  }
  if (asked.heatmap) throw wrong('heatmap', 'only one-class classifiers have one');
  if (asked.set && !setRuleOf(card)) throw wrong('set', 'its file was made without one; train it again');
}

function detectionOf({ score, isNormal, heatmap }: Detection, { threshold, heatmap: isAsked }: Asked) {
  const normal = threshold === undefined ? isNormal : score <= threshold;
  return {
    label: normal ? ('normal' as const) : ('abnormal' as const),
    score,
    isNormal: normal,
    ...(isAsked && heatmap && { heatmap: { height: heatmap.height, width: heatmap.width, data: [...heatmap.data] } }),
  };
}

function predictionOf(given: Prediction, { top = 1, set, threshold }: Asked) {
  const { classes, unknownScore, isKnown } = given;
  const labels =
    given.labels && threshold !== undefined
      ? classes.filter(({ probability }) => probability >= threshold)
      : given.labels;
  return {
    ...named(given, labels, threshold),
    classes: classes.slice(0, top).map(({ label, probability }) => ({ label, probability })),
    ...(labels && { labels: [...labels] }),
    ...(set && given.set && { set: [...given.set] }),
    ...(unknownScore !== undefined && { unknownScore, isKnown }),
  };
}

function named(
  { label, probability, isKnown }: Prediction,
  labels: Prediction['labels'],
  threshold: number | undefined,
): Pick<Prediction, 'label' | 'probability'> {
  if (threshold === undefined || isKnown === false) return { label, probability };
  if (labels) {
    const [first] = labels;
    return first ? { label: first.label, probability: first.probability } : { label: 'none', probability: null };
  }
  return (probability ?? 0) < threshold ? { label: 'unknown', probability: null } : { label, probability };
}
