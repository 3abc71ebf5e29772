/** Writes the file of a classifier of classes or labels, and the part of the result that both share. */

import type { ClassCard } from '../classifier/card.ts';
import { makeClassifier } from '../classifier/make.ts';
import { trainedPhotos } from '../classifier/trainedPhotos.ts';
import type { Unknown } from '../evaluation/unknown.ts';
import type { Extraction } from '../features/extraction.ts';
import type { Head } from '../heads/head.ts';
import type { Subspace } from '../heads/oneClass/subspace.ts';
import { distortionsOf } from '../images/view.ts';
import { compare, type ImageSet } from '../sets/imageSet.ts';
import type { GroupedPhotos } from '../split/groupPhotos.ts';
import { findSeries } from '../split/series.ts';
import { learnedRows, type Split, splitSizes } from '../split/split.ts';
import type { Measured } from '../tasks/task.ts';
import type { Run } from './openRun.ts';
import type { TrainOptions, TrainPlatform } from './options.ts';
import { cardFacts, filesIn, resultFacts } from './runFacts.ts';

/** A classifier of classes or labels that was fitted and judged, and is not yet a file. */
export interface Trained<Fitted> {
  readonly set: ImageSet;
  readonly extraction: Extraction;
  readonly grouped: GroupedPhotos;
  readonly split: Split;
  readonly head: Pick<Head<never, Fitted>, 'name' | 'needs' | 'beside' | 'cut' | 'model' | 'toGraph'>;
  readonly judged: { readonly settings: unknown; readonly fitted: Fitted };
  /** The network's own framing and how another one was come by, where there is another, or was a choice. */
  readonly framing?: ClassCard['framing'];
  /** How the kind of head was come by, where it was not named. */
  readonly chosenBy?: 'auto' | undefined;
  /** The head that tells unknown photos, and what it is worth. */
  readonly unknown: { readonly fitted: Subspace; readonly unknown: Unknown };
}

/**
 * Makes the one file, which proves itself before it is written.
 * @param measured its calibration and its figures
 * @returns what the results of such runs have in common
 */
export async function finishRun<Fitted>(
  { set, extraction, grouped, split, head, judged, framing, chosenBy, unknown }: Trained<Fitted>,
  measured: Measured,
  { backbone, context, curves, watch }: Run,
  options: TrainOptions,
  platform: TrainPlatform,
) {
  const { items } = extraction;
  const { refit, views, balance } = options;
  const { seed } = context;
  const { ids, duplicates, conflicts } = grouped;
  const counts = new Map<string, number>();
  for (const { labels } of items) for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  const classes = set.classes.map((label) => ({ label, count: counts.get(label) ?? 0 }));
  const { kind, reason } = split;
  const file = kind === 'folds' || refit ? ('refitted' as const) : ('measured' as const);
  const facts = cardFacts(backbone, head.name, judged.settings);
  const classifier = await makeClassifier(
    { backbone, head, fitted: judged.fitted, unknown: unknown.fitted },
    {
      ...facts,
      framing,
      backbone: { ...facts.backbone, stage: head.cut },
      head: { ...facts.head, chosenBy },
      ...measured,
      labels: [...set.classes],
      training: {
        classes,
        seed,
        views: views && { count: views.count, ...distortionsOf(views) },
        balance,
        split: { kind, reason, file },
        photos: trainedPhotos(learnedRows(split, refit).map((row) => ids[row])),
      },
      unknown: unknown.unknown,
    },
    context,
    platform.prepare,
  );
  const files = filesIn(options.out);
  await platform.write(files.classifier, classifier);
  watch.lap('evaluation');
  const byPath = (groups: readonly (readonly number[])[]) =>
    groups
      .map((rows) => rows.map((row) => items[row]).sort((a, b) => compare(a.path, b.path)))
      .sort(([a], [b]) => compare(a.path, b.path));
  return {
    ...resultFacts(set, extraction, backbone),
    classes,
    duplicates: {
      groups: byPath(duplicates).map((group) => group.map(({ path }) => path)),
      conflicts: byPath(conflicts).map((group) => group.map(({ path, labels }) => ({ path, label: labels.join('|') }))),
      series: findSeries(extraction.photos, items, grouped.groups, seed),
    },
    split: { kind, ...splitSizes(split), seed, reason, file },
    head: facts.head,
    unknown: unknown.unknown,
    seconds: watch.seconds(),
    files: { ...files, classifierBytes: classifier.length, tensorboard: curves?.file },
    again: options.again?.(seed),
  };
}
