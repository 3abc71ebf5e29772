/** Training from photos to the file and report, on one page. */

import { requireTask } from '../classifier/card.ts';
import type { PreviousClassifier } from '../classifier/previous.ts';
import { CarafeError } from '../errors.ts';
import { type Choose, timesTaken } from '../evaluation/choose.ts';
import { requirePooled, withBottleneck } from '../evaluation/chooseBottleneck.ts';
import { withFinetuning } from '../evaluation/chooseFinetuned.ts';
import { amongHeads } from '../evaluation/chooseHead.ts';
import { measureClassGains } from '../evaluation/classGains.ts';
import { crossValidate } from '../evaluation/crossValidate.ts';
import { curveHead, measureLearningCurve } from '../evaluation/learningCurve.ts';
import { measureUnknown } from '../evaluation/unknown.ts';
import { measureWithoutGroups } from '../evaluation/withoutGroups.ts';
import { extractFeatures } from '../features/extract.ts';
import { balancedWeights } from '../heads/balance.ts';
import { inputsOf, photosOf, readBy } from '../heads/head.ts';
import { isTooMuchToOptimise } from '../heads/manyClasses.ts';
import { type AnyHead, requireNeeds } from '../heads/registry.ts';
import { viewsOf } from '../images/view.ts';
import type { CalibrationData } from '../metrics/outOfFold.ts';
import type { AnyTrainResult } from '../results/trainResult.ts';
import { lostPhotos, testedSide, withoutSmall } from '../sets/refineSet.ts';
import type { Targets } from '../sets/targets.ts';
import { groupPhotos } from '../split/groupPhotos.ts';
import { makeSplit } from '../split/makeSplit.ts';
import { fittedParts } from '../split/split.ts';
import { refuse, taskOf } from '../tasks/registry.ts';
import type { AnyTask } from '../tasks/task.ts';
import { checkRobustness } from './checkRobustness.ts';
import { comparePrevious, kindOf } from './comparePrevious.ts';
import { compareViews } from './compareViews.ts';
import { backboneReadAs, choosingDepths, depthsOf, plainBackbone } from './depths.ts';
import { doctorBeside } from './doctorBeside.ts';
import { planFinetuning, withoutMirrored, withStage } from './finetune.ts';
import { finishRun } from './finishRun.ts';
import { cutNotes, frame, framedBackbone, framingCard, framingResult, inFraming, seenByPrevious } from './frame.ts';
import { fittingContext, openRun, previousFrom } from './openRun.ts';
import type { TrainOptions, TrainPlatform } from './options.ts';
import { sightOf, withLooksOf } from './sight.ts';
import { findSet } from './understand.ts';
import { writeReport } from './writeReport.ts';

/** How often few photos are judged anew where a head takes seconds a training part; from `manyPhotos` on, once. */
const slowRepeats = 2;
const manyPhotos = 150;

/**
 * Trains a classifier: find, read, extract, split, fit, evaluate, make the file, report. Everything that differs between
 * single-label and multi-label is in the task.
 * @param source a folder with one sub-folder per class, or a list (.csv, .json, .jsonl)
 * @throws CarafeError for everything that a user can fix
 */
export async function train(source: string, options: TrainOptions, platform: TrainPlatform): Promise<AnyTrainResult> {
  const set = await findSet(source, options, platform);
  const task = taskOf(set);
  const { compareWith, views: viewOptions, refit, falsePositiveRate, coverage = 0.95, onStage, onWarning } = options;

  // Make sure of everything before hours of work are spent.
  refuse(task, options);
  const previous =
    compareWith === undefined
      ? undefined
      : await previousFrom(compareWith, platform, (card, named) => requireTask(card, named, task.name));
  const candidates = candidatesOf(task, options, previous);
  const run = await openRun(set, task.kind, options, platform, previous);
  const { context, curves, watch } = run;
  if (candidates.length === 1) requireNeeds(candidates[0], run.backbone);
  const sight = sightOf(run.backbone, options, previous);
  const heads = withLooksOf(sight, candidates);
  const own = plainBackbone(run.backbone);
  const needs = heads.map((each) => each.needs);
  const depths = depthsOf(options, run.backbone, needs, set.items.length * (1 + (viewOptions?.count ?? 0)));

  // Look at each photo once; what the cache knows is not looked at again.
  const plan = await planFinetuning(set, task, own, options, platform);
  const extracting = {
    ...context,
    needs: { spatial: needs.includes('spatial'), depths: depths !== 'last' },
    views: viewsOf(viewOptions),
    progress: options.onProgress,
    onWarning,
    limits: options.limits,
  };
  const first = { ...own, preprocessing: sight.first };
  const extracted = await extractFeatures(set.items, first, platform, withStage(extracting, plan));
  const extraction = withoutMirrored(extracted, plan);
  const { items } = extraction;
  watch.lap('extraction');
  const lost = lostPhotos(set, extraction);
  if (lost.classes.length > 0 && options.minPhotos === undefined)
    throw new CarafeError(
      'TOO_FEW_IMAGES',
      `${lost.classes.join('; ')}.`,
      `Convert or replace the photos${testedSide(set) ? '' : ', or use `minPhotos: 2` to leave out classes with fewer photos that can be used'}.`,
    );
  for (const note of lost.classes) onWarning?.(note);

  // Split so that equal and nearly equal photos stay on one side.
  const targets = task.targets(set.classes, items);
  onStage?.('Looking for near-duplicates');
  const fitting = fittingContext(context, options);
  const grouped = await groupPhotos(extraction, targets.labels, fitting);
  const { ids, groups } = grouped;
  const enough = withoutSmall(set, { items, groups }, options.minPhotos);
  if (enough) return train(source, options, { ...platform, findImageSet: async () => enough });
  for (const note of lost.part) onWarning?.(note);
  const isSlow = heads.length > 1 || options.bottleneck === 'auto' || heads[0].slow;
  const mostRepeats = plan ? 1 : isSlow ? (items.length < manyPhotos ? slowRepeats : 1) : undefined;
  const dealt = { ...grouped, ...targets, seed: context.seed };
  const split = makeSplit({ ...dealt, folds: options.folds, mostRepeats });

  // Look again, where another framing is better or several looks are wanted.
  const photoWeights = options.balance
    ? balancedWeights(targets.labels, set.classes.length)
    : new Float32Array(items.length).fill(1);
  for (const each of heads) {
    const warning = each.leavesOut?.({ ...extraction.features, classes: set.classes.length });
    if (warning) onWarning?.(warning);
  }
  const parts = fittedParts(split).length * (split.innerFolds + 1);
  const isLarge = isTooMuchToOptimise(items.length, set.classes.length, parts);
  const isFree = options.head === undefined && !previous && options.bottleneck === undefined;
  if (isLarge && isFree && task.light) {
    heads.splice(0, 1, task.light);
    onWarning?.(
      `With ${set.classes.length.toLocaleString('en-US')} classes of few photos, ${task.usual.name} would take very long, so the head is ${task.light.name} and there is no learning curve. Use \`head: '${task.usual.name}'\` to train it anyway.`,
    );
  }
  watch.lap('fitting');
  const looking = { sight, backbone: own, extraction, platform, extracting, depths, plan, onStage };
  const seen = await frame(looking, { task, targets, split, groups, photoWeights }, context);
  const { problem } = seen;
  for (const note of cutNotes(seen, extraction.photos)) onWarning?.(note);
  watch.lap('extraction');

  // Fit, choosing inside the training part, and answer for what was kept out of it.
  onStage?.(heads.length > 1 ? 'Comparing heads' : 'Fitting the head');
  const by = heads.length > 1 || heads[0].slow || heads[0].needs === 'spatial' ? task.usual : heads[0];
  const plain = choosingDepths(howToFit(heads, task, options), depths, by);
  const frozen = inFraming(seen, plain);
  const how = plan ? withFinetuning(frozen, plan.stage, { ...options, ...plan }) : frozen;
  const calibrate = (data: CalibrationData<Targets>) => task.calibration.fit(data, { coverage, groups });
  const judging = { targets, calibrate, groups, photoWeights, refit };
  const held = await crossValidate(how, problem, split, { ...judging, onScore: curves?.addScore }, fitting);
  const { leaderboard, widths, finetuning } = held.file;
  const [head, read] = readBy(held.file.head, problem);
  const photos = photosOf(read);
  const taken = { head, settings: held.settings };
  const backbone = backboneReadAs(framedBackbone(seen, held.file.head), depths, held.file.head.reads);
  watch.lap('fitting');

  // Measure.
  onStage?.('Evaluating');
  const probabilities = task.calibration.probabilities(held.logits, held.calibrations);
  const answered = { ...held, probabilities };
  const paths = items.map(({ path }) => path);
  const measured = task.evaluate(answered, targets, { paths, groups, heldOut: true, seed: context.seed });
  const torn = { ...dealt, photoWeights };
  // A fine-tuned stage would be trained once more for each part, for a figure that chooses nothing.
  const withoutGroups =
    head.needs === 'stage' ? undefined : await measureWithoutGroups(task.metric, taken, read, split, torn, context);
  const judged = { task, photos: photosOf(problem), targets, groups, split, answered };
  const views =
    viewOptions &&
    (await compareViews({ ...judged, how, photoWeights, options: viewOptions, extraction, watch }, context));
  const sights = await framingResult(seen, judged, { how: plain, photoWeights }, held, context);
  const before = previous && (await seenByPrevious(looking, previous, seen, task.usual));
  const changes =
    previous &&
    (await comparePrevious(previous, { ...judged, ...before, items, ids, budget: options.budget }, context));
  onStage?.('Learning to recognise unknown photos');
  const unknown = await measureUnknown({ ...targets, photos, groups, ids, split, refit, falsePositiveRate }, fitting);
  onStage?.('Drawing the learning curve');
  const grown = { photos, targets, split, groups };
  const drawnWith = isLarge ? undefined : await curveHead(taken, task.usual, photos, split, fitting);
  const learningCurve = drawnWith && (await measureLearningCurve(task.metric, drawnWith, grown, fitting));
  const morePhotos = drawnWith && !targets.truth ? await measureClassGains(drawnWith, grown, fitting) : undefined;
  const weighed = { problem: read, split, groups, weights: photoWeights };
  const { extraction: seconds } = watch.seconds();
  const robustness = options.robustness
    ? await checkRobustness({ ...weighed, taken, extraction, backbone, seconds }, options, platform, context)
    : undefined;
  onStage?.('Checking the labels');
  // Neighbours are those in the last features: earlier depths know textures, and cost twice the time.
  const features = inputsOf({ reads: held.file.head.reads?.filter((name) => name !== 'all') }, problem).features;
  const labelErrors = await task.labelErrors?.(
    { ...grouped, ...targets, features, paths, seed: context.seed },
    context,
  );
  onStage?.('Writing the classifier and the report');

  // Make the one file, say what came out, and draw it.
  const chosenBy = heads.length > 1 ? ('auto' as const) : undefined;
  const framing = framingCard(seen, backbone);
  const trained = { set, extraction, grouped, split, head, judged: held, framing, chosenBy, unknown };
  const finished = await finishRun(trained, measured, { ...run, backbone }, options, platform);
  const situation = {
    ...{ ...options, classes: finished.classes, backbone: backbone.name },
    ...{ leaks: finished.split.leaks, series: finished.duplicates.series?.labels },
  };
  const about = items.map(({ path }, row) => ({ ...extraction.photos[row], path }));
  const { calibration: _, ...figures } = measured;
  const result: AnyTrainResult = {
    ...finished,
    ...figures,
    verdict: task.verdict(measured.evaluation, situation),
    unlabelled: targets.truth && items.filter(({ labels }) => labels.length === 0).length,
    withoutGroups,
    labelErrors,
    shortcuts: task.shortcuts(about, targets, groups, context.seed),
    doctor: await doctorBeside(options.out, extraction, platform),
    learningCurve,
    morePhotos,
    robustness,
    leaderboard: leaderboard && {
      ...leaderboard,
      inParts: timesTaken(held.parts.map((part) => part.head.name)).map(({ value, parts }) => ({ name: value, parts })),
    },
    widths: widths && {
      ...widths,
      inParts: timesTaken(held.parts.map((part) => part.widths?.chosen ?? null)).map(({ value, parts }) => ({
        width: value,
        parts,
      })),
    },
    ...sights,
    finetuning: finetuning && {
      ...finetuning,
      inParts: timesTaken(held.parts.map((part) => part.finetuning?.chosen ?? false)).map(
        ({ value, parts: times }) => ({
          chosen: value,
          parts: times,
        }),
      ),
    },
    views,
    changes,
  };
  await curves?.addResult(result);
  await writeReport(result, extraction, platform);
  return result;
}

/** @throws CarafeError USAGE for options that ask for what only a frozen network gives */
function requireFrozenOnly({ robustness, bottleneck, looks }: TrainOptions): void {
  const given = [
    robustness && '`robustness` looks at bad photos through the frozen network',
    bottleneck !== undefined && '`bottleneck` narrows the features of a frozen network',
    looks !== undefined && looks > 1 && '`looks` averages the features of a frozen network',
  ].find((each) => each);
  if (!given) return;
  throw new CarafeError('USAGE', `${given}, so it does not go with \`finetune\`.`, 'Leave one of them out.');
}

/** The candidate heads: one, or with `auto` all that fit. @throws CarafeError USAGE */
function candidatesOf(task: AnyTask, options: TrainOptions, previous?: PreviousClassifier): AnyHead[] {
  const { head, budget, bottleneck, finetune } = options;
  const wanted = head ?? (previous && kindOf(previous)) ?? task.usual.name;
  const isAuto = wanted === 'auto';
  const isTuned = finetune !== undefined && finetune !== 'off';
  if (budget !== undefined && !isAuto && !isTuned)
    throw new CarafeError(
      'USAGE',
      '`budget` is for comparing heads and for fine-tuning.',
      "Use it with `head: 'auto'` or `finetune: 'auto'`, or leave it out.",
    );
  if (isTuned) requireFrozenOnly(options);
  const heads = isAuto
    ? task.heads.filter(({ needs }) => bottleneck === undefined || needs === 'pooled')
    : [task.headNamed(wanted)];
  if (bottleneck !== undefined) for (const each of heads) requirePooled(each);
  return heads;
}

function howToFit(
  heads: readonly AnyHead[],
  { usual }: AnyTask,
  { budget, bottleneck }: TrainOptions,
): AnyHead | Choose<unknown, unknown> {
  const plain = heads.length > 1 ? amongHeads(heads, usual, budget) : heads[0];
  return bottleneck === undefined ? plain : withBottleneck(plain, bottleneck);
}
