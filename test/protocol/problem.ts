import { Random } from '../../src/numerics/random.ts';
import { makeSplit } from '../../src/split/makeSplit.ts';
import type { Split } from '../../src/split/split.ts';

/** Photos as all that is judged by has them: what is known of them, and which are kept out of what. */
export interface Drawn {
  readonly photos: number;
  readonly width: number;
  /** [photos, width] */
  readonly features: Float32Array;
  /** Class of each photo; of several labels its first. */
  readonly labels: Int32Array;
  readonly classes: number;
  /** Of each photo; with twins, a photo and its copies are one group. */
  readonly groups: Int32Array;
  readonly ids: readonly string[];
  /** Weight of each photo in training; 0 keeps it out. */
  readonly weights: Float32Array;
  readonly split: Split;
}

export type SplitKind = 'holdout' | 'folds';

export interface DrawOptions {
  readonly kind: SplitKind;
  readonly pictures: number;
  readonly width: number;
  readonly classes?: number;
  /** How far apart the classes are; 0: labels are chance. */
  readonly apart?: number;
  /** Photos of each picture: copies, in one group. */
  readonly times?: number;
  readonly folds?: number;
  readonly seed: string;
}

/** Classes are overlapping clouds; a picture's copies differ from it by next to nothing. */
export function drawn({
  kind,
  pictures,
  width,
  classes = 2,
  apart = 1,
  times = 1,
  folds = 3,
  seed,
}: DrawOptions): Drawn {
  const random = new Random(seed);
  const centres = Float64Array.from({ length: classes * width }, () => apart * random.normal());
  // Chance deals the labels, as evenly as can be.
  const dealt = random.shuffle(Array.from({ length: pictures }, (_, i) => i % classes));
  const picture = Float32Array.from(
    { length: pictures * width },
    (_, at) => 1 + random.normal() + centres[dealt[Math.floor(at / width)] * width + (at % width)],
  );
  const photos = pictures * times;
  const of = (photo: number) => photo % pictures;
  const features = Float32Array.from(
    { length: photos * width },
    (_, at) => picture[of(Math.floor(at / width)) * width + (at % width)] + 1e-4 * random.normal(),
  );
  const labels = Int32Array.from({ length: photos }, (_, photo) => dealt[of(photo)]);
  const groups = Int32Array.from({ length: photos }, (_, photo) => of(photo));
  const ids = Array.from({ length: photos }, (_, photo) => `${seed} ${photo}`);
  return {
    ...{ photos, width, features, labels, classes, groups, ids },
    weights: new Float32Array(photos).fill(1),
    split: splitOf({ photos, labels, classes, groups, ids, pictures, kind, folds }),
  };
}

interface Unsplit extends Pick<Drawn, 'photos' | 'labels' | 'classes' | 'groups' | 'ids'> {
  readonly pictures: number;
  readonly kind: SplitKind;
  readonly folds: number;
}

/** The product's own split; of a held-out part, that of a third of the pictures. */
function splitOf({ photos, labels, classes, groups, ids, pictures, kind, folds }: Unsplit): Split {
  const isTest = (photo: number) => kind === 'holdout' && (photo % pictures) % 3 === 0;
  const split = makeSplit({
    ...{ labels, classes: namesOf(classes), groups, ids, seed: 0 },
    given: Array.from({ length: photos }, (_, photo) => (isTest(photo) ? 'test' : undefined)),
    ...(kind === 'folds' ? { folds, repeats: 1 } : {}),
  });
  if (split.kind !== kind) throw new TypeError(`a split with ${kind} was wanted`);
  return split;
}

export function namesOf(classes: number): string[] {
  return Array.from({ length: classes }, (_, label) => `class ${label}`);
}

/**
 * The photos with others in the place of some: the features of one half of these become those of any other photo, under
 * another label, or go far away; all of them get wrong labels.
 * @param rows whose labels are poisoned
 * @param half of these, whose features are poisoned too
 */
export function poisoned(problem: Drawn, rows: readonly number[], half: readonly number[]): Drawn {
  const { width, classes, photos } = problem;
  const random = new Random('poison');
  const features = problem.features.slice();
  const labels = problem.labels.slice();
  for (const row of rows) labels[row] = (labels[row] + 1 + random.int(classes - 1)) % classes;
  for (const [i, row] of half.entries()) {
    const other = random.int(photos);
    const copy = problem.features.subarray(other * width, (other + 1) * width);
    features.set(i % 2 ? copy : copy.map((value) => 4 - 6 * value), row * width);
  }
  return { ...problem, features, labels };
}
