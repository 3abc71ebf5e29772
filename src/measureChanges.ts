import type * as z from 'zod';
import type { Earlier } from './classifier/earlier.ts';
import { countTrained, learnedFrom } from './classifier/trainedPhotos.ts';
import { amongHeads } from './evaluation/chooseHead.ts';
import { compareHoldout, verdicts } from './evaluation/compare.ts';
import { type Judgement, judge } from './evaluation/judge.ts';
import { balancedWeights } from './heads/balance.ts';
import type { FitContext, Problem } from './heads/head.ts';
import { headNamed, heads } from './heads/registry.ts';
import type { ImageItem } from './images/imageSet.ts';
import { indexOfLargest, mean } from './numerics/statistics.ts';
import type { changesResult } from './report/trainResult.ts';
import type { Split } from './split/split.ts';
import type { TrainOptions } from './trainOptions.ts';

/** Classes that came and went since an earlier classifier. */
export function classesChanged({ card: { labels }, source }: Earlier, classes: readonly string[]) {
  return {
    from: source,
    added: classes.filter((label) => !labels.includes(label)),
    removed: labels.filter((label) => !classes.includes(label)),
  };
}

/**
 * The kind of an earlier classifier's head, as `--head` names it. One that `auto` had chosen is chosen anew: it was chosen
 * on photos of which this run may keep some out, and what is chosen on a photo is not judged by it.
 */
export function kindOf({ card: { head } }: Earlier): string {
  return head.chosenBy ?? head.name;
}

/** Photos (row numbers) that an earlier classifier learned from. */
export function photosHad({ card }: Earlier, ids: readonly string[]): Int32Array {
  const knew = learnedFrom(card.training.photos);
  return Int32Array.from(ids.keys()).filter((row) => knew(ids[row]));
}

/** Of what it had learned from, a head must have this share again to stand for the earlier one. */
const leastShare = 0.5;

/**
 * Why an earlier head cannot be trained again, if so.
 * @param known photos of its that are there
 * @param wanted photos that it had learned from
 */
export function tooFewKnown(known: number, wanted: number): string | undefined {
  if (known > 0 && known >= leastShare * wanted) return undefined;
  const which = known === 0 ? 'none' : `only ${known.toLocaleString('en-US')}`;
  const are = known > 1 ? 'are' : 'is';
  return `${which} of the photos that it had learned from ${are} known to be among these, too few to train it again`;
}

/** A run that began from an earlier classifier. */
export interface RunFromEarlier<Judged> {
  readonly classes: readonly string[];
  readonly items: readonly ImageItem[];
  /** SHA-256 of each photo. */
  readonly ids: readonly string[];
  /** The photos, without views. */
  readonly photos: Problem;
  /** Group of each photo. */
  readonly groups: Int32Array;
  readonly split: Split;
  readonly judged: Judged;
}

/** Of photos with one class each; `budget` is for a head that `auto` had chosen. */
type ClassRunFromEarlier = RunFromEarlier<Judgement<unknown, unknown>> & Pick<TrainOptions, 'budget'>;

/**
 * What changed since an earlier classifier. It may have learned from the very photos that this run keeps out, so it is not
 * asked itself: in this run's split a head of its kind is trained again on the photos that it had, less those that are kept out, and
 * both are judged on these.
 */
export async function measureChanges(
  earlier: Earlier,
  { classes, items, ids, photos, groups, split, judged, budget }: ClassRunFromEarlier,
  context: FitContext,
): Promise<z.infer<typeof changesResult>> {
  const { card } = earlier;
  const before = card.labels;
  const had = photosHad(earlier, ids).filter((row) => before.includes(classes[photos.labels[row]]));
  const kind = kindOf(earlier);
  const common = { ...classesChanged(earlier, classes), head: kind, known: had.length };
  const how = kind === 'auto' ? amongHeads(heads, headNamed('softmax'), budget) : headNamed(kind);
  const few = tooFewKnown(had.length, countTrained(card.training.photos) * shareOf(card, classes));
  if (few) return { ...common, notCompared: few };
  if (typeof how !== 'function' && how.needs === 'spatial' && !photos.spatial)
    return { ...common, notCompared: 'its head reads feature maps, and these were not computed' };
  const weights = card.training.balance
    ? balancedWeights(
        had.map((row) => photos.labels[row]),
        classes.length,
      )
    : undefined;
  const photoWeights = new Float32Array(ids.length);
  for (const [i, row] of had.entries()) photoWeights[row] = weights?.[i] ?? 1;
  const again = await judge(how, photos, split, { photoWeights, refit: false }, context);
  const shared = [...classes.keys()].filter((label) => before.includes(classes[label]));
  const logitsOf = ({ logits: { columns, data } }: Pick<typeof judged, 'logits'>, row: number) =>
    data.subarray(row * columns, (row + 1) * columns);
  const answers = Array.from(judged.rows.subarray(0, judged.photosOnce), (photo, row) => {
    const logits = logitsOf(again, row);
    return {
      path: items[photo].path,
      label: classes[photos.labels[photo]],
      before: classes[shared[indexOfLargest(shared.map((label) => logits[label]))]],
      after: classes[indexOfLargest(logitsOf(judged, row))],
      group: groups[photo],
    };
  }).filter(({ label }) => before.includes(label));
  if (answers.length === 0)
    return { ...common, notCompared: 'none of the photos that judge are of classes that it knows' };
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
      verdict: verdicts[better],
      flipped: answers
        .filter((answer) => answer.before !== answer.after)
        .map(({ group: _, ...answer }) => ({ ...answer, became: became(answer) })),
    },
  };
}

/** The share of what a classifier was trained on that is of the given classes. */
function shareOf({ training }: Earlier['card'], classes: readonly string[]): number {
  const sum = (some: typeof training.classes) => some.reduce((total, { count }) => total + count, 0);
  return sum(training.classes.filter(({ label }) => classes.includes(label))) / sum(training.classes);
}

function became({ label, before, after }: { label: string; before: string; after: string }) {
  if (after === label) return 'right';
  return before === label ? 'wrong' : 'other';
}
