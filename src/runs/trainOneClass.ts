/** One-class training from photos to the file and report. */

import type { Backbone } from '../backbone/backbone.ts';
import { requireOneClassCard } from '../classifier/detector.ts';
import { makeDetector } from '../classifier/make.ts';
import { trainedPhotos } from '../classifier/trainedPhotos.ts';
import { findShortcuts } from '../doctor/shortcuts.ts';
import { oneClassVerdict } from '../doctor/verdict.ts';
import { CarafeError } from '../errors.ts';
import { crossValidateOneClass } from '../evaluation/crossValidateOneClass.ts';
import { extractLooks } from '../features/looks.ts';
import { hasTokens, patchNeeds, patchTables } from '../features/patchMaps.ts';
import { oneClassHeadNamed, otherOneClassHead, settingsFor, usualOneClassHead } from '../heads/oneClass/registry.ts';
import { type Framing, framingOf, withLooks } from '../images/framing.ts';
import { heatmapColours } from '../images/heatmapColours.ts';
import { message } from '../message.ts';
import { alarmsOf, oneClassFiguresOf } from '../metrics/oneClassFigures.ts';
import { type OneClassPictures, oneClassPictures, oneClassReport } from '../report/oneClassReport.ts';
import type { OneClassResult } from '../results/oneClassResult.ts';
import { lostPhotos, testedSide } from '../sets/refineSet.ts';
import { groupPhotos } from '../split/groupPhotos.ts';
import { oneClassFolds } from '../split/oneClassFolds.ts';
import { findSeries } from '../split/series.ts';
import { compareOneClass } from './compareOneClass.ts';
import { backboneReadAs, oneClassDepths, readDepths } from './depths.ts';
import { findNormal } from './findNormal.ts';
import { fittingContext, openRun, previousFrom } from './openRun.ts';
import type { OneClassOptions, OneClassPlatform } from './options.ts';
import { cardFacts, filesIn, resultFacts } from './runFacts.ts';
import { sightOf, withLooksOf } from './sight.ts';

/** Fewer normal photos do not say what is normal. */
const leastNormal = 10;

/**
 * Trains a one-class classifier (anomaly detection): fits on normal photos only, sets a split conformal threshold on held-out
 * ones, and tests on the others, if any.
 * @param source a folder of normal photos; or a folder with one sub-folder per class, or a list, in which the class
 * `options.normal` is normal and the others only test. If it has its own test part, only that part tests
 * @throws CarafeError for everything that a user can fix
 */
export async function trainOneClass(
  source: string,
  options: OneClassOptions,
  platform: OneClassPlatform,
): Promise<OneClassResult> {
  const { onStage, onWarning, falsePositiveRate, compareWith } = options;
  const previous =
    compareWith === undefined ? undefined : await previousFrom(compareWith, platform, requireOneClassCard);
  const named = options.head ?? previous?.card.head.name;
  const asked = named === undefined ? undefined : oneClassHeadNamed(named);

  // Find the photos. The network sees the whole of each, so that no border goes unseen.
  const { set, label } = await findNormal(source, options, platform);
  const run = await openRun(set, { normal: label }, options, platform);
  const sight = sightOf(run.backbone, {
    ...options,
    framing: usualFraming(run.backbone, options.framing),
    views: undefined,
  });
  const backbone = { ...run.backbone, preprocessing: withLooks(sight.own, framingOf(sight.first), sight.looks) };
  const [head] = withLooksOf(sight, [asked ?? usualOneClassHead(backbone)]);
  const depths = oneClassDepths(options, backbone, head, set.items.length);
  const context = { ...run.context, memoryLimit: options.memoryLimit };
  const { watch } = run;
  const { seed } = context;
  const extraction = await extractLooks(set.items, backbone, platform, {
    ...context,
    needs: { ...patchNeeds(head, backbone), depths: depths === 'all' },
    progress: options.onProgress,
    onWarning: options.onWarning,
    limits: options.limits,
  });
  const { items } = extraction;
  for (const note of lostPhotos(set, extraction).part) options.onWarning?.(note);
  const isAbnormal = ({ labels }: { readonly labels: readonly string[] }) => labels[0] !== label;
  const abnormal = new Set(set.items.filter(isAbnormal).map(({ path }) => path));
  const lostAbnormal = extraction.failed.filter(({ path }) => abnormal.has(path));
  if (lostAbnormal.length > 0 && !items.some(isAbnormal))
    options.onWarning?.(
      `No abnormal photo can be used, so it is unknown how many it catches; ${lostAbnormal[0].path}: ${lostAbnormal[0].reason}.`,
    );
  const normal = Uint8Array.from(items, ({ labels }) => Number(labels[0] === label));
  const given = testedSide({ items });
  const held = items.map(({ split }) => given !== undefined && split === given);
  const isLearned = (row: number) => normal[row] === 1 && !held[row];
  const count = items.filter((_, row) => isLearned(row)).length;
  const lostNormal = extraction.failed.filter(({ path }) => !abnormal.has(path));
  requireEnough(count, label, options.force === true, lostNormal);
  watch.lap('extraction');

  // Deal them out, equal and nearly equal photos together.
  const kinds = Int32Array.from(normal, (one) => 1 - one);
  onStage?.('Looking for near-duplicates');
  const { ids, groups } = await groupPhotos(extraction, kinds, fittingContext(context, options));
  const series = findSeries(extraction.photos.slice(0, items.length), items, groups, seed);
  if (series) onWarning?.(series.sentence);
  const dealt = oneClassFolds({
    labels: kinds,
    classes: ['normal', 'abnormal'],
    groups,
    ids,
    given: held.map((one) => (one ? ('test' as const) : undefined)),
    seed,
  });
  const groupCount = new Set(groups.filter((_, row) => isLearned(row))).size;
  if (dealt.folds === 0)
    onWarning?.(
      count === 1
        ? 'There is only one normal photo, so the threshold is a guess.'
        : `The ${count} normal photos are all equal or nearly equal, so the threshold is a guess.`,
    );

  // Fit, score what was kept out, and set the threshold by it.
  onStage?.('Fitting the head');
  const inputs = { features: readDepths(extraction, depths).features, maps: patchTables(backbone, extraction) };
  const settings = settingsFor(head, hasTokens(backbone));
  const problem = { inputs, normal, ...dealt, groups, falsePositiveRate };
  const judged = await crossValidateOneClass(head, settings, problem, fittingContext(context, options));
  watch.lap('fitting');

  // Measure.
  onStage?.('Evaluating');
  const { scores, threshold, thresholds, suspects, withoutSuspects } = judged;
  const labels = items.map((item) => item.labels[0]);
  const kept = given && keptApart(given, held, normal, groups);
  const how = kept
    ? kept.reason
    : dealt.folds > 0
      ? 'Each photo was scored by a model that had not seen it, with a threshold set on still other photos.'
      : 'There were no other photos to test on, so these figures are too good.';
  const judgedRows = [...held.keys()].filter((row) => !given || held[row]);
  const evaluation = oneClassFiguresOf(
    {
      scores: Float32Array.from(judgedRows, (row) => scores[row]),
      thresholds: Float64Array.from(judgedRows, (row) => thresholds[row]),
      normal: Uint8Array.from(judgedRows, (row) => normal[row]),
      labels: judgedRows.map((row) => labels[row]),
      groups: Int32Array.from(judgedRows, (row) => groups[row]),
      seed,
    },
    how,
  );

  const changes =
    previous &&
    (await compareOneClass(
      previous,
      { ...{ backbone, problem, items, ids, judged }, rows: Int32Array.from(judgedRows) },
      context,
    ));

  // Make the one file, which proves itself before it is written.
  const ofFile = backboneReadAs(backbone, depths);
  const facts = {
    ...cardFacts(ofFile, head.name, settings),
    framing: { own: sight.own.resize },
  };
  const rejection = {
    value: threshold.threshold,
    falsePositiveRate: { target: falsePositiveRate, guaranteed: threshold.guaranteed },
  };
  const classifier = await makeDetector(
    { backbone: ofFile, head, fitted: judged.fitted, places: judged.places },
    {
      ...facts,
      task: 'one-class',
      labels: ['normal', 'abnormal'],
      threshold: rejection,
      training: {
        normal: count,
        seed,
        folds: dealt.folds,
        photos: trainedPhotos(ids.filter((_, row) => isLearned(row))),
      },
      evaluation,
    },
    context,
    platform.prepare,
  );
  const files = filesIn(options.out);
  await platform.write(files.classifier, classifier);
  watch.lap('evaluation');

  // Say what came out, and draw it.
  const alarms = alarmsOf(judged.lines, { scores, normal, labels, groups, seed }, Int32Array.from(judgedRows));
  const order = judgedRows.toSorted((a, b) => scores[b] - thresholds[b] - (scores[a] - thresholds[a]));
  const result: OneClassResult = {
    ...resultFacts(set, extraction, ofFile),
    task: 'one-class',
    normal: { label, count, groups: groupCount },
    abnormal: set.classes
      .filter((kind) => kind !== label)
      .map((kind) => ({ label: kind, count: labels.filter((one) => one === kind).length })),
    head: facts.head,
    threshold: {
      ...rejection,
      withoutSuspects: withoutSuspects
        ? { value: withoutSuspects.threshold, guaranteed: withoutSuspects.guaranteed }
        : null,
    },
    folds: dealt.folds,
    split: kept,
    seed,
    evaluation,
    verdict: oneClassVerdict(evaluation, {
      ...{ otherHead: otherOneClassHead(head.name), backbone: backbone.name, alarms },
    }),
    alarms,
    shortcuts: normal.includes(0)
      ? findShortcuts(
          items.map(({ path }, row) => ({ ...extraction.photos[row], path })),
          kinds,
          [label, 'the others'],
          groups,
          seed,
          'kinds',
        )
      : [],
    changes,
    suspects: suspects.map((row) => ({ path: items[row].path, score: scores[row] })),
    photos: order.map((row) => ({
      path: items[row].path,
      label: labels[row],
      score: scores[row],
      line: thresholds[row],
      isNormal: scores[row] <= thresholds[row],
    })),
    seconds: watch.seconds(),
    files: { ...files, classifierBytes: classifier.length },
    again: options.again?.(seed),
  };
  const wanted = oneClassPictures(result);
  const shown = Int32Array.from(normal.keys()).filter((row) => wanted.has(items[row].path));
  const heatmaps = judged.places ? await judged.heatmaps(shown) : new Map();
  const pictures = new Map<string, OneClassPictures>();
  for (const row of shown) {
    const heatmap = heatmaps.get(row);
    const overlay = heatmap && judged.places && heatmapColours(heatmap, judged.places);
    const plain = await platform.photograph(items[row].file, undefined);
    if (!plain) continue;
    const heated = overlay && (await platform.photograph(items[row].file, overlay));
    pictures.set(items[row].path, { plain, heated });
  }
  await platform.write(files.report, oneClassReport(result, pictures));
  return result;
}

/** What is to be said of the set's own split. */
function keptApart(
  side: 'test' | 'val',
  held: readonly boolean[],
  normal: Uint8Array,
  groups: Int32Array,
): NonNullable<OneClassResult['split']> {
  const rows = [...held.keys()];
  const tested = rows.filter((row) => held[row]);
  const learned = rows.filter((row) => !held[row]);
  const testGroups = new Set(tested.map((row) => groups[row]));
  const leaks = learned.filter((row) => testGroups.has(groups[row])).length;
  const normals = tested.filter((row) => normal[row] === 1).length;
  const leaked =
    leaks > 0
      ? ` ${leaks} of the training photos ${leaks === 1 ? 'is' : 'are'} equal or nearly equal to a test photo, so these figures are too good. --ignore-split splits all photos anew.`
      : '';
  return {
    train: learned.length,
    test: tested.length,
    leaks,
    reason: `The set's own split is kept: trained on ${learned.length} normal photos, tested on the ${side} part (${normals} normal and ${tested.length - normals} other photos).${leaked}`,
  };
}

function requireEnough(count: number, label: string, force: boolean, failed: OneClassResult['images']['failed']): void {
  if (count >= leastNormal || (force && count > 0)) return;
  const [first] = failed;
  const lost = first ? message` ${failed.length} could not be used; ${first.path}: ${first}.` : '';
  throw new CarafeError(
    'TOO_FEW_IMAGES',
    message`'${label}' has only ${count} readable normal photos; at least ${leastNormal} are needed to learn what is normal.${lost}`,
    `Add normal photos: 100 allow a false-positive rate of 1%. Or train anyway with \`force\`, and do not rely on the threshold.`,
  );
}

/** Whole photos, squashed, unless told: so that no border goes unseen. What was extracted is as it is. */
function usualFraming(
  { isExtracted }: Pick<Backbone, 'isExtracted'>,
  framing: OneClassOptions['framing'] = isExtracted ? undefined : 'auto',
): Framing | undefined {
  return framing === 'auto' ? 'squash' : framing;
}
