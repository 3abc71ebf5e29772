import { type MapTable, tableOf } from '../features/mapTable.ts';
import { firstUnits, principalLayer, randomLayer, throughLayer } from '../heads/bottleneck.ts';
import { convHead } from '../heads/conv.ts';
import type { FitContext, Problem } from '../heads/head.ts';
import type { Linear } from '../heads/linear.ts';
import { mlpHead } from '../heads/mlp.ts';
import { reduceMaps } from '../heads/reducedMaps.ts';
import type { Training } from '../heads/select.ts';
import { softmax } from '../heads/softmax.ts';
import { toFloat16 } from '../numerics/float16.ts';
import type { Matrix } from '../platform.ts';
import type { Folds } from '../split/split.ts';
import { convLatency, denseCosts, denseLatency } from './costs.ts';
import { type FoldFigures, type Measured, measureHead, measureStored, studyTrainings } from './measure.ts';
import { measureParts, type Part, partsOf } from './parts.ts';
import { type Portrait, portray } from './portrait.ts';
import { bytesOf, type Precision, precisions, quantise } from './quantise.ts';

/** Ways to make features narrow; `all`: all units as they are. */
export const kinds = ['all', 'pca', 'random', 'linear', 'relu', 'conv'] as const;
export type Kind = (typeof kinds)[number];

/** What one width of one kind is worth and what it costs. */
export interface StudyPoint {
  readonly kind: Kind;
  readonly width: number;
  readonly precision: Precision;
  readonly folds: FoldFigures;
  /** Of bottleneck and last layer, without the backbone. */
  readonly parameters: number;
  readonly macs: number;
  /** Of one photo's stored features. */
  readonly bytes: number;
  /** Median milliseconds of bottleneck and last layer for one photo; undefined where it was not timed. */
  readonly latency: number | undefined;
}

export interface Studied {
  readonly points: readonly StudyPoint[];
  readonly portrait: Portrait;
  /** The photos along the first two principal components, [N, 2]. */
  readonly plane: Matrix;
  /** What could not be measured, and why. */
  readonly notes: readonly string[];
  /** Photos tested on to photos trained on, in a fold. */
  readonly testToTrain: number;
}

/**
 * quick: every second width, and no bottlenecks that are trained: seconds. usual: those that are trained up to a width,
 * and less often: a minute for 600 photos. thorough: every kind at every width, equally often: many minutes.
 */
export type Depth = 'quick' | 'usual' | 'thorough';

export interface StudyOptions {
  readonly depth: Depth;
  readonly onStage?: ((text: string) => void) | undefined;
}

/** More components than this take minutes to find and are as good as all units. */
const widestProjection = 512;
/** What is trained reads so many principal components, or the maps' (conv.ts). */
const readComponents = 256;
/** And is so wide at most, unless the study is thorough. */
const widestLearned = 128;

/** Answers to judge by, over all rounds: few photos are judged several times over. */
const answersWanted = 1800;
const leastRounds = 2;
const mostRounds = 5;

/**
 * How often a kind is judged, each time with other folds; all kinds share the folds of the first rounds. What is trained
 * takes nearly all of the time: unless the study is thorough, layers get two thirds of the rounds, 1x1 convolutions one
 * third.
 */
export function studyRounds(kind: Kind, photos: number, depth: Depth): number {
  const isLayer = kind === 'linear' || kind === 'relu';
  const share = depth === 'thorough' ? 1 : kind === 'conv' ? 1 / 3 : isLayer ? 2 / 3 : 1;
  const least = share < 0.5 ? 1 : leastRounds;
  return Math.max(least, Math.round(share * Math.min(mostRounds, answersWanted / photos)));
}

/** 1, 2, 4, ... below `columns`; every second of them in a quick study. */
export function studyWidths(columns: number, quick: boolean): number[] {
  const widths: number[] = [];
  for (let width = 1; width < columns; width *= quick ? 4 : 2) widths.push(width);
  return widths;
}

/**
 * Measures how narrow a bottleneck may be, on the same folds for every kind, width and precision. Principal components
 * are found without labels: of few photos on those that a fold trains on, else on all (parts.ts).
 */
export async function study(
  problem: Problem,
  split: Folds,
  { depth, onStage }: StudyOptions,
  context: FitContext,
): Promise<Studied> {
  const quick = depth === 'quick';
  const { features, labels, spatial } = problem;
  const { columns } = features;
  const notes: string[] = [];
  const widths = studyWidths(columns, quick);
  const rounds = studyTrainings(split, labels.length);
  const trained = Math.min(...rounds.flat().map(({ folds }) => folds.filter((fold) => fold >= 0).length));
  // Photos span no more directions than there are photos; random ones need no photos.
  const spanned = Math.min(columns, trained);
  const principalWidths = widths.filter((width) => width < trained && width <= widestProjection);
  const read = Math.min(readComponents, spanned);
  const mostLearned = depth === 'thorough' ? columns : Math.min(read, widestLearned);
  const learnedWidths = [...widths, columns].filter((width) => width <= mostLearned);
  const trainingsOf = (kind: Kind) => rounds.slice(0, studyRounds(kind, labels.length, depth)).flat();
  const run: Run = { problem, trainingsOf, context };

  onStage?.('Measuring all units');
  const points = [...(await allUnits(run))];
  onStage?.('Finding principal components');
  const widest = Math.max(2, principalWidths.at(-1) ?? 1, quick ? 0 : read);
  const principal = await principalLayer(features, [...labels.keys()], widest, context, 2);
  const projected = await throughLayer(principal, features, context);
  const parts: ProjectedPart[] = [];
  for (const part of partsOf(trainingsOf('pca'))) {
    const isWhole = part.rows.length === labels.length;
    const layer = isWhole ? principal : await principalLayer(features, part.rows, widest, context, 2);
    parts.push({ ...part, projected: isWhole ? projected : await throughLayer(layer, features, context) });
  }
  onStage?.('Measuring principal components');
  points.push(...(await principalPoints(principalWidths, parts, run)));
  if (principalWidths.length < widths.length)
    notes.push(
      `Principal components were measured up to width ${principalWidths.at(-1) ?? 0}: ${spanned <= widestProjection ? `a fold trains on ${trained} photos, which span no more directions` : 'finding more takes minutes'}.`,
    );
  onStage?.('Measuring random directions');
  const drawn = randomLayer(columns, columns, context.seed);
  points.push(...(await randomPoints(drawn, [...widths, columns], quick ? ['float32'] : precisions, run)));
  if (quick)
    notes.push(
      'Bottlenecks that are trained, and random directions that are kept in fewer bits, were left out: this was a quick study.',
    );
  else {
    for (const activation of ['linear', 'relu'] as const) {
      onStage?.(`Training ${activation === 'relu' ? 'bottlenecks with ReLU' : 'linear bottlenecks'}`);
      points.push(...(await learned(activation, learnedWidths, parts, read, run)));
    }
    notes.push(
      'Fewer bits after a trained bottleneck were measured with its last layer as it was trained on full numbers.',
    );
    onStage?.('Training 1x1 convolutions');
    if (spatial) {
      points.push(...(await convolutions(spatial, learnedWidths, run)));
      const [few, some] = [studyRounds('conv', labels.length, depth), studyRounds('linear', labels.length, depth)];
      const times = (rounds: number) => (rounds === 1 ? 'once' : rounds === 2 ? 'twice' : `${rounds} times over`);
      if (few < rounds.length)
        notes.push(
          `What is trained takes long: 1x1 convolutions were judged ${times(few)}, trained layers ${times(some)}, all else ${times(rounds.length)}; each is compared with all units on the same folds.`,
        );
    } else notes.push('1x1 convolutions were left out: this network has no feature map at its cut.');
    const [most] = learnedWidths.slice(-1);
    const input = `Bottlenecks that are trained read ${read} principal components`;
    if (most < columns)
      notes.push(
        `${input}, and were measured up to width ${most}; a thorough study measures them up to ${columns.toLocaleString('en')}.`,
      );
    else if (read < columns) notes.push(`${input}.`);
  }
  onStage?.('Looking at the features');
  return {
    points,
    portrait: await portray(problem, projected, context),
    plane: leading(projected, 2),
    notes,
    testToTrain: 1 / (split.folds - 1),
  };
}

interface Run {
  readonly problem: Problem;
  /** What each fold of a kind's rounds trains on. */
  readonly trainingsOf: (kind: Kind) => readonly Training[];
  readonly context: FitContext;
}

async function allUnits({ problem, trainingsOf, context }: Run): Promise<StudyPoint[]> {
  const { features, classes } = problem;
  const measured = await stored(problem, precisions, trainingsOf('all'), context);
  return pointsOf('all', measured, () => [features.columns, classes], context);
}

/** A part, and all photos along the leading principal components that were found on it. */
interface ProjectedPart extends Part {
  readonly projected: Matrix;
}

async function principalPoints(
  widths: readonly number[],
  parts: readonly ProjectedPart[],
  { problem, context }: Run,
): Promise<StudyPoint[]> {
  const measured = await measureParts(parts, async ({ trainings, projected }) => {
    const own: Measured[] = [];
    for (const width of widths)
      own.push(...(await stored({ ...problem, features: leading(projected, width) }, precisions, trainings, context)));
    return own;
  });
  const { features, classes } = problem;
  return pointsOf('pca', measured, (width) => [features.columns, width, classes], context);
}

async function randomPoints(
  layer: Linear,
  widths: readonly number[],
  kept: readonly Precision[],
  { problem, trainingsOf, context }: Run,
): Promise<StudyPoint[]> {
  const { features, classes } = problem;
  const measured: Measured[] = [];
  for (const width of widths) {
    const narrow = await throughLayer(firstUnits(layer, width), features, context);
    measured.push(...(await stored({ ...problem, features: narrow }, kept, trainingsOf('random'), context)));
  }
  return pointsOf('random', measured, (width) => [features.columns, width, classes], context);
}

/** Softmax on features as they come back from the store, in each precision. */
async function stored(
  problem: Problem,
  kept: readonly Precision[],
  trainings: readonly Training[],
  context: FitContext,
): Promise<Measured[]> {
  const measured: Measured[] = [];
  for (const precision of kept) {
    const features = quantise(problem.features, precision);
    const folds = await measureHead(softmax, { ...problem, features }, trainings, context);
    measured.push({ width: features.columns, precision, folds });
  }
  return measured;
}

/** @param chainOf widths of the dense layers from the backbone's features to the classes */
async function pointsOf(
  kind: Kind,
  measured: readonly Measured[],
  chainOf: (width: number) => readonly number[],
  context: FitContext,
): Promise<StudyPoint[]> {
  const points: StudyPoint[] = [];
  for (const { width, precision, folds } of measured) {
    const chain = chainOf(width);
    const latency = precision === 'float32' ? await denseLatency(chain, context) : undefined;
    points.push({ kind, width, precision, folds, ...denseCosts(chain), bytes: bytesOf(width, precision), latency });
  }
  return points;
}

async function learned(
  kind: 'linear' | 'relu',
  widths: readonly number[],
  parts: readonly ProjectedPart[],
  read: number,
  { problem, trainingsOf, context }: Run,
): Promise<StudyPoint[]> {
  const wanted = new Set(trainingsOf(kind));
  const measured = await measureParts(within(parts, wanted), async ({ trainings, projected }) => {
    const narrowed = { ...problem, features: leading(projected, read) };
    const own: Measured[] = [];
    for (const width of widths) {
      const head = mlpHead({ width, activation: kind });
      own.push(...(await measureStored(head, narrowed, trainings, precisions, context)));
    }
    return own;
  });
  return pointsOf(kind, measured, (width) => [problem.features.columns, width, problem.classes], context);
}

/** The parts with those of their folds that are wanted. */
function within<P extends Part>(parts: readonly P[], wanted: ReadonlySet<Training>): P[] {
  return parts
    .map((part) => ({ ...part, trainings: part.trainings.filter((training) => wanted.has(training)) }))
    .filter(({ trainings }) => trainings.length > 0);
}

async function convolutions(
  spatial: MapTable,
  widths: readonly number[],
  { problem, trainingsOf, context }: Run,
): Promise<StudyPoint[]> {
  const { classes } = problem;
  const { height, width: across, channels } = spatial;
  const measured = await measureParts(partsOf(trainingsOf('conv')), async ({ trainings, rows }) => {
    // The maps are reduced once for all widths: that alone takes as long as training one of them.
    const narrowed = { ...problem, spatial: await reducedTable(spatial, rows, context) };
    const own: Measured[] = [];
    for (const width of widths) {
      const head = convHead({ width, filters: undefined });
      own.push(...(await measureStored(head, narrowed, trainings, precisions, context)));
    }
    return own;
  });
  const points: StudyPoint[] = [];
  for (const { width, precision, folds } of measured)
    points.push({
      ...{ kind: 'conv', width, precision, folds },
      parameters: denseCosts([channels, width, classes]).parameters,
      macs: height * across * channels * width + width * classes,
      bytes: bytesOf(width, precision),
      latency: precision === 'float32' ? await convLatency(spatial, width, classes, context) : undefined,
    });
  return points;
}

/** The maps along the leading principal components of the named rows, as maps. */
async function reducedTable(spatial: MapTable, rows: readonly number[], context: FitContext): Promise<MapTable> {
  const all = Array.from({ length: spatial.rows }, (_, row) => row);
  const { height, width, components, data } = await reduceMaps(spatial, rows, readComponents, context, all);
  return tableOf({ type: 'float16', dims: [all.length, height, width, components], data: toFloat16(data) });
}

/** The first columns, as many as there are. */
function leading({ rows, columns, data }: Matrix, wanted: number): Matrix {
  const count = Math.min(wanted, columns);
  const out = new Float32Array(rows * count);
  for (let row = 0; row < rows; row++) for (let k = 0; k < count; k++) out[row * count + k] = data[row * columns + k];
  return { rows, columns: count, data: out };
}
