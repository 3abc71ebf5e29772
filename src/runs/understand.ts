/** The photos of a run: found, refined, and described before work begins. */

import type { DryRunResult } from '../results/dryRunResult.ts';
import { type ImageSet, isMultiLabel, requireClasses, requireLabels } from '../sets/imageSet.ts';
import { refineSet, requirePhotos, type SetOptions, splitNotes } from '../sets/refineSet.ts';
import { classCounts, sideCounts, understood } from '../sets/understood.ts';
import { version } from '../version.ts';
import { findNormal } from './findNormal.ts';
import type { OneClassOptions, TrainOptions, TrainPlatform } from './options.ts';

/**
 * Finds the photos that a run learns from, and makes sure that they are enough, as far as that shows before any is read.
 * @throws CarafeError for everything that a user can mend
 */
export async function findSet(
  source: string,
  options: SetOptions,
  { findImageSet }: Pick<TrainPlatform, 'findImageSet'>,
): Promise<ImageSet> {
  const set = refineSet(await findImageSet(source, options), options);
  if (isMultiLabel(set)) requireLabels(set);
  else {
    requireClasses(set);
    requirePhotos(set);
  }
  return { ...set, notes: [...(set.notes ?? []), ...splitNotes(set)] };
}

/** Says what was understood, and what looks wrong. */
export function tell(
  set: ImageSet,
  kind: Parameters<typeof understood>[1],
  { onUnderstood, onWarning }: Pick<TrainOptions, 'onUnderstood' | 'onWarning'>,
): void {
  onUnderstood?.(understood(set, kind));
  for (const note of set.notes ?? []) onWarning?.(note);
}

/** Which photos a run would learn from. */
export type DryRunOptions = SetOptions & Pick<OneClassOptions, 'normal'> & { readonly oneClass?: boolean | undefined };

/** What a run would learn from; no photo is read, and nothing is written. */
export async function dryRunOn(
  source: string,
  options: DryRunOptions,
  platform: Pick<TrainPlatform, 'findImageSet'>,
): Promise<DryRunResult> {
  if (options.oneClass) {
    const { set, label } = await findNormal(source, options, platform);
    return dryRunOf(set, { normal: label });
  }
  const set = await findSet(source, options, platform);
  return dryRunOf(set, isMultiLabel(set) ? 'labels' : 'classes');
}

function dryRunOf(set: ImageSet, kind: Parameters<typeof understood>[1]): DryRunResult {
  const { source, items, inside, groups, leftOut = [], notes = [] } = set;
  const sides = sideCounts(set);
  return {
    version,
    command: 'train',
    dryRun: true,
    task: typeof kind === 'object' ? 'one-class' : kind === 'labels' ? 'multi-label' : 'single-label',
    images: { source, found: items.length, inside, leftOut: [...leftOut], groups },
    classes: classCounts(set),
    ...(typeof kind === 'object' && { normal: kind.normal }),
    split: sides.none === items.length ? null : sides,
    understood: understood(set, kind),
    notes: [...notes],
  };
}
