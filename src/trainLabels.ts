import { requireLabelCard } from './classifier/card.ts';
import { CarafeError } from './errors.ts';
import { compareLabels, truthRows } from './evaluation/compareLabels.ts';
import { evaluateLabels } from './evaluation/evaluateLabels.ts';
import { judgeLabels } from './evaluation/judgeLabels.ts';
import { labelProbabilities } from './evaluation/labelCalibration.ts';
import { measureLabelCurve } from './evaluation/measureLabelCurve.ts';
import { findLabelShortcuts } from './evaluation/shortcuts.ts';
import { measureUnknown } from './evaluation/unknown.ts';
import { labelVerdict } from './evaluation/verdict.ts';
import { extractFeatures } from './features/extract.ts';
import { finishRun } from './finishRun.ts';
import { photosOf, problemOf } from './heads/head.ts';
import { labelHeadNamed } from './heads/registry.ts';
import type { ImageSet } from './images/imageSet.ts';
import { withoutSmall } from './images/refineSet.ts';
import { viewsOf } from './images/view.ts';
import { measureLabelChanges } from './measureLabelChanges.ts';
import { measureViews } from './measureViews.ts';
import { earlierFrom, fittingContext, openRun } from './openRun.ts';
import { labelPictures, labelsReport } from './report/labelsReport.ts';
import type { LabelsResult } from './report/labelsResult.ts';
import { groupPhotos } from './split/groupPhotos.ts';
import { makeSplit } from './split/makeSplit.ts';
import type { TrainOptions, TrainPlatform } from './trainOptions.ts';
import { writeReport } from './writeReport.ts';

/**
 * The way of photos with several labels or none: as `train`, but each label is a question of its own, with a probability,
 * a threshold and figures of its own.
 * @throws CarafeError for everything that a user can mend
 */
export async function trainLabels(
  set: ImageSet,
  options: TrainOptions,
  platform: TrainPlatform,
): Promise<LabelsResult> {
  const { from, views: viewOptions, refit, falseReject, onStage } = options;

  // Make sure of everything before hours of work are spent.
  refuse(options);
  const earlier = from === undefined ? undefined : await earlierFrom(from, platform, requireLabelCard);
  const head = labelHeadNamed(options.head ?? earlier?.card.head.name ?? 'sigmoid');
  const run = await openRun(set, 'labels', options, platform, earlier);
  const { backbone, context, curves, watch } = run;

  // Look at each photo once; what the cache knows is not looked at again.
  const extraction = await extractFeatures(set.items, backbone, platform, {
    ...context,
    views: viewsOf(viewOptions),
    progress: options.onProgress,
    onWarning: options.onWarning,
    limits: options.limits,
  });
  const { items } = extraction;
  watch.lap('extraction');

  // Split so that equal photos stay on one side, and each label is on both.
  const { classes } = set;
  const labelSets = items.map(({ labels }) => labels.map((label) => classes.indexOf(label)));
  const sorted = items.map(({ labels }) => labels.toSorted().join('\0'));
  const combinations = [...new Set(sorted)];
  const labels = Int32Array.from(sorted, (combination) => combinations.indexOf(combination));
  onStage?.('Looking for near-duplicates');
  const fitting = fittingContext(context, options);
  const grouped = await groupPhotos(extraction, labels, fitting);
  const { ids, groups } = grouped;
  const enough = withoutSmall(set, { items, groups }, options.minPhotos);
  if (enough) return trainLabels(enough, options, platform);
  const split = makeSplit({ ...grouped, labels, labelSets, classes, seed: context.seed, folds: options.folds });

  // Fit, choosing settings, calibration and thresholds inside the training part.
  onStage?.('Fitting the head');
  const columns = classes.length;
  const truth = new Uint8Array(items.length * columns);
  for (const [row, own] of labelSets.entries()) for (const label of own) truth[row * columns + label] = 1;
  const problem = problemOf(extraction, { labels, truth, classes: columns });
  const photos = photosOf(problem);
  const photoWeights = new Float32Array(items.length).fill(1);
  const judged = await judgeLabels(head, problem, split, { photoWeights, refit, onScore: curves?.addScore }, fitting);
  watch.lap('fitting');

  // Measure.
  onStage?.('Evaluating');
  const { rows, logits, probabilities, calibration, calibrations } = judged;
  const plain = { scale: classes.map(() => 1), shift: classes.map(() => 0), thresholds: [] };
  const evaluation = evaluateLabels({
    labels: classes,
    paths: Array.from(rows, (row) => items[row].path),
    truth: truthRows(truth, rows, columns),
    probabilities,
    uncalibrated: labelProbabilities(logits, plain),
    thresholds: (row) => calibrations[row].thresholds,
    fileThresholds: calibration.thresholds,
    groups: rows.map((row) => groups[row]),
    photosOnce: judged.photosOnce,
    folds: judged.folds,
    seed: context.seed,
  });
  const views =
    viewOptions &&
    (await measureViews({
      options: viewOptions,
      extraction,
      seconds: watch.seconds(),
      judgeWithout: () => judgeLabels(head, photos, split, { photoWeights, refit: false }, context),
      compareWith: (without) => compareLabels(judged, without, truth, groups, context.seed),
    }));
  const changes =
    earlier &&
    (await measureLabelChanges(earlier, { classes, items, ids, photos, truth, groups, split, judged }, context));
  onStage?.('Learning to tell unknown photos');
  const unknown = await measureUnknown(
    { photos, labels, labelSets, classes, groups, ids, split, refit, falseReject },
    fitting,
  );
  onStage?.('Drawing the learning curve');
  const learningCurve = await measureLabelCurve(head, judged.settings, photos, truth, split, groups, fitting);
  onStage?.('Writing the classifier and the report');

  // Make the one file, say what came out, and draw it.
  const answers = { task: 'multi-label', calibration, evaluation } as const;
  const trained = { set, extraction, grouped, split, head, judged, unknown };
  const finished = await finishRun(trained, answers, run, options, platform);
  const result: LabelsResult = {
    ...finished,
    verdict: labelVerdict(evaluation, { backbone: backbone.name, leaks: finished.split.leaks }),
    task: 'multi-label',
    unlabelled: labelSets.filter((own) => own.length === 0).length,
    evaluation,
    shortcuts: findLabelShortcuts(
      items.map(({ path }, row) => ({ ...extraction.photos[row], path })),
      truth,
      classes,
      groups,
      context.seed,
    ),
    learningCurve,
    views,
    changes,
  };
  await curves?.addResult(result);
  await writeReport(result.files.report, labelPictures(result), extraction, platform, (pictures) =>
    labelsReport(result, pictures),
  );
  return result;
}

/** @throws CarafeError USAGE for what has no meaning where photos have several labels */
function refuse({ balance, budget, bottleneck }: TrainOptions): void {
  if (balance)
    throw new CarafeError(
      'USAGE',
      '--balance: photos that have several labels, or none, cannot be balanced; each label has a threshold of its own, which allows for how rare it is.',
      'Leave it out.',
    );
  const flag = budget !== undefined ? '--budget' : bottleneck !== undefined ? '--bottleneck' : undefined;
  if (flag !== undefined)
    throw new CarafeError(
      'USAGE',
      `${flag}: not where photos have several labels, or none.`,
      'Leave it out, or give each photo one label.',
    );
}
