import type * as z from 'zod';
import type { Backbone } from './backbone/backbone.ts';
import { catalogueEntry } from './backbone/catalogue.ts';
import { embedded } from './backbone/embedded.ts';
import { type Earlier, earlierProbabilities } from './classifier/earlier.ts';
import { CarafeError } from './errors.ts';
import { compareHoldout } from './evaluation/compare.ts';
import type { Judgement } from './evaluation/judge.ts';
import type { FitContext, Problem } from './heads/head.ts';
import type { ImageItem } from './images/imageSet.ts';
import { indexOfLargest, mean } from './numerics/statistics.ts';
import type { Matrix } from './platform.ts';
import type { changesResult } from './report/trainResult.ts';

/**
 * How to ask for the network of an earlier classifier.
 * @throws CarafeError USAGE where only the user has it
 */
export function backboneOf({ card: { backbone }, source }: Earlier): string {
  if (backbone.hash === embedded.hash) return 'embedded';
  if (catalogueEntry(backbone.name)) return backbone.name;
  throw new CarafeError(
    'USAGE',
    `--from ${source}: it was trained on the network ${backbone.name}, which is not in the catalogue.`,
    'Give the same network with --backbone.',
  );
}

/** A run that began from an earlier classifier. */
export interface RunFromEarlier {
  readonly backbone: Backbone;
  readonly classes: readonly string[];
  readonly items: readonly ImageItem[];
  /** The photos, without views. */
  readonly photos: Problem;
  /** Group of each photo. */
  readonly groups: Int32Array;
  readonly judged: Judgement<unknown, unknown>;
}

/**
 * What changed since an earlier classifier: both are judged on the photos that were kept out of this run's training.
 * The earlier one answers from the features in the cache; no photo is looked at again.
 */
export async function measureChanges(
  earlier: Earlier,
  { backbone, classes, items, photos, groups, judged }: RunFromEarlier,
  context: FitContext,
): Promise<z.infer<typeof changesResult>> {
  const before = earlier.card.labels;
  const common = {
    from: earlier.source,
    added: classes.filter((label) => !before.includes(label)),
    removed: before.filter((label) => !classes.includes(label)),
    trainedOnAll: earlier.card.training.split.file === 'refitted',
  };
  const probabilities = await earlierProbabilities(earlier, backbone, photos, context.openSession);
  if (!probabilities) return common;
  const answers = Array.from(judged.rows.subarray(0, judged.photosOnce), (photo, row) => ({
    path: items[photo].path,
    label: classes[photos.labels[photo]],
    before: before[largestIn(probabilities, photo)],
    after: classes[largestIn(judged.logits, row)],
    group: groups[photo],
  })).filter(({ label }) => before.includes(label));
  if (answers.length === 0) return common;
  const rightBefore = answers.map((answer) => Number(answer.before === answer.label));
  const rightAfter = answers.map((answer) => Number(answer.after === answer.label));
  const groupOf = Int32Array.from(answers, ({ group }) => group);
  const { difference, p, better } = compareHoldout(rightAfter, rightBefore, groupOf, context.seed);
  return {
    ...common,
    compared: {
      photos: answers.length,
      before: mean(rightBefore),
      after: mean(rightAfter),
      difference,
      p,
      verdict: ({ first: 'better', second: 'worse', tie: 'tie' } as const)[better],
      flipped: answers
        .filter((answer) => answer.before !== answer.after)
        .map(({ group: _, ...answer }) => ({ ...answer, became: became(answer) })),
    },
  };
}

function became({ label, before, after }: { label: string; before: string; after: string }) {
  if (after === label) return 'right';
  return before === label ? 'wrong' : 'other';
}

function largestIn({ columns, data }: Matrix, row: number): number {
  const values = data.subarray(row * columns, (row + 1) * columns);
  return indexOfLargest(values);
}
