import { describe } from './backbone/backbone.ts';
import { settingsSchema } from './classifier/card.ts';
import { readEarlier, requireSameBackbone } from './classifier/earlier.ts';
import { makeClassifier } from './classifier/make.ts';
import { trainedPhotos } from './classifier/trainedPhotos.ts';
import { CarafeError } from './errors.ts';
import { chooseBottleneck } from './evaluation/chooseBottleneck.ts';
import { chooseHead } from './evaluation/chooseHead.ts';
import { evaluate } from './evaluation/evaluate.ts';
import { judge } from './evaluation/judge.ts';
import { curveHead, measureCurve } from './evaluation/measureCurve.ts';
import { measureUnknown } from './evaluation/unknown.ts';
import { extractFeatures } from './features/extract.ts';
import { firstRows } from './features/mapTable.ts';
import { thumbnails } from './features/thumbnails.ts';
import { balancedWeights } from './heads/balance.ts';
import { photosOf } from './heads/head.ts';
import { headNamed, heads, requireNeeds } from './heads/registry.ts';
import { isMultiLabel, requireClasses } from './images/imageSet.ts';
import { distortionsOf, viewsOf } from './images/view.ts';
import { openLiveCurves } from './liveCurves.ts';
import { backboneOf, measureChanges } from './measureChanges.ts';
import { measureViews } from './measureViews.ts';
import type { LabelsResult } from './report/labelsResult.ts';
import { picturesFor } from './report/pictures.ts';
import { trainCommand } from './report/trainCommand.ts';
import { trainReport } from './report/trainReport.ts';
import type { TrainResult } from './report/trainResult.ts';
import { groupDuplicates } from './split/duplicates.ts';
import { makeSplit } from './split/makeSplit.ts';
import { learnedRows, splitSizes } from './split/split.ts';
import { Stopwatch } from './stopwatch.ts';
import { trainLabels } from './trainLabels.ts';
import type { TrainOptions, TrainPlatform } from './trainOptions.ts';
import { version } from './version.ts';

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
  const { signal, onStage, onWarning } = options;
  const set = await platform.findImageSet(source, options);
  if (isMultiLabel(set)) return trainLabels(set, options, platform);
  const threads = options.threads ?? platform.cores;
  const earlier = options.from === undefined ? undefined : readEarlier(await platform.read(options.from), options.from);
  const seed = options.seed ?? earlier?.card.training.seed ?? 0;
  const wanted = options.head ?? earlier?.card.head.name ?? 'softmax';
  if (options.budget !== undefined && wanted !== 'auto')
    throw new CarafeError('USAGE', '--budget is for comparing heads.', 'Give it with --head auto, or leave it out.');
  const candidates = wanted === 'auto' ? heads : [headNamed(wanted)];
  const watch = new Stopwatch(['extraction', 'fitting', 'evaluation']);

  // Make sure of everything before hours of work are spent.
  requireClasses(set);
  for (const note of set.notes ?? []) onWarning?.(note);
  await platform.ensureFolder(options.out);
  const curves = options.tensorboard === undefined ? undefined : await openLiveCurves(options.tensorboard, platform);
  const network = options.backbone ?? (earlier ? backboneOf(earlier) : 'embedded');
  const resolved = await platform.resolveBackbone(network, options);
  const backbone = earlier ? requireSameBackbone(resolved, earlier) : resolved;
  const spatial = candidates.some((each) => each.needs === 'spatial');
  if (wanted !== 'auto') requireNeeds(candidates[0], backbone);

  // Look at each photo once; what the cache knows is not looked at again.
  const extraction = await extractFeatures(set.items, backbone, platform, {
    threads,
    signal,
    needs: { spatial },
    views: viewsOf(options.views),
    progress: options.onProgress,
  });
  const { items, photos } = extraction;
  const { features } = firstRows(extraction, items.length);
  watch.lap('extraction');

  // Split so that equal and nearly equal photos stay on one side.
  const labels = Int32Array.from(items, ({ labels: [label] }) => set.classes.indexOf(label));
  const ids = photos.map(({ sha256 }) => sha256);
  const hashes = photos.map(({ hash }) => hash);
  const ownGroups = items.map(({ group }) => group);
  const { groups, duplicates, conflicts } = groupDuplicates({ features, ids, hashes, labels, given: ownGroups });
  const given = items.map((item) => item.split);
  const split = makeSplit({ labels, classes: set.classes, groups, ids, given, seed, folds: options.folds });

  // Fit, choosing inside the training part, and answer for what was kept out of it.
  onStage?.('Fitting the head');
  const context = { openSession: platform.openSession, threads, seed, signal };
  const classCount = set.classes.length;
  const problem = {
    ...extraction,
    labels: Int32Array.from({ length: extraction.features.rows }, (_, row) => labels[row % items.length]),
    classes: classCount,
    photos: items.length,
  };
  const photoWeights = options.balance ? balancedWeights(labels, classCount) : new Float32Array(labels.length).fill(1);
  const auto =
    wanted === 'auto'
      ? await chooseHead(candidates, problem, split, { photoWeights, budget: options.budget }, context)
      : undefined;
  const plain = auto?.head ?? headNamed(wanted === 'auto' ? 'softmax' : wanted);
  const narrow =
    options.bottleneck && (await chooseBottleneck(plain, options.bottleneck, problem, split, photoWeights, context));
  const head = narrow ? narrow.head : plain;
  const judging = { photoWeights, refit: options.refit, onScore: curves?.addScore };
  const judged = await judge(head, problem, split, judging, context);
  watch.lap('fitting');

  // Measure.
  onStage?.('Evaluating');
  const evaluation = evaluate({
    classes: set.classes,
    paths: Array.from(judged.rows, (row) => items[row].path),
    truth: judged.rows.map((row) => labels[row]),
    groups: judged.rows.map((row) => groups[row]),
    heldOut: true,
    logits: judged.logits,
    temperature: judged.temperatures,
    folds: judged.folds,
    photosOnce: judged.photosOnce,
    seed,
  });
  const run = { extraction, problem, split, judged, photoWeights, groups, seconds: watch.seconds() };
  const views = options.views && (await measureViews(head, { ...run, options: options.views }, context));
  const changes =
    earlier &&
    (await measureChanges(
      earlier,
      { classes: set.classes, items, ids, photos: photosOf(problem), groups, split, judged },
      context,
    ));
  const { falseReject, refit } = options;
  const { fitted: unknownHead, unknown } = await measureUnknown(
    { photos: photosOf(problem), labels, classes: set.classes, groups, ids, split, refit, falseReject },
    context,
  );
  const quick = await curveHead(head, judged.settings, photosOf(problem), split, context);
  const curve = await measureCurve(quick.head, quick.settings, photosOf(problem), split, groups, context);

  // Make the one file, which proves itself before it is written.
  const classes = set.classes.map((label, index) => ({
    label,
    count: labels.filter((value) => value === index).length,
  }));
  const headCard = { name: head.name, settings: settingsSchema.parse(judged.settings) };
  const file = split.kind === 'folds' || options.refit ? 'refitted' : 'measured';
  const classifier = await makeClassifier(
    { backbone, head, fitted: judged.fitted, unknown: unknownHead },
    {
      version,
      labels: [...set.classes],
      task: 'single-label',
      backbone: { ...describe(backbone), cut: backbone.cut },
      preprocessing: backbone.preprocessing,
      head: headCard,
      calibration: { temperature: judged.temperature },
      training: {
        classes,
        seed,
        views: options.views && { count: options.views.count, ...distortionsOf(options.views) },
        balance: options.balance,
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
  const result: TrainResult = {
    version,
    command: 'train',
    task: 'single-label',
    images: { source, found, cached, computed, failed: [...failed] },
    classes,
    duplicates: {
      groups: duplicates.map((rows) => rows.map((row) => items[row].path)),
      conflicts: conflicts.map((rows) => rows.map((row) => ({ path: items[row].path, label: items[row].labels[0] }))),
    },
    backbone: { ...describe(backbone), inputSize: backbone.preprocessing.crop },
    split: { kind: split.kind, ...splitSizes(split), seed, reason: split.reason, file },
    head: headCard,
    evaluation,
    unknown,
    learningCurve: curve,
    leaderboard: auto?.leaderboard,
    widths: narrow ? narrow.widths : undefined,
    views,
    changes,
    seconds: watch.seconds(),
    files: { ...files, classifierBytes: classifier.length, tensorboard: curves?.file },
    again: trainCommand(source, { ...options, seed }),
  };
  await curves?.addResult(result);
  const pictured = new Set(picturesFor(result));
  const shown = items.flatMap(({ path, file }, row) => (pictured.has(path) ? [{ path, file, sha256: ids[row] }] : []));
  await platform.write(files.report, trainReport(result, await thumbnails(shown, platform)));
  return result;
}
