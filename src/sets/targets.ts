/** What photos show, as numbers (targets). */

import type { ImageItem } from './imageSet.ts';

/** What photos show, as numbers: what a head learns, a split spreads evenly, and a figure is held against. */
export interface Targets {
  /** [C] Names of the classes, or of the labels. */
  readonly classes: readonly string[];
  /** [N] Class of each photo, 0 .. C - 1; where a photo may have several labels or none, the number of their combination. */
  readonly labels: Int32Array;
  /** [N, C] 1 for each label of a photo, where it may have several or none; undefined with one class a photo. */
  readonly truth?: Uint8Array | undefined;
}

/** Targets where a photo may have several labels or none. */
export interface LabelTargets extends Targets {
  readonly truth: Uint8Array;
}

/** One class a photo: its first label. */
export function classTargets(classes: readonly string[], items: readonly Pick<ImageItem, 'labels'>[]): Targets {
  const placeOf = new Map(classes.map((label, place) => [label, place]));
  return { classes, labels: Int32Array.from(items, ({ labels: [label] }) => placeOf.get(label) ?? -1) };
}

/** Several labels a photo, or none. */
export function labelTargets(classes: readonly string[], items: readonly Pick<ImageItem, 'labels'>[]): LabelTargets {
  const placeOf = new Map(classes.map((label, place) => [label, place]));
  const truth = new Uint8Array(items.length * classes.length);
  const combinations = new Map<string, number>();
  const labels = Int32Array.from(items, (item, row) => {
    for (const label of item.labels) {
      const place = placeOf.get(label);
      if (place !== undefined) truth[row * classes.length + place] = 1;
    }
    const combination = item.labels.toSorted().join('\0');
    const number = combinations.get(combination) ?? combinations.size;
    combinations.set(combination, number);
    return number;
  });
  return { classes, labels, truth };
}

/** Numbers of a photo's labels, ascending; with one class a photo that class alone. */
export function labelsOf({ classes, labels, truth }: Targets, photo: number): number[] {
  if (!truth) return [labels[photo]];
  const own = [];
  for (let label = 0; label < classes.length; label++) if (truth[photo * classes.length + label]) own.push(label);
  return own;
}

/** [N] What is drawn in proportion: classes; combinations of labels are too many for that, so all photos are one stratum. */
export function strataOf({ labels, truth }: Targets): Int32Array {
  return truth ? new Int32Array(labels.length) : labels;
}
