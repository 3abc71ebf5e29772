/** Shortcuts: classes that file format, camera, light or lack of colour alone can separate. */

import { differenceInterval, foldInflation, shareInterval } from '../metrics/intervals.ts';
import { Random } from '../numerics/random.ts';
import { quantile } from '../numerics/statistics.ts';
import { findMarks } from './marks.ts';
import type { AboutPhoto, Kind, Shortcut, Shortcuts } from './shortcut.ts';
import { type Named, shortcutSentence, usualOf } from './shortcutWords.ts';

type What = Shortcut['what'];
type Value = number | string;

const folds = 5;
const bins = 16;
const mostWords = 64;
/** So much better than the commonest class it must be, at the lower end of the interval: small differences are usual. */
const least = 0.1;
/** Of one class against all others: the mean of the shares of both that are told, at the lower ends of their intervals. */
const leastOfOne = 0.75;
/** Mean distance of a pixel's colours under which a photo is grey; what JPEG does to grey stays below. */
const grey = 3;
/** Labels predicted from one property. */
const mostLabels = 3;

/** What is asked, in this order. What another has said already is not said again. */
const questions: readonly {
  readonly what: What;
  readonly of: (photo: AboutPhoto) => Value;
  readonly saidBy?: What;
  /** Whether it is known of a photo: photos that an earlier version has cached may lack it, and then nothing is asked. */
  readonly known?: (photo: AboutPhoto) => boolean;
}[] = [
  { what: 'size', of: ({ width, height }) => Math.max(width, height) },
  { what: 'shape', of: ({ width, height }) => width / height, saidBy: 'size' },
  { what: 'format', of: formatOf },
  { what: 'quality', of: ({ facts }) => facts?.quality ?? 101, saidBy: 'format', known: hasFacts },
  { what: 'camera', of: ({ shot }) => shot?.camera ?? '' },
  { what: 'colour', of: ({ facts }) => ((facts?.colour ?? 0) < grey ? 'grey' : 'in colour'), known: hasFacts },
  { what: 'brightness', of: ({ facts }) => facts?.brightness ?? 0, known: hasFacts },
  {
    what: 'border',
    of: ({ facts }) => facts?.appearance?.border ?? 'none',
    known: ({ facts }) => facts?.appearance !== undefined,
  },
  { what: 'hour', of: ({ shot }) => (shot?.time === undefined ? '' : threeHours(shot.time)), saidBy: 'camera' },
];

/**
 * Finds where size, shape, format, JPEG quality, camera, brightness or lack of colour of the photos tell their classes apart,
 * or one class from all others: a classifier then learns these, and fails on photos of another source. Told only where it is
 * clearly so.
 * @param classes of which `labels` gives one for each photo; or, where a photo may have several, their names with `truth`
 * @param groups photos of a group stay in one fold, and count as what they are worth
 */
export function findShortcuts(
  photos: readonly AboutPhoto[],
  labels: Int32Array,
  classes: readonly string[],
  groups: Int32Array,
  seed: number,
  kind: Exclude<Kind, 'labels'> = 'classes',
): Shortcuts {
  const fold = foldOf(groups, seed);
  const commonest = commonestOf(labels, classes.length);
  const base = labels.map((label) => Number(label === commonest));
  const baseline = base.reduce((sum, one) => sum + one, 0) / base.length;
  const large = classesOfEnough(labels, groups, classes.length);
  const found: Shortcuts = [];
  for (const { what, values } of asked(photos)) {
    if (isSaid(what, found)) continue;
    const bin = binned(values);
    const correct = crossValidated(bin, labels, classes.length, fold, false);
    const accuracy = shareInterval(correct, groups, foldInflation(folds));
    const gains = correct.map((right, row) => right - base[row]);
    const gain = differenceInterval(gains, groups, foldInflation(folds)).interval;
    const alone = mayBeTold(bin, labels, classes.length, large).flatMap((c) => {
      const score = separation(
        bin,
        labels.map((label) => Number(label === c)),
        groups,
        fold,
      );
      return score >= leastOfOne ? [{ c, score }] : [];
    });
    // Either of two classes separates both.
    const [one] = alone.toSorted((a, b) => b.score - a.score);
    const atLarge = gain.low >= least || (one !== undefined && classes.length === 2);
    if (!atLarge && one === undefined) continue;
    const told = kind === 'kinds' ? 0 : atLarge ? undefined : one.c;
    const names = classes.map((name, c): Named => ({ name, rows: rowsWhere(labels, (label) => label === c) }));
    const label = told === undefined ? undefined : classes[told];
    const sides = told === undefined ? names : [names[told], others(labels, told)];
    found.push(toldBy({ what, label, accuracy, baseline }, photos, values, sides, kind));
  }
  const mark = markShortcut(photos, labels, classes, groups, { fold, large, kind });
  return mark ? [...found, mark] : found;
}

/** The class that a mark at one place tells from the others best, where it is clearly so. */
function markShortcut(
  photos: readonly AboutPhoto[],
  labels: Int32Array,
  classes: readonly string[],
  groups: Int32Array,
  {
    fold,
    large,
    kind,
  }: { readonly fold: Int32Array; readonly large: readonly number[]; readonly kind: Exclude<Kind, 'labels'> },
): Shortcut | undefined {
  const cells = photos.flatMap((photo) => photo.cells ?? []);
  if (cells.length < photos.length) return undefined;
  const markOf = findMarks(cells, labels, fold, folds);
  const told = large.flatMap((c) => {
    const mark = markOf(c);
    if (!mark) return [];
    const own = labels.map((label) => Number(label === c));
    const correct = Float64Array.from(own, (side, row) => Number(mark.taken[row] === side));
    const score = sidesTold(correct, own, groups);
    return score >= leastOfOne ? [{ c, ...mark, own, correct, score }] : [];
  });
  const [best] = told.toSorted((a, b) => b.score - a.score || Number(b.isOwn) - Number(a.isOwn));
  if (!best) return undefined;
  const accuracy = shareInterval(best.correct, groups, foldInflation(folds));
  const share = best.own.reduce((sum, one) => sum + one, 0) / best.own.length;
  const values = Array.from(best.taken, (taken) => Number((taken === 1) === best.isOwn));
  const name = classes[best.c];
  const sides = [{ name, rows: rowsWhere(labels, (label) => label === best.c) }, others(labels, best.c)];
  const label = kind === 'kinds' ? undefined : name;
  const baseline = Math.max(share, 1 - share);
  return toldBy({ what: 'pattern', label, accuracy, baseline }, photos, values, sides, kind);
}

function toldBy(
  { label, ...of }: Pick<Shortcut, 'what' | 'accuracy' | 'baseline'> & { readonly label: string | undefined },
  photos: readonly AboutPhoto[],
  values: readonly Value[],
  sides: readonly Named[],
  kind: Kind,
): Shortcut {
  const { usual, shownBy } = usualOf(of.what, photos, values, sides);
  const known = { ...of, ...(label !== undefined && { label }), usual };
  return { ...known, sentence: shortcutSentence(known, kind), shownBy };
}

/**
 * The same where photos may have several labels, or none: labels that one of these things tells from all photos without.
 * @param truth [photos, labels], 1 for each label of a photo
 */
export function findLabelShortcuts(
  photos: readonly AboutPhoto[],
  truth: Uint8Array,
  labels: readonly string[],
  groups: Int32Array,
  seed: number,
): Shortcuts {
  const fold = foldOf(groups, seed);
  const found: Shortcuts = [];
  for (const { what, values } of asked(photos)) {
    if (isSaid(what, found)) continue;
    const bin = binned(values);
    const told = labels.flatMap((label, c) => {
      const own = Int32Array.from(photos, (_, row) => truth[row * labels.length + c]);
      const score = separation(bin, own, groups, fold);
      return score >= leastOfOne ? [{ label, own, score }] : [];
    });
    for (const { label, own } of told.toSorted((a, b) => b.score - a.score).slice(0, mostLabels)) {
      const accuracy = shareInterval(crossValidated(bin, own, 2, fold, false), groups, foldInflation(folds));
      const share = own.reduce((sum, one) => sum + one, 0) / own.length;
      const sides = [{ name: label, rows: rowsWhere(own, (one) => one === 1) }, others(own, 1)];
      const baseline = Math.max(share, 1 - share);
      found.push(toldBy({ what, label, accuracy, baseline }, photos, values, sides, 'labels'));
    }
  }
  return found;
}

function isSaid(what: What, found: Shortcuts): boolean {
  const by = questions.find((question) => question.what === what)?.saidBy;
  return by !== undefined && found.some((one) => one.what === by);
}

/** What can be asked of these photos, with what each answers; what is the same for all says nothing. */
function asked(photos: readonly AboutPhoto[]): { what: What; values: readonly Value[] }[] {
  return questions.flatMap(({ what, of, known }) => {
    if (known && !photos.every(known)) return [];
    const values = photos.map(of);
    return values.some((value) => value !== values[0]) ? [{ what, values }] : [];
  });
}

function hasFacts({ facts }: AboutPhoto): boolean {
  return facts !== undefined;
}

/** The hour by the camera's own clock, in steps of three: words, since hours do not order photos. */
function threeHours(time: number): string {
  return String(3 * Math.floor(new Date(time).getUTCHours() / 3));
}

/** By the file's own bytes; by its name where they are not known. */
function formatOf({ path, facts }: AboutPhoto): string {
  if (facts) return facts.format;
  const ending = /\.(\w+)$/.exec(path)?.[1]?.toLowerCase() ?? '';
  return ending === 'jpeg' || ending === 'jfif' ? 'jpg' : ending;
}

/**
 * A bin for each value where there are few; else, of numbers, sixteen of about as many photos, and of words one for each of the
 * commonest and one for the rest. Labels have no part in it.
 */
function binned(values: readonly Value[]): Int32Array {
  const counts = new Map<Value, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  if (counts.size <= bins || typeof values[0] === 'string') {
    const common = [...counts].toSorted((a, b) => b[1] - a[1]).slice(0, mostWords);
    const places = new Map(common.map(([value], place) => [value, place]));
    return Int32Array.from(values, (value) => places.get(value) ?? mostWords);
  }
  const numbers = values.map(Number);
  const edges = Array.from({ length: bins - 1 }, (_, i) => quantile(numbers, (i + 1) / bins));
  return Int32Array.from(numbers, (value) => edges.filter((edge) => value > edge).length);
}

/**
 * Answers with the commonest class among the training photos of the same bin; 1 where that is right.
 * @param alike every class counts as much, however common it is
 */
function crossValidated(
  bin: Int32Array,
  labels: Int32Array,
  classes: number,
  fold: Int32Array,
  alike: boolean,
): Float64Array {
  const size = bin.reduce((most, one) => Math.max(most, one), 0) + 1;
  const counts = new Float64Array(folds * size * classes);
  for (const row of bin.keys()) counts[(fold[row] * size + bin[row]) * classes + labels[row]]++;
  const correct = new Float64Array(bin.length);
  for (let k = 0; k < folds; k++) {
    const learned = (c: number, b: number) => {
      let sum = 0;
      for (let j = 0; j < folds; j++) if (j !== k) sum += counts[(j * size + b) * classes + c];
      return sum;
    };
    const totals = Array.from({ length: classes }, (_, c) => {
      let sum = 0;
      for (let b = 0; b < size; b++) sum += learned(c, b);
      return sum;
    });
    const best = (of: (c: number) => number) => {
      let [place, most] = [0, -1];
      for (let c = 0; c < classes; c++) if (of(c) > most) [place, most] = [c, of(c)];
      return { place, most };
    };
    const usual = best((c) => (alike ? 0 : totals[c])).place;
    const answers = Int32Array.from({ length: size }, (_, b) => {
      const { place, most } = best((c) => learned(c, b) / (alike ? Math.max(1, totals[c]) : 1));
      return most > 0 ? place : usual;
    });
    for (const row of fold.keys()) if (fold[row] === k) correct[row] = Number(answers[bin[row]] === labels[row]);
  }
  return correct;
}

/** Classes, of those of enough photos, that may be told from all others, by all photos at once: a bound that is quickly found. */
function mayBeTold(bin: Int32Array, labels: Int32Array, classes: number, large: readonly number[]): number[] {
  const size = bin.reduce((most, one) => Math.max(most, one), 0) + 1;
  const counts = new Float64Array(size * classes);
  const [inBin, inClass] = [new Float64Array(size), new Float64Array(classes)];
  for (const row of bin.keys()) {
    counts[bin[row] * classes + labels[row]]++;
    inBin[bin[row]]++;
    inClass[labels[row]]++;
  }
  return large.filter((c) => {
    const rest = labels.length - inClass[c];
    if (rest === 0) return false;
    let sum = 0;
    for (let b = 0; b < size; b++) {
      const own = counts[b * classes + c];
      sum += Math.max(own / inClass[c], (inBin[b] - own) / rest);
    }
    return sum / 2 >= leastOfOne;
  });
}

/** Classes with enough photos to be separated from all others with certainty, if every photo were classified correctly. */
function classesOfEnough(labels: Int32Array, groups: Int32Array, classes: number): number[] {
  const groupsOf = Array.from({ length: classes }, (): number[] => []);
  for (const [row, label] of labels.entries()) groupsOf[label].push(groups[row]);
  return groupsOf.flatMap((own, c) => {
    if (own.length === 0) return [];
    const right = new Float64Array(own.length).fill(1);
    return (shareInterval(right, Int32Array.from(own), foldInflation(folds)).low + 1) / 2 >= leastOfOne ? [c] : [];
  });
}

/**
 * How surely photos of one kind (1) are told from all others (0): the mean of the shares of both that are, at the lower ends of
 * their intervals.
 */
function separation(bin: Int32Array, own: Int32Array, groups: Int32Array, fold: Int32Array): number {
  return sidesTold(crossValidated(bin, own, 2, fold, true), own, groups);
}

/** The mean of the lower ends, of photos of one kind (1) and of all others (0). @param correct 1 where a photo's side is told */
function sidesTold(correct: Float64Array, own: Int32Array, groups: Int32Array): number {
  const low = [0, 1].map((side) => {
    const rows = rowsWhere(own, (one) => one === side);
    if (rows.length === 0) return 0;
    const values = rows.map((row) => correct[row]);
    return shareInterval(
      values,
      Int32Array.from(rows, (row) => groups[row]),
      foldInflation(folds),
    ).low;
  });
  return (low[0] + low[1]) / 2;
}

function others(labels: Int32Array, one: number): Named {
  return { name: undefined, rows: rowsWhere(labels, (label) => label !== one) };
}

function rowsWhere(labels: Int32Array, holds: (label: number) => boolean): number[] {
  return [...labels.keys()].filter((row) => holds(labels[row]));
}

/** Groups, in a drawn order, over the folds in turn. */
function foldOf(groups: Int32Array, seed: number): Int32Array {
  const order = new Random(`${seed}/shortcuts`).shuffle([...new Set(groups)]);
  const place = new Map(order.map((group, i) => [group, i % folds]));
  return groups.map((group) => place.get(group) ?? 0);
}

function commonestOf(labels: Int32Array, classes: number): number {
  const counts = new Uint32Array(classes);
  for (const label of labels) counts[label]++;
  return counts.indexOf(counts.reduce((most, count) => Math.max(most, count), 0));
}
