/** The doctor: what is wrong with a set of photos. */

import { gainOf } from '../doctor/correctedLabels.ts';
import { describeDuplicates, foldAccuracy } from '../doctor/duplicateGroups.ts';
import { type LabelErrors, labelErrorsIn } from '../doctor/labelErrors.ts';
import { isLikeliest, labelFolds, labelLogits, labelSpace, scoreLabels } from '../doctor/labelScores.ts';
import { findPhotoProblems } from '../doctor/photoProblems.ts';
import { extractFeatures } from '../features/extract.ts';
import type { DoctorResult } from '../results/doctorResult.ts';
import { Stopwatch } from '../runtime/stopwatch.ts';
import { type ImageSet, isMultiLabel } from '../sets/imageSet.ts';
import { refineSet } from '../sets/refineSet.ts';
import { groupPhotos } from '../split/groupPhotos.ts';
import { taskOf } from '../tasks/registry.ts';
import { version } from '../version.ts';
import { doctorPage, setId } from './doctorBeside.ts';
import { doctorTable, writeDoctorPage } from './doctorFiles.ts';
import type { Checked, DoctorOptions, DoctorPlatform } from './doctorTypes.ts';
import { findTurned } from './findTurned.ts';
import { outlook } from './outlook.ts';
import { imagesSeen } from './runFacts.ts';

/**
 * Examines photos: wrong labels, duplicates, photos that hurt, shortcuts; writes `doctor.html` and `doctor.csv`.
 * @param source a folder with one sub-folder per class, a folder of photos without labels, or a list
 * @throws CarafeError for everything that a user can fix
 */
export async function doctor(source: string, options: DoctorOptions, platform: DoctorPlatform): Promise<DoctorResult> {
  const watch = new Stopwatch(['extraction', 'checks']);
  await platform.ensureFolder(options.out);
  const checked = await look(source, options, platform);
  watch.lap('extraction');
  const { extraction: seconds } = watch.seconds();
  const { set, extraction, targets, grouped, labelled, context } = checked;
  const { items } = extraction;
  const labelOf = ({ labels }: { readonly labels: readonly string[] }) =>
    checked.task === 'unlabelled' || labels.length === 0 ? null : labels.join(' + ');
  const photos = items.map((item, row) => ({
    ...extraction.photos[row]!,
    path: item.path,
    label: labelOf(item),
    split: item.split,
  }));
  const paths = items.map(({ path }) => path);

  options.onStage?.('Checking the labels');
  const scores = labelled && scoreLabels(labelled.space, labelled.photos);
  const labelErrors =
    scores && labelErrorsIn(labelled.space, { ...labelled.photos, paths, duplicates: grouped.duplicates }, scores);
  const correction = labelErrors ? suggestedGain(labelled!, labelErrors, paths) : null;

  options.onStage?.('Checking duplicates, photos and shortcuts');
  const own = Int32Array.from(items.keys());
  const accuracyIn = ({ space, photos: given }: NonNullable<typeof labelled>, groups: Int32Array) =>
    foldAccuracy(isLikeliest(labelLogits(space, { ...given, groups }), given.labels), groups, labelFolds);
  const accuracy =
    labelled && grouped.duplicates.length > 0
      ? { together: accuracyIn(labelled, grouped.groups), apart: accuracyIn(labelled, own) }
      : null;
  const labelByPath = new Map(set.items.map((item) => [item.path, labelOf(item)]));
  const failed = extraction.failed.map((failure) => ({ ...failure, label: labelByPath.get(failure.path) ?? null }));
  const turned = await findTurned(checked, seconds, platform, options);
  const { skipped, ...expected } = await outlook(checked, seconds, options, platform);
  const result: DoctorResult = {
    version,
    command: 'doctor',
    images: imagesSeen(source, extraction),
    set: checked.id,
    task: checked.task,
    classes: checked.task === 'unlabelled' ? [] : countsOf(set),
    backbone: { name: checked.network.name, hash: checked.network.hash },
    labelErrors: labelErrors ?? null,
    correction,
    duplicates: describeDuplicates(photos, grouped.duplicates, accuracy),
    problems: findPhotoProblems(photos, failed, turned),
    shortcuts:
      checked.task === 'unlabelled' ? null : taskOf(set).shortcuts(photos, targets, grouped.groups, context.seed),
    ...expected,
    skipped: [...skippedOf(checked), ...skipped],
    seconds: { total: 0, extraction: 0, checks: 0 },
    files: { page: `${options.out}/${doctorPage}`, table: `${options.out}/doctor.csv` },
  };
  options.onStage?.('Writing the page');
  await platform.write(result.files.table, doctorTable(result));
  watch.lap('checks');
  const finished = { ...result, seconds: watch.seconds() };
  await writeDoctorPage(finished, extraction, platform, options.out);
  return finished;
}

/** Finds the photos and looks at each of them, through the cache. */
export async function look(source: string, options: DoctorOptions, platform: DoctorPlatform): Promise<Checked> {
  const { seed = 0, signal, threads = platform.cores, onWarning, onStage } = options;
  const set = refineSet(await platform.findImageSet(source, { ...options, flat: true }), {
    mergeLabels: options.mergeLabels,
  });
  for (const note of set.notes ?? []) onWarning?.(note);
  const backbone = await platform.resolveBackbone(options.backbone ?? 'embedded', options);
  const extraction = await extractFeatures(set.items, backbone, platform, {
    appearance: true,
    threads,
    signal,
    progress: options.onProgress,
    onWarning,
    limits: options.limits,
  });
  const { items } = extraction;
  const several = isMultiLabel(set);
  const task = set.classes.length < 2 ? 'unlabelled' : several ? 'multi-label' : 'single-label';
  const context = { openSession: platform.openSession, threads, seed, signal };
  const targets = taskOf(set).targets(set.classes, items);
  onStage?.('Looking for near-duplicates');
  const telling = {
    ...context,
    progress: (done: number, total: number) => options.onFitting?.(Math.min(1, done / total)),
  };
  const grouped = await groupPhotos(extraction, targets.labels, telling);
  onStage?.('Comparing photos');
  const labelled =
    task === 'single-label' && items.length > 1
      ? {
          space: await labelSpace(extraction.features, seed, telling),
          photos: { ...grouped, labels: targets.labels, classes: set.classes, seed },
        }
      : undefined;
  return {
    set,
    task,
    network: backbone,
    extraction,
    targets,
    grouped,
    context,
    id: setId(extraction, platform.sha256),
    labelled,
  };
}

/** What it would gain to take the suggestion for all labels that are probably wrong. */
function suggestedGain(
  { space, photos }: NonNullable<Checked['labelled']>,
  found: LabelErrors,
  paths: readonly string[],
): DoctorResult['correction'] {
  const rowOf = new Map(paths.map((path, row) => [path, row]));
  const listed = found.photos.flatMap(({ path, suggested, wrong }) => {
    const row = rowOf.get(path);
    return row === undefined ? [] : [{ row, suggested: photos.classes.indexOf(suggested), wrong }];
  });
  const taken = listed.filter(({ wrong }) => wrong >= 0.5);
  const corrections = new Map(taken.map(({ row, suggested }) => [row, suggested]));
  return gainOf(space, photos, corrections, new Set(listed.map(({ row }) => row)));
}

function countsOf({ items, classes }: ImageSet): DoctorResult['classes'] {
  const counts = new Map(classes.map((label) => [label, 0]));
  for (const { labels } of items) for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts].map(([label, count]) => ({ label, count }));
}

function skippedOf({ task, labelled }: Checked): DoctorResult['skipped'] {
  if (labelled) return [];
  if (task === 'multi-label')
    return [
      {
        section: 'labelErrors',
        reason: 'Photos may have several labels or none, so a photo that looks like another label is not wrong for it.',
      },
    ];
  return ['labelErrors', 'shortcuts'].map((section) => ({
    section,
    reason: 'The photos have no labels to compare: put them into a folder for each class.',
  }));
}
