import { describe } from './backbone/backbone.ts';
import { settingsSchema } from './classifier/card.ts';
import { makeClassifier } from './classifier/make.ts';
import { trainedPhotos } from './classifier/trainedPhotos.ts';
import { CarafeError } from './errors.ts';
import { evaluateLabels } from './evaluation/evaluateLabels.ts';
import { judgeCalibrated } from './evaluation/judge.ts';
import { calibrateLabels, labelProbabilities } from './evaluation/labelCalibration.ts';
import { measureUnknown } from './evaluation/unknown.ts';
import { extractFeatures } from './features/extract.ts';
import { thumbnails } from './features/thumbnails.ts';
import { sigmoid } from './heads/sigmoid.ts';
import { type ImageSet, requireLabels } from './images/imageSet.ts';
import { openLiveCurves } from './liveCurves.ts';
import { labelPictures, labelsReport } from './report/labelsReport.ts';
import type { LabelsResult } from './report/labelsResult.ts';
import { trainCommand } from './report/trainCommand.ts';
import { groupDuplicates } from './split/duplicates.ts';
import { makeSplit } from './split/makeSplit.ts';
import { learnedRows, splitSizes } from './split/split.ts';
import { Stopwatch } from './stopwatch.ts';
import type { TrainOptions, TrainPlatform } from './trainOptions.ts';
import { version } from './version.ts';

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
  const { signal, onStage, onWarning, seed = 0 } = options;
  const threads = options.threads ?? platform.cores;
  const watch = new Stopwatch(['extraction', 'fitting', 'evaluation']);
  refuse(options);
  requireLabels(set);
  for (const note of set.notes ?? []) onWarning?.(note);
  await platform.ensureFolder(options.out);
  const curves = options.tensorboard === undefined ? undefined : await openLiveCurves(options.tensorboard, platform);
  const backbone = await platform.resolveBackbone(options.backbone ?? 'embedded', options);

  // Look at each photo once.
  const extraction = await extractFeatures(set.items, backbone, platform, {
    threads,
    signal,
    progress: options.onProgress,
  });
  const { features, items, photos } = extraction;
  watch.lap('extraction');

  // Split so that equal photos stay on one side, and each label is on both.
  const labelSets = items.map(({ labels }) => labels.map((label) => set.classes.indexOf(label)));
  const combinations = [...new Set(items.map(({ labels }) => labels.toSorted().join('\0')))];
  const labels = Int32Array.from(items, (item) => combinations.indexOf(item.labels.toSorted().join('\0')));
  const ids = photos.map(({ sha256 }) => sha256);
  const hashes = photos.map(({ hash }) => hash);
  const ownGroups = items.map(({ group }) => group);
  const { groups, duplicates, conflicts } = groupDuplicates({ features, ids, hashes, labels, given: ownGroups });
  const given = items.map((item) => item.split);
  const { folds } = options;
  const split = makeSplit({ labels, labelSets, classes: set.classes, groups, ids, given, seed, folds });

  // Fit, choosing settings, calibration and thresholds inside the training part.
  onStage?.('Fitting the head');
  const context = { openSession: platform.openSession, threads, seed, signal };
  const columns = set.classes.length;
  const truth = new Uint8Array(items.length * columns);
  for (const [row, own] of labelSets.entries()) for (const label of own) truth[row * columns + label] = 1;
  const judged = await judgeCalibrated(
    sigmoid,
    { features, labels, truth, classes: columns },
    split,
    { photoWeights: new Float32Array(items.length).fill(1), refit: options.refit, onScore: curves?.addScore },
    (outOfFold, validated) => calibrateLabels(outOfFold, validated, truth),
    context,
  );
  watch.lap('fitting');

  // Measure.
  onStage?.('Evaluating');
  const { rows, logits, calibration, calibrations } = judged;
  const plain = { scale: set.classes.map(() => 1), shift: set.classes.map(() => 0), thresholds: [] };
  const evaluation = evaluateLabels({
    labels: set.classes,
    paths: Array.from(rows, (row) => items[row].path),
    truth: Uint8Array.from(logits.data, (_, at) => truth[rows[Math.floor(at / columns)] * columns + (at % columns)]),
    probabilities: labelProbabilities(logits, calibrations),
    uncalibrated: labelProbabilities(logits, plain),
    thresholds: (row) => calibrations[row].thresholds,
    fileThresholds: calibration.thresholds,
    groups: rows.map((row) => groups[row]),
    photosOnce: judged.photosOnce,
    seed,
  });

  const { falseReject, refit } = options;
  const { fitted: unknownHead, unknown } = await measureUnknown(
    { photos: extraction, labels, labelSets, classes: set.classes, groups, ids, split, refit, falseReject },
    context,
  );

  // Make the one file, which proves itself before it is written.
  const classes = set.classes.map((label, index) => ({
    label,
    count: labelSets.filter((own) => own.includes(index)).length,
  }));
  const headCard = { name: sigmoid.name, settings: settingsSchema.parse(judged.settings) };
  const file = split.kind === 'folds' || refit ? 'refitted' : 'measured';
  const classifier = await makeClassifier(
    { backbone, head: sigmoid, fitted: judged.fitted, unknown: unknownHead },
    {
      version,
      labels: [...set.classes],
      task: 'multi-label',
      backbone: { ...describe(backbone), cut: backbone.cut },
      preprocessing: backbone.preprocessing,
      head: headCard,
      calibration,
      training: {
        classes,
        seed,
        balance: false,
        split: { kind: split.kind, reason: split.reason, file },
        photos: trainedPhotos(learnedRows(split, options.refit).map((row) => ids[row])),
      },
      evaluation,
      unknown,
    },
    context,
    platform.prepare,
  );
  const files = { classifier: `${options.out}/classifier.onnx`, report: `${options.out}/report.html` };
  await platform.write(files.classifier, classifier);
  watch.lap('evaluation');

  // Say what came out, and draw it.
  const { found, cached, computed, failed } = extraction;
  const result: LabelsResult = {
    version,
    command: 'train',
    task: 'multi-label',
    images: { source: set.source, found, cached, computed, failed: [...failed] },
    classes,
    unlabelled: labelSets.filter((own) => own.length === 0).length,
    duplicates: {
      groups: duplicates.map((group) => group.map((row) => items[row].path)),
      conflicts: conflicts.map((group) =>
        group.map((row) => ({ path: items[row].path, label: items[row].labels.join('|') })),
      ),
    },
    backbone: { ...describe(backbone), inputSize: backbone.preprocessing.crop },
    split: { kind: split.kind, ...splitSizes(split), seed, reason: split.reason, file },
    head: headCard,
    evaluation,
    unknown,
    seconds: watch.seconds(),
    files: { ...files, classifierBytes: classifier.length, tensorboard: curves?.file },
    again: trainCommand(set.source, { ...options, seed }),
  };
  const pictured = new Set(labelPictures(result));
  const shown = items.flatMap(({ path, file }, row) => (pictured.has(path) ? [{ path, file, sha256: ids[row] }] : []));
  await platform.write(files.report, labelsReport(result, await thumbnails(shown, platform)));
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
