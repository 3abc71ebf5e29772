import type { Evaluation, JudgedPhoto } from '../../src/metrics/evaluation.ts';
import { type TrainResult, trainResult } from '../../src/results/trainResult.ts';

export const flowers = ['daisy', 'dandelion', 'roses', 'sunflowers', 'tulips'];

/** Class names that somebody could give a folder to break the page. */
export const hostile = [
  '<script>document.title="broken"</script>',
  `"'><img src=x onerror=document.title='broken'>`,
  '</style></title></svg><h1>',
  'شجرة جميلة\u202e',
  '🌻🌷👩‍🌾',
  'W'.repeat(500),
  '&lt;&amp;&#0;',
  'constructor',
  '__proto__',
];

export interface Wanted {
  readonly labels?: readonly string[];
  /** Photos that are judged, of each class. */
  readonly perClass?: number;
  /** How often an answer is wrong, about. */
  readonly wrong?: number;
  readonly folds?: number;
  readonly repeats?: number;
  readonly leaks?: number;
  readonly failed?: TrainResult['images']['failed'];
  readonly conflicts?: TrainResult['duplicates']['conflicts'];
  readonly duplicates?: TrainResult['duplicates']['groups'];
  /** With a learning curve and views. */
  readonly more?: boolean;
  /** The name of photo i of a class. */
  readonly path?: (label: string, i: number) => string;
}

/** A training run's result as it might be: drawn, the same every time, and consistent in itself. */
export function result(wanted: Wanted = {}): TrainResult {
  const { labels = flowers, perClass = 30, wrong = 0.1, folds = 0, repeats = 1, failed = [] } = wanted;
  const { path = (label: string, i: number) => `${label}/${1000 + i * 37}_photo.jpg` } = wanted;
  const random = stream();
  const photos = labels.flatMap((label, truth) =>
    Array.from({ length: Math.max(2, perClass - truth) }, (_, i) =>
      judge(labels, truth, path(label, i), wrong, random),
    ),
  );
  const counts = labels.map((truth) =>
    labels.map((answer) => repeats * photos.filter((p) => p.label === truth && p.predicted === answer).length),
  );
  const cells = counts.flatMap((row, truth) =>
    row.flatMap((count, predicted) => (count > 0 ? [{ truth, predicted, count }] : [])),
  );
  const mistakes = photos.filter((p) => p.label !== p.predicted).sort((a, b) => b.probability - a.probability);
  const right = 1 - mistakes.length / photos.length;
  const margin = 1.96 * Math.sqrt((right * (1 - right)) / photos.length) + 0.5 / photos.length;
  const judged = folds > 0 ? Math.round(photos.length / folds) : photos.length;
  const times = folds > 0 ? 1 : 5;
  const all = photos.length * times;
  return trainResult.parse({
    version: '0.1.0',
    command: 'train',
    task: 'single-label',
    images: { source: 'photos/flowers/', found: all + failed.length, cached: 0, computed: all, failed },
    unknown: {
      head: { name: 'subspace', settings: { rank: 32 } },
      threshold: 40,
      falsePositiveRate: { target: 0.01, guaranteed: Math.max(0.01, 1 / (all + 1)), estimated: all < 2500 },
      rejected: folds > 0 ? null : { value: 0.012, low: 0.004, high: 0.03 },
      leaveOneClassOut: labels.slice(0, 10).map((label, i) => ({ label, auroc: 0.6 + 0.03 * i, caught: 0.1 * i })),
    },
    classes: labels.map((label) => ({ label, count: photos.filter((p) => p.label === label).length * times })),
    duplicates: { groups: wanted.duplicates ?? [], conflicts: wanted.conflicts ?? [] },
    backbone: {
      name: 'MobileNetV2 1.0',
      hash: '6f1c2f0e9b8d7a6c5e4f3b2a19080706f5e4d3c2b1a09f8e7d6c5b4a39281706',
      licence: 'Apache-2.0',
      width: 1280,
      inputSize: { height: 224, width: 224 },
      framing: 'crop',
      looks: 1,
    },
    split: {
      kind: folds > 0 ? 'folds' : 'holdout',
      train: folds > 0 ? all : all - judged,
      test: judged,
      folds,
      repeats,
      seed: 0,
      leaks: wanted.leaks ?? 0,
      reason:
        folds > 0
          ? `${folds} folds: a part of 20% would hold fewer than 30 photos.`
          : 'A fifth of the photos of each class was put aside.',
      file: folds > 0 ? 'refitted' : 'measured',
    },
    head: { name: 'softmax', settings: { l2: 0.0031622776601683 } },
    evaluation: {
      accuracy: { value: right, low: Math.max(0, right - margin), high: Math.min(1, right + margin) },
      baseline: { label: labels[0], accuracy: photos.filter((p) => p.label === labels[0]).length / photos.length },
      logLoss: 0.312,
      ece: { before: 0.074, after: 0.018 },
      temperature: 1.62,
      perClass: labels.map((label, i) => classFigures(label, i, counts)),
      confusion: { labels: [...labels], cells, ...(labels.length <= 100 && { counts }) },
      reliability: { before: bins(0.08, photos.length), after: bins(0, photos.length) },
      mistakes,
      photos,
      sets: {
        coverage: 0.95,
        guaranteed: 0.95,
        covered: { value: 0.94, low: 0.9, high: 0.97 },
        size: 1.4,
        sizes: [1, 2, 3, 4, 5, 6, 8].map((size, i) => ({
          size,
          photos: Math.max(1, Math.round(photos.length / 2 ** (i + 1))),
        })),
        perClass: labels.map((label, i) => ({ label, covered: i === labels.length - 1 ? 0.8 : 0.97 })),
      },
      method: 'Mid-P interval, from photos that stand alone.',
    },
    ...(wanted.more && {
      morePhotos: {
        photos: 10,
        classes: labels.slice(0, 12).map((label, i) => ({
          label,
          now: 20 + i,
          gain: { value: 0.01 / (i + 1), low: i === 0 ? 0.001 : -0.01, high: 0.03 },
          mends: i % 2 === 0 ? { label, takenFor: labels[(i + 1) % labels.length] } : null,
        })),
        left: labels.slice(12),
      },
      learningCurve: {
        metric: 'accuracy',
        head: 'softmax',
        points: [30, 60, 120, 240, 480].map((photos, k) => ({
          photos,
          score: { value: 0.7 + k / 20, lowest: 0.65 + k / 20, highest: 0.72 + k / 20 },
        })),
        expected: { photos: 960, gain: { value: 0.021, low: 0.004, high: 0.03 } },
      },
      views: {
        metric: 'accuracy',
        ...{ flip: true, crop: 10, scale: 0, brightness: 10, rotate: 5, count: 8, cached: 4800, computed: 0 },
        gain: { value: 0.012, low: -0.004, high: 0.03 },
        p: 0.1,
        verdict: 'tie',
        seconds: { extraction: 0, fitting: 1.4 },
      },
    }),
    shortcuts: [],
    labelErrors: undefined,
    verdict: {
      standing: 'better',
      gain: { value: 0.4, low: 0.3, high: 0.5 },
      sentence: `Clearly better than always answering '${labels[0]}'.`,
      weak: [],
      advice: [{ text: 'Train again with --balance: it helps.', flags: ['--balance'] }],
    },
    seconds: { total: 3.42, extraction: 2.6, fitting: 0.5, evaluation: 0.3 },
    files: { classifier: 'out/classifier.onnx', classifierBytes: 9_312_004, report: 'out/report.html' },
    again: 'carafe train photos/flowers/ --out out --backbone mobilenetv2 --head softmax --seed 0',
  });
}

function judge(
  labels: readonly string[],
  truth: number,
  path: string,
  wrong: number,
  random: () => number,
): JudgedPhoto {
  // Neighbours are mixed up more often than others, the last two most of all.
  const step = random() < 0.7 ? 1 : 1 + Math.floor(random() * (labels.length - 1));
  const factor = truth >= labels.length - 2 ? 1.6 : 0.7;
  const answer = random() < wrong * factor ? (truth + step) % labels.length : truth;
  const sure = answer === truth ? 1 - 0.5 * random() ** 3 : 0.55 + 0.4 * random();
  const others = labels.map((_, place) => place).filter((place) => place !== answer);
  const second = answer === truth ? others[Math.floor(random() * others.length)]! : truth;
  const rest = others.filter((place) => place !== second).slice(0, 3);
  const share = (1 - sure) * (rest.length > 0 ? 0.7 : 1);
  return {
    path,
    label: labels[truth]!,
    predicted: labels[answer]!,
    probability: sure,
    classes: [
      { label: labels[answer]!, probability: sure },
      { label: labels[second]!, probability: share },
      ...rest.map((place) => ({ label: labels[place]!, probability: (1 - sure - share) / rest.length })),
    ],
  };
}

function classFigures(
  label: string,
  place: number,
  counts: readonly (readonly number[])[],
): Evaluation['perClass'][number] {
  const hits = counts[place]![place]!;
  const support = counts[place]!.reduce((sum, n) => sum + n, 0);
  const answers = counts.reduce((sum, row) => sum + row[place]!, 0);
  const precision = answers > 0 ? hits / answers : 0;
  const recall = hits / support;
  return { label, precision, recall, f1: hits > 0 ? (2 * precision * recall) / (precision + recall) : 0, support };
}

function bins(tooSure: number, photos: number): Evaluation['reliability']['after'] {
  return Array.from({ length: 15 }, (_, i) => {
    const accuracy = Math.min(1, 0.32 + 0.7 * ((i + 1) / 15) ** 0.5 - (i % 4) * 0.012);
    return {
      confidence: Math.min(0.999, accuracy + tooSure * (1 - i / 20) + 0.008 * (i % 3)),
      accuracy,
      count: Math.ceil(photos / 15),
    };
  });
}

/** Numbers in [0, 1), always the same ones (mulberry32). */
export function stream(seed = 7): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
