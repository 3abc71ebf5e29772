/** The bottleneck study. */

import { CarafeError } from '../errors.ts';
import { extractLooks } from '../features/looks.ts';
import { thumbnails } from '../features/thumbnails.ts';
import { principalLayer, throughLayer } from '../heads/bottleneck.ts';
import type { Problem } from '../heads/head.ts';
import { framingOf, withLooks } from '../images/framing.ts';
import { compareFolds, verdicts } from '../metrics/compare.ts';
import { correctedFolds, foldShare } from '../metrics/intervals.ts';
import { largestOf } from '../numerics/statistics.ts';
import { studyPictures } from '../report/studyPictures.ts';
import { picturedOf, studyReport } from '../report/studyReport.ts';
import type { StudyResult } from '../results/studyResult.ts';
import { Stopwatch } from '../runtime/stopwatch.ts';
import { requireOneLabel } from '../sets/imageSet.ts';
import { refineSet } from '../sets/refineSet.ts';
import { groupPhotos } from '../split/groupPhotos.ts';
import { makeSplit } from '../split/makeSplit.ts';
import type { Folds, SplitInput } from '../split/split.ts';
import { answerOf, sentenceOf, type Terms } from '../study/answer.ts';
import { type Depth, kinds, studyRounds } from '../study/plan.ts';
import { portray } from '../study/portrait.ts';
import { type Studied, type StudyPoint, study } from '../study/study.ts';
import type { Measurers } from '../study/task.ts';
import { version } from '../version.ts';
import type { SeeingOptions, TrainOptions, TrainPlatform } from './options.ts';
import { imagesSeen } from './runFacts.ts';
import { sightOf } from './sight.ts';

const usualFolds = 5;

export interface StudyRunOptions
  extends SeeingOptions,
    Pick<
      TrainOptions,
      'out' | 'framing' | 'looks' | 'groupBy' | 'asClasses' | 'pathColumn' | 'labelColumn' | 'splitColumn' | 'encoding'
    > {
  readonly depth: Depth;
  /** Accuracy that a narrow bottleneck may lose, as a fraction. */
  readonly margin: number;
}

/** What a study needs of the place where it runs. */
export interface StudyPlatform extends TrainPlatform {
  /** @param count threads */
  readonly openMeasurers: (count: number, seed: number, signal: AbortSignal | undefined) => Measurers;
}

/**
 * Measures how narrow a bottleneck may be on the user's own photos, and what it costs; writes study.html and its
 * pictures.
 */
export async function runStudy(
  source: string,
  options: StudyRunOptions,
  platform: StudyPlatform,
): Promise<StudyResult> {
  const { depth, margin, seed = 0, signal, onStage, onWarning } = options;
  const threads = options.threads ?? platform.cores;
  const watch = new Stopwatch(['extraction', 'study']);
  if (options.framing === 'auto')
    throw new CarafeError(
      'USAGE',
      "`framing: 'auto'`: a study does not choose the framing.",
      'Give crop, squash or pad, or leave it out to see photos as the network was trained.',
    );
  const set = refineSet(await platform.findImageSet(source, { ...options, flat: true }), {});
  requireOneLabel(set);
  for (const note of set.notes ?? []) onWarning?.(note);
  await platform.ensureFolder(options.out);
  const network = await platform.resolveBackbone(options.backbone ?? 'embedded', options);
  const framing = options.framing ?? framingOf(network.preprocessing);
  const { own, looks } = sightOf(network, { framing, looks: options.looks });
  const backbone = { ...network, preprocessing: withLooks(own, framing, looks) };
  const extraction = await extractLooks(set.items, backbone, platform, {
    threads,
    signal,
    needs: { spatial: depth !== 'quick' && looks === 1 && !network.isExtracted, depths: !network.isExtracted },
    progress: options.onProgress,
    onWarning: options.onWarning,
    limits: options.limits,
  });
  const { features, spatial, representations, items } = extraction;
  watch.lap('extraction');

  const labels = Int32Array.from(items, ({ labels: [label] }) => set.classes.indexOf(label));
  const context = { openSession: platform.openSession, threads, seed, signal };
  const { ids, groups } = await groupPhotos(extraction, labels, context);
  const problem: Problem = { features, spatial, representations, labels, classes: set.classes.length };
  const given = items.map(() => undefined);
  const split = foldsOf({ labels, classes: set.classes, groups, ids, given, seed }, depth);
  let studied: Studied;
  if (split) {
    const threaded = platform.openMeasurers(threads, seed, signal);
    try {
      studied = await study(problem, split, { depth, onStage, measure: threaded.measure }, context);
    } finally {
      await threaded.close();
    }
  } else studied = await portraitAlone(problem, context, set.classes.length);
  watch.lap('study');

  const all = studied.points.filter(({ kind }) => kind === 'all');
  const counts = set.classes.map((_, c) => labels.filter((own) => own === c).length);
  const terms = {
    ...{ margin, testToTrain: studied.testToTrain, photos: new Set(groups).size },
    chance: largestOf(counts) / labels.length,
  };
  const fewNotes = split ? smallClasses(set.classes, labels, groups) : [];
  const answers = kinds.flatMap((kind) => {
    const points = studied.points.filter((point) => point.kind === kind && point.precision === 'float32');
    if (kind === 'all' || points.length === 0) return [];
    return [{ kind, ...answerOf(points, all[0], kind === 'pca', terms) }];
  });
  const pictures = ['accuracy.svg', 'bytes.svg', 'plane.svg'].map((name) => `${options.out}/${name}`);
  const result: StudyResult = {
    version,
    command: 'study',
    images: imagesSeen(source, extraction),
    classes: set.classes.map((label, c) => ({ label, count: counts[c] })),
    backbone: { name: backbone.name, width: features.columns },
    folds: split ? { folds: split.folds, repeats: split.assignments.length, reason: split.reason } : null,
    seed,
    sentence: sentenceOf(
      answers.find(({ kind }) => kind === 'pca'),
      features.columns,
      set.classes.length,
      terms,
    ),
    answers,
    points: studied.points.map((point) => described(point, all[0], terms, split?.folds ?? 1)),
    portrait: {
      ...studied.portrait,
      explained: [...studied.portrait.explained],
      leaning: studied.portrait.leaning && { ...studied.portrait.leaning, units: [...studied.portrait.leaning.units] },
    },
    separability: all
      .slice(0, 1)
      .flatMap(({ folds }) => folds.auroc.map((auroc, c) => ({ label: set.classes[c], auroc }))),
    plane: items.map(({ path, labels: [label] }, row) => ({
      ...{ path, label },
      x: studied.plane.data[2 * row],
      y: studied.plane.data[2 * row + 1],
    })),
    notes: [...fewNotes, ...studied.notes],
    seconds: watch.seconds(),
    files: { report: `${options.out}/study.html`, pictures: split ? pictures : pictures.slice(2) },
  };
  const wanted = new Set(picturedOf(result));
  const shown = items.flatMap(({ path, file }, row) => (wanted.has(path) ? [{ path, file, sha256: ids[row] }] : []));
  const small = await thumbnails(shown, platform);
  for (const [name, svg] of studyPictures(result, small)) await platform.write(`${options.out}/${name}`, svg);
  await platform.write(result.files.report, studyReport(result, small));
  return result;
}

/** A class of fewer separate photos than there are folds, elsewhere, makes fewer folds, and hardly counts in them. */
function smallClasses(classes: readonly string[], labels: Int32Array, groups: Int32Array): string[] {
  const small = classes.flatMap((label, c) => {
    const separate = new Set(groups.filter((_, row) => labels[row] === c)).size;
    return separate < usualFolds ? [`'${label}' has ${separate}`] : [];
  });
  if (small.length === 0) return [];
  const more = small.length > 3 ? ` and ${small.length - 3} more classes have as few` : '';
  return [
    `${small.slice(0, 3).join(', ')}${more} separate photos. So few photos allow only few folds, so every class is learned from fewer photos, and settings are chosen on parts that lack some classes. Add photos, or leave such classes out, for a clearer answer.`,
  ];
}

/** Undefined where there is one class, so that nothing can be told apart. */
function foldsOf(input: Omit<SplitInput, 'folds'>, depth: Depth): Folds | undefined {
  if (input.classes.length < 2) return undefined;
  const split = makeSplit({ ...input, folds: usualFolds, repeats: studyRounds('all', input.labels.length, depth) });
  return split.kind === 'folds' ? split : undefined;
}

async function portraitAlone(
  problem: Problem,
  context: Parameters<typeof portray>[2],
  classes: number,
): Promise<Studied> {
  if (classes === 0) throw new CarafeError('NO_IMAGES', 'There are no photos to study.', 'Give a folder of photos.');
  const { features, labels } = problem;
  const most = Math.min(features.columns, labels.length - 1, 256);
  const layer = await principalLayer(features, [...labels.keys()], Math.max(2, most), context, 2);
  const projected = await throughLayer(layer, features, context);
  const plane = new Float32Array(2 * labels.length);
  for (const row of labels.keys())
    for (const k of [0, 1])
      plane[2 * row + k] = k < projected.columns ? projected.data[row * projected.columns + k] : 0;
  return {
    points: [],
    portrait: await portray(problem, projected, context),
    plane: { rows: labels.length, columns: 2, data: plane },
    notes: ['There is only one class, so the study describes the features but cannot measure accuracy.'],
    testToTrain: 0,
  };
}

function described(
  point: StudyPoint,
  all: StudyPoint,
  { testToTrain, photos }: Pick<Terms, 'testToTrain' | 'photos'>,
  perRound: number,
): StudyResult['points'][number] {
  const { folds, latency, ...rest } = point;
  const { difference, better } = compareFolds(folds.accuracy, all.folds.accuracy, testToTrain, photos);
  const logLoss = correctedFolds(folds.logLoss, testToTrain);
  return {
    ...rest,
    rounds: folds.accuracy.length / perRound,
    accuracy: foldShare(folds.accuracy, testToTrain, photos),
    logLoss: { ...logLoss, low: Math.max(0, logLoss.low) },
    difference,
    verdict: verdicts[better],
    latency: latency ?? null,
  };
}
