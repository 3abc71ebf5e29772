/** The card: metadata inside a classifier's file, as a schema. */

import { en } from 'zod/locales';
import * as z from 'zod/mini';
import { CarafeError } from '../errors.ts';
import { unknownCard } from '../evaluation/unknown.ts';
import type { Preprocessing } from '../images/preprocessing.ts';
import { distortions } from '../images/view.ts';
import { message, messageOf } from '../message.ts';
import { classCalibration } from '../metrics/classCalibration.ts';
import { evaluation } from '../metrics/evaluation.ts';
import { labelCalibration } from '../metrics/labelCalibration.ts';
import { labelEvaluation } from '../metrics/labelEvaluation.ts';
import { oneClassFigures, rejection } from '../metrics/oneClass.ts';
import type { SetRule } from '../metrics/predictionSets.ts';
import { trainedPhotosCard } from './trainedPhotos.ts';

// What is wrong with a card is said in words, which this small entry of zod brings along only where it is told to.
z.config(en());

const channels3 = z.tuple([z.number(), z.number(), z.number()]);
// No classifier looks at longer edges, and a hostile card shall not ask for gigabytes.
const size = z.int().check(z.positive(), z.maximum(4096));

const resize = z.discriminatedUnion('rule', [
  z.object({ rule: z.literal('shortest-edge'), size }),
  z.object({ rule: z.literal('squash'), height: size, width: size }),
  z.object({ rule: z.literal('contain'), height: size, width: size }),
]);
const frame = z.object({
  resize,
  mirror: z.optional(z.literal(true)),
});

export const preprocessingSchema: z.ZodMiniType<Preprocessing> = z.extend(frame, {
  kernel: z.enum(['nearest', 'bilinear', 'bicubic', 'lanczos3']),
  crop: z.object({ height: size, width: size }),
  scale: z.number(),
  mean: channels3,
  std: channels3,
  channels: z.enum(['rgb', 'bgr']),
  layout: z.enum(['nchw', 'nhwc']),
  input: z.enum(['float32', 'float16', 'uint8']),
  looks: z.optional(z.array(frame).check(z.maxLength(15))),
});

export const settingsSchema = z.record(z.string(), z.union([z.number(), z.string(), z.boolean()]));

const numbers = z.array(z.number());

/** A drawn image and what the classifier gave for it when it was made: each output's numbers. */
const selfTestImage = z.object({ height: size, width: size, features: numbers });

function selfTest<I extends z.ZodMiniType, T extends z.ZodMiniType>(image: I, tolerance: T) {
  return z.object({ formula: z.string(), images: z.array(image).check(z.minLength(1), z.maxLength(16)), tolerance });
}

const spatialCut = z.object({
  tensor: z.string(),
  channels: z.int().check(z.positive()),
  layout: z.enum(['nchw', 'nhwc', 'tokens', 'sequence']),
  skip: z.int().check(z.nonnegative()),
});

/** What every card says. */
const common = z.object({
  version: z.string(),
  backbone: z.object({
    name: z.string(),
    hash: z.string(),
    licence: z.optional(z.string()),
    width: z.int(),
    cut: z.string(),
    /** Where the network inside the file has its last feature map, in the network's own names; older files do without. */
    spatial: z.optional(spatialCut),
    /** Where the features are those of several depths: the network's own, and the statistics beside them. */
    depths: z.optional(
      z.object({
        features: z.string(),
        width: z.int().check(z.positive()),
        pooled: z.object({
          layout: z.literal('pooled'),
          channels: z.int().check(z.positive()),
          parts: z.readonly(
            z.array(
              z.object({
                name: z.string(),
                map: spatialCut,
                statistics: z.readonly(z.array(z.enum(['mean', 'spread', 'max']))),
              }),
            ),
          ),
        }),
      }),
    ),
    /** Where its last stage begins, if a fine-tuned head reads it there. */
    stage: z.optional(spatialCut),
  }),
  preprocessing: preprocessingSchema,
  /** Where photos are not framed as for the network itself, or the framing was chosen: the network's own, and how. */
  framing: z.optional(z.object({ own: resize, chosenBy: z.optional(z.literal('auto')) })),
  head: z.object({
    name: z.string(),
    settings: settingsSchema,
    /** Whether the head was chosen among several by cross-validation; absent where it was named. */
    chosenBy: z.optional(z.literal('auto')),
  }),
});

/** What is said of classes that photos are given. */
const named = z.extend(common, {
  labels: z.array(z.string()).check(
    z.minLength(1),
    z.refine((labels) => new Set(labels).size === labels.length, 'a label appears twice'),
  ),
  training: z.object({
    classes: z.array(z.object({ label: z.string(), count: z.int() })),
    seed: z.int(),
    balance: z.boolean(),
    /** Distorted views of each photo that were trained on, too. */
    views: z.optional(z.extend(distortions, { count: z.int() })),
    split: z.object({ kind: z.enum(['holdout', 'folds']), reason: z.string(), file: z.enum(['measured', 'refitted']) }),
    photos: z.optional(trainedPhotosCard),
    /** Whether the head has forgotten photos that are still listed, since their class was removed. */
    forgot: z.optional(z.literal(true)),
  }),
  /** How photos of none of the classes are recognised; older files do without. */
  unknown: z.optional(unknownCard),
  selfTest: selfTest(
    z.extend(selfTestImage, { probabilities: numbers, unknownScore: z.optional(numbers) }),
    z.object({ features: z.number(), probabilities: z.number(), unknownScore: z.optional(z.number()) }),
  ),
});

/** Names one of several classes. */
const classCard = z
  .extend(named, {
    task: z.literal('single-label'),
    labels: named.shape.labels.check(z.minLength(2)),
    calibration: classCalibration,
    evaluation: z.pick(evaluation, {
      accuracy: true,
      logLoss: true,
      ece: true,
      perClass: true,
      sets: true,
      method: true,
    }),
  })
  .check(
    z.refine(
      ({ labels, calibration: { bias } }) => bias === undefined || bias.length === labels.length,
      'the calibration has another number of classes',
    ),
  );

/** Gives each photo several labels, or none. */
const labelCard = z
  .extend(named, {
    task: z.literal('multi-label'),
    calibration: labelCalibration,
    evaluation: z.omit(labelEvaluation, { reliability: true, mistakes: true, photos: true }),
  })
  .check(
    z.refine(
      ({ labels, calibration }) => Object.values(calibration).every(({ length }) => length === labels.length),
      'the calibration has another number of labels',
    ),
  );

/** Tells normal photos from all others. */
const oneClassCard = z.extend(common, {
  task: z.literal('one-class'),
  labels: z.tuple([z.literal('normal'), z.literal('abnormal')]),
  /** For heads that look at patches: places of the heatmap, what a place usually has, and what nearly none has. */
  heatmap: z.optional(z.object({ height: size, width: size, usual: z.number(), high: z.number() })),
  /** Photos with a higher `score` are called abnormal. */
  threshold: rejection,
  training: z.object({
    normal: z.int(),
    seed: z.int(),
    folds: z.int(),
    photos: z.optional(trainedPhotosCard),
  }),
  evaluation: oneClassFigures,
  selfTest: selfTest(
    z.extend(selfTestImage, { score: numbers, heatmap: z.optional(numbers) }),
    z.object({ features: z.number(), score: z.number(), heatmap: z.optional(z.number()) }),
  ),
});

/** What the file says of itself: one entry of `metadata_props` a key, `carafe.` before it, the value as JSON. */
export const card = z.discriminatedUnion('task', [classCard, labelCard, oneClassCard]);
export type Card = z.infer<typeof card>;
export type ClassCard = z.infer<typeof classCard>;
export type LabelCard = z.infer<typeof labelCard>;
export type OneClassCard = z.infer<typeof oneClassCard>;

/** How a classifier's sets of classes are made; undefined where it gives none. */
export function setRuleOf(card: Card): SetRule | undefined {
  return card.task === 'single-label' ? card.calibration.set : undefined;
}

const prefix = 'carafe.';

/** Keys that the schema does not name (paths of photos, for one) stay out of the file. */
export function cardToMetadata(value: Card): Map<string, string> {
  const result = card.safeParse(value);
  if (!result.success) throw new TypeError(`its card cannot be written: ${oneLine(result.error)}`);
  const said = Object.entries(result.data).filter(([, part]) => part !== undefined);
  return new Map(said.map(([key, part]) => [prefix + key, JSON.stringify(part)]));
}

/**
 * Reads the card out of a file's metadata.
 * @throws CarafeError NOT_A_CLASSIFIER where there is none, or a broken one; `source` names the file.
 */
export function cardFromMetadata(metadata: ReadonlyMap<string, string>, source: string): Card {
  if (!metadata.has(`${prefix}labels`))
    throw new CarafeError(
      'NOT_A_CLASSIFIER',
      message`${source} is an ONNX network, but not a classifier made by Carafe.`,
      'Give the classifier.onnx that `carafe train` wrote. To train on a network, give it as `backbone`.',
    );
  const own = [...metadata].filter(([key]) => key.startsWith(prefix));
  const result = card.safeParse(
    Object.fromEntries(own.map(([key, text]) => [key.slice(prefix.length), withNewNames(parseJson(text))])),
  );
  if (result.success) return result.data;
  throw new CarafeError(
    'NOT_A_CLASSIFIER',
    message`The card inside ${source} is broken: ${oneLine(result.error)}`,
    'The file was changed or made by a newer Carafe. Update Carafe, or train it again.',
  );
}

const kinds = {
  'single-label': {
    is: 'gives each photo one class, but these photos have several labels, or none',
    hint: 'Give a classifier trained on photos with one class each.',
  },
  'multi-label': {
    is: 'was trained on photos with several labels, and gives each photo any number of them',
    hint: 'Give a classifier trained on photos with several labels.',
  },
} as const;

/** @throws CarafeError NOT_A_CLASSIFIER if the classifier has another task */
export function requireTask<Name extends keyof typeof kinds>(
  found: Card,
  source: string,
  task: Name,
): Extract<ClassCard | LabelCard, { task: Name }> {
  const named = requireNamedCard(found, source);
  if (isOfTask(named, task)) return named;
  throw new CarafeError('NOT_A_CLASSIFIER', message`${source} ${messageOf(kinds[named.task].is)}.`, kinds[task].hint);
}

function isOfTask<Name extends keyof typeof kinds>(
  card: ClassCard | LabelCard,
  task: Name,
): card is Extract<ClassCard | LabelCard, { task: Name }> {
  return card.task === task;
}

/** @throws CarafeError NOT_A_CLASSIFIER for a one-class classifier */
export function requireNamedCard(
  found: Card,
  source: string,
  hint = 'Give a classifier trained on a folder with one sub-folder per class.',
): ClassCard | LabelCard {
  if (found.task !== 'one-class') return found;
  throw new CarafeError(
    'NOT_A_CLASSIFIER',
    message`${source} has no classes: it was trained with \`trainOneClass\` and only separates normal photos from others.`,
    hint,
  );
}

/** The first of what is wrong. */
function oneLine(error: z.core.$ZodError): string {
  const [first, ...more] = error.issues;
  const where = first?.path.join('.') ?? '';
  return `${where && `${where}: `}${first?.message ?? 'unknown'}${more.length > 0 ? ` (and ${more.length} more)` : ''}`;
}

/** Keys that the first release wrote, and what they are called now. */
const newNames = new Map([
  ['falseReject', 'falsePositiveRate'],
  ['miss', 'falseNegativeRate'],
  ['wanted', 'target'],
  ['promised', 'guaranteed'],
  ['blind', 'baseline'],
]);

/** A card of the first release with the keys of today. Several labels had the exact match ratio under `accuracy`. */
function withNewNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withNewNames);
  if (typeof value !== 'object' || value === null) return value;
  const isOfLabels = 'meanAveragePrecision' in value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [
      isOfLabels && key === 'accuracy' ? 'exactMatch' : (newNames.get(key) ?? key),
      withNewNames(part),
    ]),
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
