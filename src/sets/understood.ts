/** How a set was understood, in words, before long work begins. */

import type { GivenSplit, ImageSet, LeftOut } from './imageSet.ts';
import { testedSide } from './refineSet.ts';

/** Classes that are named; of more, the others are counted. */
const mostNamed = 12;

/** A class, with its number of photos. */
export interface ClassCount {
  readonly label: string;
  readonly count: number;
}

/** In the order of the classes. */
export function classCounts({ items, classes }: ImageSet): ClassCount[] {
  const counts = new Map<string, number>();
  for (const { labels } of items) for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return classes.map((label) => ({ label, count: counts.get(label) ?? 0 }));
}

/** Photos of each side that the set names, and of none. */
export function sideCounts({ items }: ImageSet): Record<GivenSplit | 'none', number> {
  const sides = { train: 0, val: 0, test: 0, none: 0 };
  for (const { split } of items) sides[split ?? 'none'] += 1;
  return sides;
}

/**
 * `3 classes: ants (123), bees (121), wasps (4); the set's own test part (50 photos); 12 files left out (9 .ppm, 3 without
 * extension)`
 * @param kind what the labels are, or the label of normal photos where those alone are learned
 */
export function understood(set: ImageSet, kind: 'classes' | 'labels' | { readonly normal: string }): string {
  const { inside, groups, leftOut = [] } = set;
  const files = leftOut.reduce((sum, { count }) => sum + count, 0);
  return [
    `${inside === undefined ? '' : `In '${inside}': `}${typeof kind === 'string' ? counted(set, kind) : normals(set, kind.normal)}`,
    ownSplit(set, typeof kind === 'string'),
    groups &&
      `${plural(groups.groups, 'group')} by ${groups.by}${groups.unmatched > 0 ? `, ${plural(groups.unmatched, 'photo')} ${groups.unmatched === 1 ? 'matches' : 'match'} nothing` : ''}`,
    files > 0 && `${plural(files, 'file')} left out (${kindsText(leftOut)})`,
  ]
    .filter((part) => part)
    .join('; ');
}

function counted(set: ImageSet, kind: 'classes' | 'labels'): string {
  const counts = classCounts(set);
  const bare = set.items.filter(({ labels }) => labels.length === 0).length;
  const one = kind === 'classes' ? 'class' : 'label';
  return `${plural(counts.length, one, kind)}: ${named(counts)}${bare > 0 ? `; ${plural(bare, 'photo')} without a label` : ''}`;
}

function named(counts: readonly ClassCount[]): string {
  const shown = counts.slice(0, mostNamed).map(({ label, count }) => `${shownLabel(label)} (${number(count)})`);
  const rest = counts.slice(mostNamed).map(({ count }) => count);
  if (rest.length === 0) return shown.join(', ');
  let [least, most] = [rest[0], rest[0]];
  for (const count of rest) {
    least = Math.min(least, count);
    most = Math.max(most, count);
  }
  return `${shown.join(', ')} and ${number(rest.length)} more (${least === most ? number(least) : `${number(least)} to ${number(most)}`} each)`;
}

function normals(set: ImageSet, normal: string): string {
  const others = classCounts(set).filter(({ label }) => label !== normal);
  const count = set.items.filter(({ labels: [label] }) => label === normal).length;
  return `${plural(count, 'normal photo')} in ${shownLabel(normal)}${others.length > 0 ? `, and for testing: ${named(others)}` : ''}`;
}

function ownSplit(set: ImageSet, trainsOnVal: boolean): string {
  const tested = testedSide(set);
  if (tested === undefined) return '';
  const { val, test } = sideCounts(set);
  const also =
    tested === 'test' && val > 0 && trainsOnVal ? `; its val part (${number(val)}) is used for training, too` : '';
  return `the set's own ${tested} part (${plural(tested === 'test' ? test : val, 'photo')}) is kept for the test${also}`;
}

/** A label with blanks at an end is quoted, so that they show. */
function shownLabel(label: string): string {
  return label.trim() === label ? label : JSON.stringify(label);
}

/** `9 .ppm, 3 without extension` */
export function kindsText(leftOut: readonly LeftOut[]): string {
  return leftOut.map(({ kind, count }) => `${number(count)} ${kind}`).join(', ');
}

function number(value: number): string {
  return value.toLocaleString('en');
}

function plural(count: number, one: string, many = `${one}s`): string {
  return `${number(count)} ${count === 1 ? one : many}`;
}
