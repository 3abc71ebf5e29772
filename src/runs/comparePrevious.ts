/** Compares a new classifier with a previous one. */

import type * as z from 'zod';
import type { PreviousClassifier } from '../classifier/previous.ts';
import { countTrained, learnedFrom } from '../classifier/trainedPhotos.ts';
import type { Choose } from '../evaluation/choose.ts';
import { amongHeads } from '../evaluation/chooseHead.ts';
import { crossValidate } from '../evaluation/crossValidate.ts';
import { balancedWeights } from '../heads/balance.ts';
import { type FitContext, problemOf } from '../heads/head.ts';
import type { AnyHead } from '../heads/registry.ts';
import { compare, verdicts } from '../metrics/compare.ts';
import { figureOf, outcomesOf } from '../metrics/metric.ts';
import { gather } from '../numerics/rows.ts';
import type { changesResult } from '../results/trainResult.ts';
import type { Matrix } from '../runtime/platform.ts';
import type { ImageItem } from '../sets/imageSet.ts';
import { labelsOf, type Targets } from '../sets/targets.ts';
import type { JudgedRun } from './judgedRun.ts';

/** Of what it had learned from, a head must have this share again to stand for the earlier one. */
const leastShare = 0.5;

/** A run that is compared with an earlier classifier. */
export interface RunAfterPrevious extends JudgedRun {
  readonly items: readonly Pick<ImageItem, 'path'>[];
  /** SHA-256 of each photo. */
  readonly ids: readonly string[];
  /** Seconds that comparing heads may take, where `auto` had chosen the earlier one. */
  readonly budget?: number | undefined;
  /** Its heads on the framing that it would have taken. */
  readonly around?: ((how: AnyHead | Choose<unknown, unknown>) => AnyHead | Choose<unknown, unknown>) | undefined;
}

/**
 * The kind of an earlier classifier's head, as `--head` names it. One that `auto` had chosen is chosen anew: it was chosen
 * on photos of which this run may keep some out, and what is chosen on a photo is not judged by it.
 */
export function kindOf({ card: { head } }: PreviousClassifier): string {
  // A fine-tuned stage is no kind of head that could be named: what is trained again is the usual one on the frozen network.
  return head.chosenBy ?? (head.name === 'finetuned' ? 'softmax' : head.name);
}

/**
 * What changed since an earlier classifier. It may have learned from the very photos that this run keeps out, so it is not
 * asked itself: in this run's split a head of its kind is trained again on the photos that it had, less those that are kept out, and
 * both are judged on these. It answers with the classes that both know.
 */
export async function comparePrevious(
  previous: PreviousClassifier,
  { task, items, ids, photos, targets, groups, split, answered, budget, around }: RunAfterPrevious,
  context: FitContext,
): Promise<z.infer<typeof changesResult>> {
  const { card, source } = previous;
  const { classes } = targets;
  const { metric, calibration } = task;
  const shared = [...classes.keys()].filter((label) => card.labels.includes(classes[label]));
  const own = task.restrict(targets, shared);
  const knew = learnedFrom(card.training.photos);
  const had = own.photos.filter((row) => knew(ids[row]));
  const common = {
    previous: source,
    added: classes.filter((label) => !card.labels.includes(label)),
    removed: card.labels.filter((label) => !classes.includes(label)),
    head: kindOf(previous),
    known: had.length,
  };
  const few = tooFewKnown(had.length, expectedPhotos(card, targets));
  if (few) return { ...common, notCompared: few };
  if (shared.length === 0) return { ...common, notCompared: `it knows none of these ${task.kind}` };
  const how = common.head === 'auto' ? amongHeads(task.heads, task.usual, budget) : task.headNamed(common.head);
  if (typeof how !== 'function' && how.needs === 'spatial' && !photos.spatial)
    return { ...common, notCompared: 'its head reads feature maps, which were not computed' };

  // Train its head again.
  const weights = card.training.balance
    ? balancedWeights(
        had.map((row) => own.targets.labels[row]),
        shared.length,
      )
    : undefined;
  const photoWeights = new Float32Array(ids.length);
  for (const [i, row] of had.entries()) photoWeights[row] = weights?.[i] ?? 1;
  const again = await crossValidate(
    around?.(how) ?? how,
    problemOf(photos, own.targets),
    split,
    { targets: own.targets, calibrate: calibration.fit, groups, photoWeights, refit: false },
    context,
  );

  // Hold both against the photos that the question of both can be asked of.
  const judged = new Set(own.photos);
  const places = [...answered.rows.keys()].filter(
    (place) => place < answered.rowsPerRepeat && judged.has(answered.rows[place]),
  );
  if (places.length === 0)
    return { ...common, notCompared: `none of the test photos are of ${task.kind} that it knows` };
  const rows = Int32Array.from(places, (place) => answered.rows[place]);
  const before = {
    probabilities: gather(calibration.probabilities(again.logits, again.calibrations), places),
    calibrations: places.map((place) => again.calibrations[place]),
    targets: own.targets,
  };
  const after = task.comparable(
    {
      probabilities: gather(answered.probabilities, places),
      calibrations: places.map((place) => answered.calibrations[place]),
      targets,
    },
    shared,
  );
  const [first, second] = [after, before].map((side) => outcomesOf(metric, side.probabilities, side.targets, rows));
  const answers = { rows, outcomes: first, rowsPerRepeat: rows.length };
  const { difference, p, better } = compare(metric, answers, { outcomes: second }, own.targets, groups, context.seed);
  const given = ({ probabilities, calibrations, targets: { classes: names } }: typeof after, place: number) =>
    task.given(rowOf(probabilities, place), calibrations[place]).map((label) => names[label]);
  return {
    ...common,
    compared: {
      metric: metric.name,
      photos: rows.length,
      before: figureOf(metric, second, own.targets, rows),
      after: figureOf(metric, first, own.targets, rows),
      difference,
      p,
      verdict: verdicts[better],
      flipped: Array.from(rows, (photo, place) => ({
        path: items[photo].path,
        labels: labelsOf(own.targets, photo).map((label) => own.targets.classes[label]),
        before: given(before, place),
        after: given(after, place),
      }))
        .filter((answer) => !areSame(answer.before, answer.after))
        .map((answer) => ({ ...answer, became: became(answer) })),
    },
  };
}

/** How many of the photos that it learned from are of these classes; where photos have several labels, all may be. */
function expectedPhotos({ training }: PreviousClassifier['card'], { classes, truth }: Targets): number {
  const all = countTrained(training.photos);
  if (truth) return all;
  const sum = (some: typeof training.classes) => some.reduce((total, { count }) => total + count, 0);
  return (all * sum(training.classes.filter(({ label }) => classes.includes(label)))) / sum(training.classes);
}

/**
 * Why an earlier head cannot be trained again, if so.
 * @param known photos of its that are there
 * @param wanted photos that it had learned from
 */
export function tooFewKnown(known: number, wanted: number): string | undefined {
  if (known > 0 && known >= leastShare * wanted) return undefined;
  const which = known === 0 ? 'none' : `only ${known.toLocaleString('en-US')}`;
  const are = known > 1 ? 'are' : 'is';
  return `${which} of the photos it learned from ${are} known to be among these, too few to train it again`;
}

function rowOf({ columns, data }: Matrix, row: number): Float32Array {
  return data.subarray(row * columns, (row + 1) * columns);
}

function became({ labels, before, after }: Record<'labels' | 'before' | 'after', readonly string[]>) {
  if (areSame(after, labels)) return 'right';
  return areSame(before, labels) ? 'wrong' : 'other';
}

function areSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((label, i) => label === others[i]);
}
