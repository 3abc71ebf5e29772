import * as z from 'zod';
import { Random } from '../numerics/random.ts';
import { quantile } from '../numerics/statistics.ts';
import { interval } from './evaluation.ts';
import { differenceInterval, foldInflation, shareInterval } from './intervals.ts';

/** What tells the classes apart without a look at what the photos show. */
export const shortcuts = z.array(
  z.object({
    what: z.enum(['size', 'shape', 'format', 'camera']),
    /** Of a classifier that knows this alone, cross-validated; groups are not divided. */
    accuracy: interval,
    /** Of always answering the commonest class. */
    baseline: z.number(),
    sentence: z.string(),
  }),
);
export type Shortcuts = z.infer<typeof shortcuts>;

/** What is known of a photo besides what it shows. */
export interface PhotoFacts {
  readonly path: string;
  /** Upright, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly shot?: { readonly camera: string } | undefined;
}

const folds = 5;
const bins = 16;
/** So much better than the commonest class it must be, at the lower end of the interval: small differences are usual. */
const least = 0.1;

/** What is asked, in this order; the shape says nothing new where the size says it. */
const questions: readonly {
  readonly what: Shortcuts[number]['what'];
  readonly of: (photo: PhotoFacts) => number | string;
  readonly shown: (photo: PhotoFacts) => string;
}[] = [
  {
    what: 'size',
    of: ({ width, height }) => Math.max(width, height),
    shown: ({ width, height }) => `${width} x ${height} px`,
  },
  {
    what: 'shape',
    of: ({ width, height }) => width / height,
    shown: ({ width, height }) => `${(width / height).toFixed(2)} times as wide as high`,
  },
  { what: 'format', of: formatOf, shown: (photo) => `.${formatOf(photo)}` },
  {
    what: 'camera',
    of: ({ shot }) => shot?.camera ?? '',
    shown: ({ shot }) => (shot ? `taken with ${shot.camera}` : 'without the name of a camera'),
  },
];

/**
 * Finds where size, shape, format or camera of the photos tell their classes apart: a classifier then learns these, and fails on
 * photos of another source. Told only where it is clearly so.
 * @param labels class of each photo
 * @param groups photos of a group stay in one fold, and count as what they are worth
 */
export function findShortcuts(
  photos: readonly PhotoFacts[],
  labels: Int32Array,
  classes: readonly string[],
  groups: Int32Array,
  seed: number,
): Shortcuts {
  const found: Shortcuts = [];
  const fold = foldOf(groups, seed);
  const commonest = commonestOf(labels, classes.length);
  const base = labels.map((label) => Number(label === commonest));
  for (const { what, of, shown } of questions) {
    if (what === 'shape' && found.length > 0) continue;
    const correct = crossValidated(photos.map(of), labels, classes.length, fold);
    const accuracy = shareInterval(correct, groups, foldInflation(folds));
    const gain = differenceInterval(
      correct.map((right, row) => right - base[row]),
      groups,
      foldInflation(folds),
    ).interval;
    if (gain.low < least) continue;
    const share = base.reduce((sum, one) => sum + one, 0) / base.length;
    found.push({
      what,
      accuracy,
      baseline: share,
      sentence: sentenceOf(what, photos, labels, classes, of, shown, accuracy.value),
    });
  }
  return found;
}

/** Answers with the commonest class among the training photos of the same bin; 1 where that is right. */
function crossValidated(
  values: readonly (number | string)[],
  labels: Int32Array,
  classes: number,
  fold: Int32Array,
): Float64Array {
  const correct = new Float64Array(values.length);
  for (let k = 0; k < folds; k++) {
    const learned = [...fold.keys()].filter((row) => fold[row] !== k);
    const numbers = learned.flatMap((row) => (typeof values[row] === 'number' ? [values[row]] : []));
    const edges = Array.from({ length: bins - 1 }, (_, i) => quantile(numbers, (i + 1) / bins));
    const binOf = (value: number | string) =>
      typeof value === 'number' ? `${edges.filter((edge) => value > edge).length}` : value;
    const rowsOf = new Map<string, number[]>();
    for (const row of learned) {
      const own = rowsOf.get(binOf(values[row]));
      if (own) own.push(row);
      else rowsOf.set(binOf(values[row]), [row]);
    }
    const most = (rows: readonly number[]) =>
      commonestOf(
        Int32Array.from(rows, (row) => labels[row]),
        classes,
      );
    const usual = most(learned);
    const answers = new Map([...rowsOf].map(([bin, rows]) => [bin, most(rows)]));
    for (const row of fold.keys())
      if (fold[row] === k) correct[row] = Number((answers.get(binOf(values[row])) ?? usual) === labels[row]);
  }
  return correct;
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

/** `class 'defect' is usually 120 x 120 px, class 'good' 576 x 576 px`, for the two classes that differ most. */
function sentenceOf(
  what: Shortcuts[number]['what'],
  photos: readonly PhotoFacts[],
  labels: Int32Array,
  classes: readonly string[],
  of: (photo: PhotoFacts) => number | string,
  shown: (photo: PhotoFacts) => string,
  accuracy: number,
): string {
  const usual = classes
    .flatMap((label, c) => {
      const own = photos.filter((_, row) => labels[row] === c).toSorted((a, b) => compared(of(a), of(b)));
      return own.length > 0 ? [{ label, photo: own[Math.floor(own.length / 2)] }] : [];
    })
    .toSorted((a, b) => compared(of(a.photo), of(b.photo)));
  const [first, last] = [usual[0], usual[usual.length - 1]];
  return `The ${what} of a photo alone tells ${(100 * accuracy).toFixed(1)}% of the classes: class '${first.label}' is usually ${shown(first.photo)}, class '${last.label}' ${shown(last.photo)}. A classifier may learn that instead of what the photos show; make all photos alike in this, or use photos of one source.`;
}

function compared(a: number | string, b: number | string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** By the file's name. */
function formatOf({ path }: PhotoFacts): string {
  const ending = /\.(\w+)$/.exec(path)?.[1]?.toLowerCase() ?? '';
  return ending === 'jpeg' || ending === 'jfif' ? 'jpg' : ending;
}
