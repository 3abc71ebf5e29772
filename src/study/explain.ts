/** Why a classifier says what it says of one photo. */

import type { Backbone } from '../backbone/backbone.ts';
import { depthParts } from '../backbone/depths.ts';
import { type PreviousClassifier, previousKnows, previousProbabilities } from '../classifier/previous.ts';
import type { Inputs, MapTable } from '../features/mapTable.ts';
import { fromFloat16, toFloat16 } from '../numerics/float16.ts';
import { type Rows, rowsAt } from '../numerics/rows.ts';
import { averageOf, type Neighbour, nearestTo } from '../numerics/similarity.ts';
import { largestOf, mean } from '../numerics/statistics.ts';
import type { Matrix, OpenSession } from '../runtime/platform.ts';

/** How many classes are explained, and how many units speak for each. */
const shownClasses = 3;
const shownUnits = 8;
const shownNeighbours = 8;

/** A unit of the bottleneck and what it does to a class. */
export interface Unit {
  readonly unit: number;
  readonly value: number;
  /** Where the features are those of several depths: which of them it belongs to. */
  readonly depth?: string | undefined;
  /** What it is on average over the photos to compare with; null without such. */
  readonly average: number | null;
  /** How much lower the class's score would be with the average instead, without such with 0. */
  readonly effect: number;
}

/** Where the score of a class comes from: [height, width], relative to its mean over the map. */
export interface ActivationMap {
  readonly height: number;
  readonly width: number;
  readonly values: Float32Array;
}

export interface ExplainedClass {
  readonly label: string;
  readonly probability: number;
  readonly units: readonly Unit[];
  /** Where the features are those of several depths: how much lower its score would be with a depth's units at their averages. */
  readonly depths: readonly { readonly name: string; readonly effect: number }[] | undefined;
  /** Undefined where the features are not made of places. */
  readonly map: ActivationMap | undefined;
}

export interface Explanation {
  /** The likeliest first. */
  readonly classes: readonly ExplainedClass[];
  /** Whether the photo is like those of the classes at all; undefined where the classifier does not tell. */
  readonly isKnown: boolean | undefined;
  readonly features: Float32Array;
  readonly neighbours: readonly Neighbour[];
}

/**
 * Why a classifier says what it says of one photo. A class's score is its log-probability less the mean over all
 * classes: for linear heads that is linear in the features, so effects of units add up to it, and the map is the class
 * activation map of Zhou et al. (2016): the score that each place would have alone. Heads on spatial features are
 * asked instead how the score falls without a place.
 * @param photo one row: features and, where the backbone has them, spatial features
 * @param others features of photos to compare with
 */
export async function explainPhoto(
  classifier: PreviousClassifier,
  backbone: Backbone,
  photo: Inputs,
  others: Rows | undefined,
  openSession: OpenSession,
): Promise<Explanation> {
  const probabilities = async (inputs: Inputs): Promise<Matrix> => {
    const answer = await previousProbabilities(classifier, backbone, inputs, openSession);
    if (!answer) throw new TypeError('the head reads what is not there');
    return answer;
  };
  const features = rowsAt(photo.features, 0, 1);
  const averages = averageOf(others, features.length);
  const { data: sure } = await probabilities(photo);
  const [base] = scores({ rows: 1, columns: sure.length, data: sure });
  const likeliest = [...sure.keys()].sort((a, b) => sure[b] - sure[a] || a - b).slice(0, shownClasses);
  // A fine-tuned head reads what enters the last stage: the units of the frozen network say nothing in it.
  const withoutUnit = photo.stage ? undefined : scores(await probabilities(withoutUnits(photo, averages)));
  const parts = photo.stage ? undefined : depthParts(backbone.network);
  const withoutParts = parts && scores(await probabilities(without(photo, averages, parts)));
  const places = await placeScores(backbone, photo, base, probabilities);
  return {
    classes: likeliest.map((label) => ({
      label: classifier.card.labels[label],
      probability: sure[label],
      units: withoutUnit
        ? strongest(features, others && averages, parts, (unit) => base[label] - withoutUnit[unit][label])
        : [],
      depths: parts?.map(({ name }, k) => ({ name, effect: base[label] - (withoutParts?.[k][label] ?? 0) })),
      map: places && relative(places.scores, label, places.map),
    })),
    isKnown: await previousKnows(classifier, backbone, photo, openSession),
    features,
    neighbours: others ? nearestTo(features, averages, others, shownNeighbours) : [],
  };
}

/** Log-probabilities less their mean, a row each. */
function scores({ rows, columns, data }: Matrix): Float64Array[] {
  return Array.from({ length: rows }, (_, row) => {
    const logs = Float64Array.from(data.subarray(row * columns, (row + 1) * columns), (p) =>
      Math.log(Math.max(p, 1e-38)),
    );
    const centre = mean(logs);
    return logs.map((value) => value - centre);
  });
}

/** The photo as often as it has units: row u with unit u at its average. */
function withoutUnits({ features, spatial }: Inputs, averages: Float32Array): Inputs {
  const { columns } = features;
  const data = rowsAt(features, 0, 1);
  const changed = new Float32Array(columns * columns);
  for (let unit = 0; unit < columns; unit++) {
    changed.set(data, unit * columns);
    changed[unit * columns + unit] = averages[unit];
  }
  const channelAt = (target: Uint16Array, unit: number, channels: number): void => {
    const [average] = toFloat16(averages.subarray(unit, unit + 1));
    for (let at = unit; at < target.length; at += channels) target[at] = average;
  };
  return {
    features: { rows: columns, columns, data: changed },
    spatial: spatial && changedTable(spatial, columns, (target, unit) => channelAt(target, unit, spatial.channels)),
  };
}

/** The photo as often as it has parts: row k with part k at its averages. */
function without(
  { features }: Inputs,
  averages: Float32Array,
  parts: readonly { readonly from: number; readonly to: number }[],
): Inputs {
  const { columns } = features;
  const data = rowsAt(features, 0, 1);
  const changed = new Float32Array(parts.length * columns);
  for (const [k, { from, to }] of parts.entries()) {
    changed.set(data, k * columns);
    changed.set(averages.subarray(from, to), k * columns + from);
  }
  return { features: { rows: parts.length, columns, data: changed } };
}

/** The one map of a photo, again and again, each time changed in some way. */
function changedTable(photo: MapTable, rows: number, change: (target: Uint16Array, row: number) => void): MapTable {
  return {
    ...photo,
    rows,
    async read(row, target) {
      await photo.read(0, target);
      change(target, row);
    },
  };
}

/** Scores that belong to each place of the map, [places][classes]; undefined where the features are no mean over them. */
async function placeScores(
  { network }: Backbone,
  { features, spatial, stage }: Inputs,
  base: Float64Array,
  probabilities: (inputs: Inputs) => Promise<Matrix>,
): Promise<{ scores: Float64Array[]; map: MapTable } | undefined> {
  const read = stage ?? spatial;
  if (!read) return undefined;
  const { height, width, channels } = read;
  const photo = rowsAt(features, 0, 1);
  const places = height * width;
  const bits = new Uint16Array(places * channels);
  await read.read(0, bits);
  const alone = { rows: places, columns: channels, data: fromFloat16(bits) };
  const own = network.own?.width ?? network.width;
  const length = network.own ? lengthOf(averageOf(alone, channels)) : 1;
  if (!stage && channels === own && isMean(alone, photo.subarray(0, own), length)) {
    // A head that reads features is asked what it would say of each place alone; earlier depths stay as they are.
    const each = new Float32Array(places * features.columns);
    for (let place = 0; place < places; place++) {
      each.set(photo, place * features.columns);
      for (let c = 0; c < own; c++) each[place * features.columns + c] = alone.data[place * own + c] / length;
    }
    const answer = await probabilities({
      features: { rows: places, columns: features.columns, data: each },
      spatial: changedTable(read, places, onlyPlace(channels)),
    });
    return { scores: scores(answer), map: read };
  }
  const repeated = new Float32Array(places * features.columns);
  for (let place = 0; place < places; place++) repeated.set(photo, place * features.columns);
  const averages = toFloat16(averageOf(alone, channels));
  const silenced = changedTable(read, places, (target, place) => target.set(averages, place * channels));
  const answers = scores(
    await probabilities({
      features: { rows: places, columns: features.columns, data: repeated },
      [stage ? 'stage' : 'spatial']: silenced,
    }),
  );
  // A head that does not read the map says the same whatever is done to it.
  const falls = answers.map((answer) => answer.map((score, label) => base[label] - score));
  const isRead = stage !== undefined || falls.some((fall) => fall.some((value) => Math.abs(value) > 1e-4));
  return isRead ? { scores: falls, map: read } : undefined;
}

/** Every place of the map looks like one of them. */
function onlyPlace(channels: number): (target: Uint16Array, place: number) => void {
  return (target, place) => {
    const one = target.slice(place * channels, (place + 1) * channels);
    for (let at = 0; at < target.length; at += channels) target.set(one, at);
  };
}

/** Whether the features are the mean over the places, divided by `length`. */
function isMean(places: Matrix, features: Float32Array, length: number): boolean {
  const averages = averageOf(places, places.columns);
  const scale = largestOf(features.map(Math.abs));
  return averages.every((value, unit) => Math.abs(value / length - features[unit]) <= 0.01 * scale);
}

function lengthOf(vector: Float32Array): number {
  return Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0)) || 1;
}

function relative(all: readonly Float64Array[], label: number, { height, width }: MapTable): ActivationMap {
  const values = all.map((score) => score[label]);
  const centre = mean(values);
  return { height, width, values: Float32Array.from(values, (value) => value - centre) };
}

function strongest(
  features: Float32Array,
  averages: Float32Array | undefined,
  parts: ReturnType<typeof depthParts>,
  effectOf: (unit: number) => number,
): Unit[] {
  return Array.from(features, (value, unit) => {
    const depth = parts?.find(({ to }) => unit < to)?.name;
    return { unit, value, depth, average: averages ? averages[unit] : null, effect: effectOf(unit) };
  })
    .sort((a, b) => b.effect - a.effect || a.unit - b.unit)
    .slice(0, shownUnits)
    .filter(({ effect }) => effect > 0);
}
