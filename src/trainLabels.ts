import { CarafeError } from './errors.ts';
import { evaluateLabels } from './evaluation/evaluateLabels.ts';
import { judgeCalibrated } from './evaluation/judge.ts';
import { calibrateLabels, labelProbabilities } from './evaluation/labelCalibration.ts';
import { measureUnknown } from './evaluation/unknown.ts';
import { extractFeatures } from './features/extract.ts';
import { finishRun } from './finishRun.ts';
import { photosOf, problemOf } from './heads/head.ts';
import { sigmoid } from './heads/sigmoid.ts';
import { type ImageSet, requireLabels } from './images/imageSet.ts';
import { openRun } from './openRun.ts';
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
  const { refit, falseReject, onStage } = options;
  refuse(options);
  requireLabels(set);
  const run = await openRun(set, options, platform);
  const { backbone, context, curves, watch } = run;

  // Look at each photo once.
  const extraction = await extractFeatures(set.items, backbone, platform, { ...context, progress: options.onProgress });
  const { items } = extraction;
  watch.lap('extraction');

  // Split so that equal photos stay on one side, and each label is on both.
  const { classes } = set;
  const labelSets = items.map(({ labels }) => labels.map((label) => classes.indexOf(label)));
  const sorted = items.map(({ labels }) => labels.toSorted().join('\0'));
  const combinations = [...new Set(sorted)];
  const labels = Int32Array.from(sorted, (combination) => combinations.indexOf(combination));
  const grouped = groupPhotos(extraction, labels);
  const { ids, groups } = grouped;
  const split = makeSplit({ ...grouped, labels, labelSets, classes, seed: context.seed, folds: options.folds });

  // Fit, choosing settings, calibration and thresholds inside the training part.
  onStage?.('Fitting the head');
  const columns = classes.length;
  const truth = new Uint8Array(items.length * columns);
  for (const [row, own] of labelSets.entries()) for (const label of own) truth[row * columns + label] = 1;
  const problem = problemOf(extraction, { labels, truth, classes: columns });
  const judged = await judgeCalibrated(
    sigmoid,
    problem,
    split,
    { photoWeights: new Float32Array(items.length).fill(1), refit, onScore: curves?.addScore },
    (outOfFold, validated) => calibrateLabels(outOfFold, validated, truth),
    context,
  );
  watch.lap('fitting');

  // Measure.
  onStage?.('Evaluating');
  const { rows, logits, calibration, calibrations } = judged;
  const plain = { scale: classes.map(() => 1), shift: classes.map(() => 0), thresholds: [] };
  const evaluation = evaluateLabels({
    labels: classes,
    paths: Array.from(rows, (row) => items[row].path),
    truth: Uint8Array.from(logits.data, (_, at) => truth[rows[Math.floor(at / columns)] * columns + (at % columns)]),
    probabilities: labelProbabilities(logits, calibrations),
    uncalibrated: labelProbabilities(logits, plain),
    thresholds: (row) => calibrations[row].thresholds,
    fileThresholds: calibration.thresholds,
    groups: rows.map((row) => groups[row]),
    photosOnce: judged.photosOnce,
    seed: context.seed,
  });
  const unknown = await measureUnknown(
    { photos: photosOf(problem), labels, labelSets, classes, groups, ids, split, refit, falseReject },
    context,
  );

  // Make the one file, say what came out, and draw it.
  const answers = { task: 'multi-label', calibration, evaluation } as const;
  const trained = { set, extraction, grouped, split, head: sigmoid, judged, unknown };
  const result: LabelsResult = {
    ...(await finishRun(trained, answers, run, options, platform)),
    task: 'multi-label',
    unlabelled: labelSets.filter((own) => own.length === 0).length,
    evaluation,
  };
  await writeReport(result.files.report, labelPictures(result), extraction, platform, (pictures) =>
    labelsReport(result, pictures),
  );
  return result;
}

/** @throws CarafeError USAGE for what has no meaning where photos have several labels */
function refuse({ head, from, views, balance, budget, bottleneck }: TrainOptions): void {
  const flags = [
    head !== undefined && head !== sigmoid.name && `--head ${head}`,
    from !== undefined && '--from',
    views && '--views',
    balance && '--balance',
    budget !== undefined && '--budget',
    bottleneck !== undefined && '--bottleneck',
  ].filter((flag) => typeof flag === 'string');
  if (flags.length === 0) return;
  throw new CarafeError(
    'USAGE',
    `${flags.join(', ')}: not where photos have several labels, or none; there each label has a ${sigmoid.name} head of its own.`,
    'Leave it out, or give each photo one label.',
  );
}
