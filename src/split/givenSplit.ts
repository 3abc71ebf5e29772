/** The user's own split. */

import { CarafeError } from '../errors.ts';
import { labelsOf } from '../sets/targets.ts';
import type { SplitInput } from './split.ts';

/**
 * The part that the user's own split keeps for testing; undefined where it names none. `val` joins the training part,
 * where settings are chosen by cross-validation; without a `test`, `val` is what is tested on. A photo without a side
 * goes with its group, else to training. `train` alone holds nothing out and so says nothing.
 */
export function givenTest(input: SplitInput): { test: number[]; leaks: number; reason: string } | undefined {
  const { given, groups, classes, folds } = input;
  const side = given.includes('test') ? 'test' : given.includes('val') ? 'val' : undefined;
  if (!side) return undefined;
  if (folds !== undefined)
    throw new CarafeError(
      'USAGE',
      `\`folds\` asks for cross-validation, but this image set has its own '${side}' part.`,
      'Leave `folds` out, or use `ignoreSplit` to split all its photos anew.',
    );
  const testGroups = new Set(groups.filter((_, row) => given[row] === side));
  const test = [...given.keys()].filter((row) => given[row] === side || (!given[row] && testGroups.has(groups[row])));
  const held = new Set(test);
  const train = [...given.keys()].filter((row) => !held.has(row));
  const learnt = new Set(train.flatMap((row) => labelsOf(input, row)));
  const missing = classes.find((_, label) => !learnt.has(label));
  if (missing !== undefined)
    throw new CarafeError(
      'TOO_FEW_IMAGES',
      `The set's own split leaves no photo of '${missing}' to train on.`,
      'Move photos of it into the training part, remove the class, or use `ignoreSplit` to split all photos anew. If the training part holds only normal photos, use `trainOneClass`.',
    );
  const leaks = train.filter((row) => testGroups.has(groups[row])).length;
  return {
    test,
    leaks,
    reason:
      `The set's own split is kept: ${side} is the test part` +
      (side === 'test' && given.includes('val')
        ? '; val is used for training, too, and settings are chosen inside the training part'
        : '') +
      (leaks > 0
        ? `. ${leaks} training ${leaks === 1 ? 'photo is' : 'photos are'} equal or nearly equal to a test photo, or in its group, so these figures are too good. --ignore-split splits all photos anew, with equal ones on one side.`
        : '.'),
  };
}
