/** What more photos would gain, and what bad ones cost: by a plain classifier of the photos, for the doctor. */

import { type ClassGains, measureClassGains, mostClasses } from '../evaluation/classGains.ts';
import type { Robustness } from '../evaluation/robustness.ts';
import { problemOf } from '../heads/head.ts';
import { softmax } from '../heads/softmax.ts';
import { gather, type Rows } from '../numerics/rows.ts';
import type { DoctorResult } from '../results/doctorResult.ts';
import { makeSplit } from '../split/makeSplit.ts';
import { checkRobustness } from './checkRobustness.ts';
import type { Checked, DoctorOptions, DoctorPlatform } from './doctorTypes.ts';

/** Nothing is chosen, so that nothing is chosen on what is judged. */
const plain = { head: softmax, settings: { l2: 0.003 } };
const folds = 5;
/** Separate photos of a class, so that each fold has one and the others can be halved. */
const fewestGroups = 5;
/** Answers to classes in one step of all fits together: with 200 components some ten seconds of processor time. */
const mostAnswers = 1e7;

export interface Outlook {
  /** Null where it has no meaning, or would take too long: `skipped` says why. */
  readonly morePhotos: ClassGains | null;
  /** Null where it was not asked for. */
  readonly robustness: Robustness | null;
  readonly skipped: DoctorResult['skipped'];
}

/**
 * Every photo is answered for by a classifier that has not seen its fold, whatever side of a split of the user's it is on.
 * @param seconds that the photos took
 */
export async function outlook(
  checked: Checked,
  seconds: number,
  options: DoctorOptions,
  platform: DoctorPlatform,
): Promise<Outlook> {
  const { labelled, extraction, network, context } = checked;
  if (!labelled) {
    const reason = 'What bad photos cost is only known of classes, so `robustness` is left out.';
    return {
      morePhotos: null,
      robustness: null,
      skipped: options.robustness ? [{ section: 'robustness', reason }] : [],
    };
  }
  const { space, photos } = labelled;
  const separate = photos.classes.map(() => new Set<number>());
  for (const [row, label] of photos.labels.entries()) separate[label]?.add(photos.groups[row]!);
  const places = new Map([...separate.keys()].filter((c) => separate[c]!.size >= fewestGroups).map((c, to) => [c, to]));
  const rows = [...photos.labels.keys()].filter((row) => places.has(photos.labels[row]!));
  const classes = photos.classes.filter((_, c) => places.has(c));
  if (classes.length < 2) {
    const reason = `What more photos would gain, and what bad ones cost, is only known of classes with ${fewestGroups} separate photos or more: there are fewer than two such classes.`;
    return { morePhotos: null, robustness: null, skipped: [{ section: 'morePhotos', reason }] };
  }
  const targets = { classes, labels: Int32Array.from(rows, (row) => places.get(photos.labels[row]!)!) };
  const groups = Int32Array.from(rows, (row) => photos.groups[row]!);
  const ids = rows.map((row) => photos.ids[row]!);
  const given = rows.map(() => undefined);
  const split = makeSplit({ ...targets, groups, ids, given, seed: photos.seed, folds, repeats: 1 });
  // Of many photos a copy is large; mostly all are asked.
  const kept = (features: Rows) => (rows.length === photos.labels.length ? features : gather(features, rows));
  const fits = folds * (1 + Math.min(mostClasses, classes.length));
  const isTooMuch = rows.length * classes.length * fits > mostAnswers;
  options.onStage?.('Asking what more photos would gain');
  const own = { photos: problemOf({ features: kept(space.components) }, targets), targets, split, groups };
  const gains = isTooMuch ? undefined : await measureClassGains(plain, own, context);
  const robustness = options.robustness
    ? await checkRobustness(
        {
          taken: plain,
          problem: problemOf({ features: kept(extraction.features) }, targets),
          extraction: { items: rows.map((row) => extraction.items[row]!), computed: extraction.computed },
          weights: new Float32Array(rows.length).fill(1),
          ...{ split, groups, backbone: network, seconds },
        },
        options,
        platform,
        context,
      )
    : undefined;
  const missing = photos.classes.filter((_, c) => !places.has(c));
  const reason = `With ${classes.length.toLocaleString('en-US')} classes of so many photos, it takes long to measure what more of them would gain: \`carafe train\` says it.`;
  return {
    morePhotos: gains ? { ...gains, left: [...gains.left, ...missing] } : null,
    robustness: robustness ?? null,
    skipped: isTooMuch ? [{ section: 'morePhotos', reason }] : [],
  };
}
