import { requireClassCard } from './classifier/card.ts';
import { CarafeError } from './errors.ts';
import { timesTaken } from './evaluation/choose.ts';
import { requirePooled, withBottleneck } from './evaluation/chooseBottleneck.ts';
import { amongHeads } from './evaluation/chooseHead.ts';
import { compareJudged } from './evaluation/compareJudged.ts';
import { evaluate } from './evaluation/evaluate.ts';
import { judge } from './evaluation/judge.ts';
import { curveHead, measureCurve } from './evaluation/measureCurve.ts';
import { findShortcuts } from './evaluation/shortcuts.ts';
import { softmaxRows } from './evaluation/softmaxRows.ts';
import { findLabelErrors } from './evaluation/suspects.ts';
import { measureUnknown } from './evaluation/unknown.ts';
import { classVerdict } from './evaluation/verdict.ts';
import { accuracyWithoutGroups } from './evaluation/withoutGroups.ts';
import { extractFeatures } from './features/extract.ts';
import { finishRun } from './finishRun.ts';
import { balancedWeights } from './heads/balance.ts';
import { photosOf, problemOf } from './heads/head.ts';
import { isTooMuchToOptimise } from './heads/manyClasses.ts';
import { headNamed, heads, requireNeeds } from './heads/registry.ts';
import { isMultiLabel } from './images/imageSet.ts';
import { withoutSmall } from './images/refineSet.ts';
import { viewsOf } from './images/view.ts';
import { kindOf, measureChanges } from './measureChanges.ts';
import { measureViews } from './measureViews.ts';
import { earlierFrom, fittingContext, openRun } from './openRun.ts';
import type { LabelsResult } from './report/labelsResult.ts';
import { picturesFor } from './report/pictures.ts';
import { trainReport } from './report/trainReport.ts';
import type { TrainResult } from './report/trainResult.ts';
import { groupPhotos } from './split/groupPhotos.ts';
import { makeSplit } from './split/makeSplit.ts';
import { trainLabels } from './trainLabels.ts';
import type { TrainOptions, TrainPlatform } from './trainOptions.ts';
import { findSet } from './understand.ts';
import { writeReport } from './writeReport.ts';

/** How often few photos are judged anew where a head takes seconds a training part; from `manyPhotos` on, once. */
const slowRepeats = 2;
const manyPhotos = 150;

/**
 * The whole way: find, read, extract, split, fit, judge, make the file, report. Photos with several labels, or none, go
 * the way of `trainLabels`.
 * @param source a folder with one sub-folder a class, or a .csv or .jsonl list
 * @throws CarafeError for everything that a user can mend
 */
export async function train(
  source: string,
  options: TrainOptions,
  platform: TrainPlatform,
): Promise<TrainResult | LabelsResult> {
  const set = await findSet(source, options, platform);
  if (isMultiLabel(set)) return trainLabels(set, options, platform);
  const { from, views: viewOptions, refit, falseReject, onStage } = options;

  // Make sure of everything before hours of work are spent.
  const earlier = from === undefined ? undefined : await earlierFrom(from, platform, requireClassCard);
  const wanted = options.head ?? (earlier && kindOf(earlier)) ?? 'softmax';
  if (options.budget !== undefined && wanted !== 'auto')
    throw new CarafeError('USAGE', '--budget is for comparing heads.', 'Give it with --head auto, or leave it out.');
  const isAuto = wanted === 'auto';
  const candidates = isAuto
    ? heads.filter(({ needs }) => !options.bottleneck || needs === 'pooled')
    : [headNamed(wanted)];
  if (options.bottleneck !== undefined) for (const each of candidates) requirePooled(each);
  const run = await openRun(set, 'classes', options, platform, earlier);
  const { backbone, context, curves, watch } = run;
  if (!isAuto) requireNeeds(candidates[0], backbone);

  // Look at each photo once; what the cache knows is not looked at again.
  const extraction = await extractFeatures(set.items, backbone, platform, {
    ...context,
    needs: { spatial: candidates.some((each) => each.needs === 'spatial') },
    views: viewsOf(viewOptions),
    progress: options.onProgress,
    onWarning: options.onWarning,
    limits: options.limits,
  });
  const { items } = extraction;
  watch.lap('extraction');

  // Split so that equal and nearly equal photos stay on one side.
  const { classes } = set;
  const placeOf = new Map(classes.map((label, place) => [label, place]));
  const labels = Int32Array.from(items, ({ labels: [label] }) => placeOf.get(label) ?? -1);
  onStage?.('Looking for near-duplicates');
  const fitting = fittingContext(context, options);
  const grouped = await groupPhotos(extraction, labels, fitting);
  const { ids, groups } = grouped;
  const enough = withoutSmall(set, { ...extraction, groups }, options.minPhotos);
  if (enough) return train(source, options, { ...platform, findImageSet: async () => enough });
  const isSlow = isAuto || options.bottleneck === 'auto' || candidates[0].slow;
  const dealt = { ...grouped, labels, classes, seed: context.seed };
  const split = makeSplit({
    ...dealt,
    folds: options.folds,
    mostRepeats: isSlow ? (labels.length < manyPhotos ? slowRepeats : 1) : undefined,
  });

  // Fit, choosing inside the training part, and answer for what was kept out of it.
  onStage?.(wanted === 'auto' ? 'Comparing heads' : 'Fitting the head');
  const problem = problemOf(extraction, { labels, classes: classes.length });
  const photos = photosOf(problem);
  const photoWeights = options.balance
    ? balancedWeights(labels, classes.length)
    : new Float32Array(labels.length).fill(1);
  const parts = split.kind === 'folds' ? split.folds * split.assignments.length + 1 : 1;
  const isLarge = isTooMuchToOptimise(labels.length, classes.length, parts * (split.innerFolds + 1));
  if (isLarge && options.head === undefined && !earlier && options.bottleneck === undefined) {
    candidates.splice(0, 1, headNamed('prototype'));
    options.onWarning?.(
      `With ${classes.length.toLocaleString('en-US')} classes of few photos, softmax would take very long: the head prototype is taken, and no learning curve is drawn. --head softmax takes softmax nonetheless.`,
    );
  }
  const plain = isAuto ? amongHeads(candidates, headNamed('softmax'), options.budget) : candidates[0];
  const how = options.bottleneck === undefined ? plain : withBottleneck(plain, options.bottleneck);
  const judged = await judge(how, problem, split, { photoWeights, refit, onScore: curves?.addScore }, fitting);
  const { head, leaderboard, widths } = judged.file;
  watch.lap('fitting');

  // Measure.
  onStage?.('Evaluating');
  const evaluation = evaluate({
    classes,
    paths: Array.from(judged.rows, (row) => items[row].path),
    truth: judged.rows.map((row) => labels[row]),
    groups: judged.rows.map((row) => groups[row]),
    heldOut: true,
    logits: judged.logits,
    temperature: judged.temperatures,
    bias: judged.bias,
    folds: judged.folds,
    photosOnce: judged.photosOnce,
    seed: context.seed,
  });
  const chosen = { head, settings: judged.settings };
  const withoutGroups = await accuracyWithoutGroups(chosen, problem, split, { ...dealt, photoWeights }, context);
  const views =
    viewOptions &&
    (await measureViews({
      options: viewOptions,
      extraction,
      seconds: watch.seconds(),
      judgeWithout: () => judge(how, photos, split, { photoWeights, refit: false }, context),
      compareWith: (without) => compareJudged(judged, without, labels, groups, context.seed),
    }));
  const { budget } = options;
  const changes =
    earlier && (await measureChanges(earlier, { classes, items, ids, photos, groups, split, judged, budget }, context));
  onStage?.('Learning to tell unknown photos');
  const unknown = await measureUnknown({ photos, labels, classes, groups, ids, split, refit, falseReject }, fitting);
  onStage?.('Drawing the learning curve');
  const quick = isLarge ? undefined : await curveHead(head, judged.settings, photos, split, fitting);
  const learningCurve = quick && (await measureCurve(quick.head, quick.settings, photos, split, groups, fitting));
  onStage?.('Writing the classifier and the report');

  // Make the one file, say what came out, and draw it.
  const answers = { task: 'single-label', calibration: judged.calibration, evaluation } as const;
  const chosenBy = isAuto ? ('auto' as const) : undefined;
  const trained = { set, extraction, grouped, split, head, judged, chosenBy, unknown };
  const finished = await finishRun(trained, answers, run, options, platform);
  const situation = { ...options, classes: finished.classes, backbone: backbone.name, leaks: finished.split.leaks };
  const result: TrainResult = {
    ...finished,
    task: 'single-label',
    evaluation,
    verdict: classVerdict(evaluation, situation),
    withoutGroups,
    labelErrors: findLabelErrors(softmaxRows(judged.logits, judged.temperatures), judged.rows, labels, {
      classes,
      paths: items.map(({ path }) => path),
    }),
    shortcuts: findShortcuts(
      items.map(({ path }, row) => ({ ...extraction.photos[row], path })),
      labels,
      classes,
      groups,
      context.seed,
    ),
    learningCurve,
    leaderboard: leaderboard && {
      ...leaderboard,
      inParts: timesTaken(judged.parts.map((part) => part.head.name)).map(({ value, parts }) => ({
        name: value,
        parts,
      })),
    },
    widths: widths && {
      ...widths,
      inParts: timesTaken(judged.parts.map((part) => part.widths?.chosen ?? null)).map(({ value, parts }) => {
        return { width: value, parts };
      }),
    },
    views,
    changes,
  };
  await curves?.addResult(result);
  await writeReport(result.files.report, picturesFor(result), extraction, platform, (pictures) =>
    trainReport(result, pictures),
  );
  return result;
}
