/** Makes a split: a held-out part or folds, with the reason. */

import { CarafeError } from '../errors.ts';
import { inRow, message, messageOf } from '../message.ts';
import { largestOf, smallestOf } from '../numerics/statistics.ts';
import { labelsOf } from '../sets/targets.ts';
import { givenTest } from './givenSplit.ts';
import type { Folds, Holdout, Split, SplitInput } from './split.ts';
import { assignFolds, groupsOf, groupsPerClass, orderedGroups, takeShare } from './stratifiedGroups.ts';

const testShare = 0.2;
const usualFolds = 5;
/**
 * A smaller held-out part says too little. Folds test on all photos, and so say as much as a held-out part of nearly five
 * times the size: 150 photos in folds give as narrow an interval as 120 held out of 600.
 */
const leastTestGroups = 150;
const leastOfClass = 5;
/** Small sets are judged several times over with other folds, up to about this many answers. */
const answersWanted = 600;
const usualRepeats = 5;

/**
 * Divides a set of photos so that what is measured is honest: groups stay together, classes are spread evenly, and
 * the same photos and seed give the same parts whatever the files are called. A part that the user has chosen for
 * testing is kept; else 20% is held out; else, where that would be too small a part, photos are judged by repeated
 * cross-validation.
 *
 * Throws TOO_FEW_IMAGES for a class that cannot be both trained on and tested, USAGE for folds that contradict the
 * user's own split.
 */
export function makeSplit(input: SplitInput): Split {
  const given = givenTest(input);
  if (given) return holdout(input, given.test, given.reason, given.leaks);
  const groups = groupsOf(input, input.labels.keys());
  const classGroups = groupsPerClass(input, groups);
  refuseSingleGroups(input, classGroups);
  if (input.folds !== undefined) {
    const why = input.repeats === undefined ? undefined : 'for a comparison on the same folds';
    return crossValidation(input, classGroups, input.folds, why);
  }
  const test = takeShare(orderedGroups(input, input.labels.keys(), 'deal 0'), testShare);
  const lack = lacking(input, test);
  if (lack) return crossValidation(input, classGroups, usualFolds, lack);
  return holdout(
    input,
    test,
    `${test.length.toLocaleString('en-US')} of ${count(input.labels.length, 'photo')} are held out for the test, stratified by class.`,
  );
}

/** Why a held-out part would say too little, if so. */
function lacking(input: SplitInput, test: readonly number[]): string | undefined {
  const groups = groupsOf(input, test);
  if (groups.length < leastTestGroups)
    return `a held-out fifth would have only ${count(groups.length, groups.length === test.length ? 'photo' : 'group')}`;
  const classGroups = groupsPerClass(input, groups);
  const small = input.classes.findIndex((_, label) => classGroups[label] < leastOfClass);
  if (small < 0) return undefined;
  return `a held-out fifth would have only ${count(classGroups[small], 'separate photo')} of '${input.classes[small]}'`;
}

function refuseSingleGroups(input: SplitInput, classGroups: readonly number[]): void {
  const { classes, labels } = input;
  const counts = new Int32Array(classes.length);
  for (const row of labels.keys()) for (const label of labelsOf(input, row)) counts[label]++;
  const few = classes.flatMap((name, label) => {
    if (classGroups[label] > 1) return [];
    const photos = counts[label];
    if (photos < 2) return [photos === 1 ? message`'${name}' has one photo` : message`'${name}' has no photo`];
    return [message`the ${photos} photos of '${name}' form one group (equal, nearly equal, or put together by you)`];
  });
  if (few.length === 0) return;
  throw new CarafeError(
    'TOO_FEW_IMAGES',
    message`A class needs at least two separate photos, one to learn from and one to test on, but ${inRow(few)}.`,
    message`Add different photos of ${messageOf(few.length === 1 ? 'it' : 'each')}. \`minPhotos: 2\` leaves out classes with fewer separate photos.`,
  );
}

function holdout(input: SplitInput, testRows: readonly number[], reason: string, leaks = 0): Holdout {
  const test = Int32Array.from(testRows).sort();
  const held = new Set(testRows);
  const train = Int32Array.from(input.labels.keys()).filter((row) => !held.has(row));
  const { inner, innerFolds } = innerParts(input, [train], 'deal 0');
  return { kind: 'holdout', train, test, inner: inner[0], innerFolds, leaks, reason };
}

function crossValidation(input: SplitInput, classGroups: readonly number[], wanted: number, why?: string): Folds {
  if (!Number.isInteger(wanted) || wanted < 2)
    throw new CarafeError(
      'USAGE',
      message`\`folds: ${wanted}\` is not a valid number of folds.`,
      'Give a whole number, 2 or more.',
    );
  const fewest = classGroups.indexOf(smallestOf(classGroups));
  const folds = Math.min(wanted, classGroups[fewest]);
  const photos = input.labels.length;
  const { mostRepeats = usualRepeats } = input;
  const repeats = input.repeats ?? Math.min(mostRepeats, Math.max(1, Math.round(answersWanted / photos)));
  const assignments: Int32Array[] = [];
  const parts: Int32Array[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    const assignment = new Int32Array(photos);
    assignFolds(input, orderedGroups(input, input.labels.keys(), `deal ${repeat}`), folds, assignment);
    assignments.push(assignment);
    for (let fold = 0; fold < folds; fold++)
      parts.push(Int32Array.from(input.labels.keys()).filter((row) => assignment[row] !== fold));
  }
  const { inner, innerFolds } = innerParts(input, parts, 'inner');
  const fewer =
    folds < wanted ? `${folds}, since '${input.classes[fewest]}' has ${count(folds, 'separate photo')}` : '';
  const because = [why, fewer].filter(Boolean).join('; ');
  return {
    kind: 'folds',
    folds,
    assignments,
    inner: assignments.map((_, repeat) => inner.slice(repeat * folds, (repeat + 1) * folds)),
    innerFolds,
    reason: `Every photo is tested by ${folds}-fold cross-validation${why || fewer ? '' : ', as you asked'}${times(repeats)}${because && ` (${because})`}.`,
  };
}

/**
 * Inner folds of each training part, the same number for all: five, or as many as the class with the most groups has.
 * Classes of fewer groups are in some of the folds; a class of one group is in none and always trained on.
 */
function innerParts(
  input: SplitInput,
  parts: readonly Int32Array[],
  purpose: string,
): { inner: Int32Array[]; innerFolds: number } {
  const dealt = parts.map((rows) => ({
    rows,
    strata: orderedGroups(input, rows, purpose),
    classGroups: groupsPerClass(input, groupsOf(input, rows)),
  }));
  const most = Math.min(usualFolds, smallestOf(dealt.map(({ classGroups }) => largestOf(classGroups))));
  const innerFolds = most < 2 ? 0 : most;
  const inner = dealt.map(({ rows, strata, classGroups }) => {
    const folds = new Int32Array(input.labels.length).fill(-1);
    for (const row of rows) folds[row] = innerFolds;
    if (innerFolds > 0)
      assignFolds(
        input,
        strata.map((hands, label) => (classGroups[label] === 1 ? [] : hands)),
        innerFolds,
        folds,
      );
    return folds;
  });
  return { inner, innerFolds };
}

/** How often the folds are dealt anew. */
function times(repeats: number): string {
  return repeats < 2 ? '' : repeats === 2 ? ', run twice' : `, run ${repeats} times`;
}

function count(n: number, what: string): string {
  return `${n.toLocaleString('en-US')} ${what}${n === 1 ? '' : 's'}`;
}
