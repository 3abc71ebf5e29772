/** Classes removed, merged, renamed, and photos added, without training. */

import { CarafeError } from '../errors.ts';
import type { FitContext } from '../heads/head.ts';
import type { Model } from '../onnx/model.ts';
import { writeModel } from '../onnx/write.ts';
import type { Matrix } from '../runtime/platform.ts';
import { didYouMean } from '../sets/labelKey.ts';
import { answering } from './answering.ts';
import { type ClassCard, cardToMetadata, type LabelCard, requireNamedCard } from './card.ts';
import { Classifier } from './classifier.ts';
import { editColumns, editedColumns } from './editColumns.ts';
import { addToHead, answered, type EditableHead, editableHead, replaceHead } from './editHead.ts';
import { readClassifierFile } from './file.ts';
import { proven } from './make.ts';
import { trainedPhotos } from './trainedPhotos.ts';

/** Changes of a classifier's classes, in this order. */
export interface ClassEdits {
  readonly remove?: readonly string[] | undefined;
  /** Classes that become one, under a label of their own or of one of them. */
  readonly merge?: readonly { readonly labels: readonly string[]; readonly into: string }[] | undefined;
  readonly rename?: ReadonlyMap<string, string> | undefined;
}

/** A class after the edits, and the columns of the old classes that it is made of. */
interface Group {
  readonly label: string;
  readonly columns: readonly number[];
}

/** Photos of a class, an old or a new one, by what the classifier's own network gives for them. */
export interface Addition {
  readonly label: string;
  /** SHA-256 of each photo's bytes. */
  readonly ids: readonly string[];
  /** Of the photos, then, view after view, of all their views. */
  readonly features: Matrix;
}

/** What came of an addition. */
export interface Added {
  readonly label: string;
  readonly isNew: boolean;
  readonly photos: number;
  /** Guaranteed false-positive rate for photos like these; undefined if the file calls no photo unknown. */
  readonly guaranteed: number | undefined;
}

export interface Edited {
  readonly bytes: Uint8Array;
  readonly card: ClassCard | LabelCard;
  readonly added: readonly Added[];
  /** Undefined if nothing was removed. */
  readonly removed: Removal | undefined;
}

/** What was removed, and a sentence on what becomes of photos of it. */
export interface Removal {
  readonly labels: readonly string[];
  readonly note: string;
}

/**
 * Removes, merges and renames the classes of a classifier of any head, without photos and in milliseconds (where a photo
 * may have several labels: removes and renames them); then adds photos to its classes, or new classes, where the head
 * (knn, prototype) learns without being trained: such a head forgets what is removed, others still recognise it and call
 * it unknown. The figures on the card are those from before. The new file has passed its own self-test.
 * @throws CarafeError BAD_MODEL, NOT_A_CLASSIFIER; USAGE for labels that are not there, too few that are left, or a head
 * that has to be trained
 */
export function editClasses(
  bytes: Uint8Array,
  source: string,
  edits: ClassEdits,
  additions: readonly Addition[],
  context: FitContext,
): Promise<Edited> {
  return answering(source, () => edit(bytes, source, edits, additions, context));
}

async function edit(
  bytes: Uint8Array,
  source: string,
  edits: ClassEdits,
  additions: readonly Addition[],
  context: FitContext,
): Promise<Edited> {
  const { model, card } = readClassifierFile(bytes, source, requireNamedCard);
  const groups = edited(card, edits, source);
  const columns = groups.map((group) => group.columns);
  const { images } = card.selfTest;
  const start = card.task === 'single-label' ? editableHead(model, card) : undefined;
  const removed = removal(card, columns, start);
  if (!start || card.task === 'multi-label') {
    if (additions.length > 0) throw cannotAdd(card, source);
    const kept =
      card.task === 'multi-label' ? regroupedLabels(card, groups, removed) : regrouped(card, groups, removed);
    const next = { ...kept, selfTest: { ...card.selfTest, images: editedColumns(images, columns, card) } };
    return finished(editColumns(model, columns, card), { card: next, added: [], removed }, context);
  }
  const kept = forgetting(regrouped(card, groups, removed), removed);
  let head = { ...start, fitted: start.edits.regroup(start.fitted, columns) };
  const grown = withPhotos(kept, additions);
  const added: Added[] = [];
  for (const { label, features, ids } of additions) {
    const photos = ids.length;
    const rows = { label: grown.labels.indexOf(label), features, photos };
    const { head: next, guaranteed } = await addToHead(head, rows, card, context);
    head = next;
    added.push({ label, isNew: !kept.labels.includes(label), photos, guaranteed });
  }
  const next = { ...grown, selfTest: { ...card.selfTest, images: await answered(images, head, grown, context) } };
  return finished(replaceHead(model, head, next), { card: next, added, removed }, context);
}

/**
 * Makes sure, before photos are looked at, that they can be added.
 * @throws CarafeError as `editClasses`
 */
export function requireAddable(bytes: Uint8Array, source: string): ClassCard {
  const { model, card } = readClassifierFile(bytes, source, requireNamedCard);
  if (card.task === 'multi-label' || !editableHead(model, card)) throw cannotAdd(card, source);
  return card;
}

function cannotAdd({ head: { name, settings } }: ClassCard | LabelCard, source: string): CarafeError {
  // A knn head that cannot learn has its photos as int8.
  const how = 'bottleneck' in settings ? ' behind a bottleneck' : name === 'knn' ? ' with its photos rounded' : '';
  return new CarafeError(
    'USAGE',
    `${source} has a ${name} head${how}, which can only learn new photos by training.`,
    `Put them with the others and run \`carafe train <photos> --compare-with ${source}\`. Classifiers with \`head: 'prototype'\`, or \`head: 'knn'\` on up to about 50,000 photos, can learn photos without training.`,
  );
}

async function finished(model: Model, made: Omit<Edited, 'bytes'>, context: FitContext): Promise<Edited> {
  const bytes = writeModel({ ...model, metadata: cardToMetadata(made.card) });
  await proven(bytes, await Classifier.open(bytes, 'the edited classifier', context.openSession, context));
  return { bytes, ...made };
}

function removal(
  card: ClassCard | LabelCard,
  columns: readonly (readonly number[])[],
  start: EditableHead | undefined,
): Removal | undefined {
  const kept = new Set(columns.flat());
  const labels = card.labels.filter((_, column) => !kept.has(column));
  if (labels.length === 0) return undefined;
  const names = labels.join(', ');
  const given = `Photos of ${names} are now given to the other classes`;
  if (card.task === 'multi-label') return { labels, note: `The classifier no longer looks for ${names}.` };
  if (!card.unknown) return { labels, note: `${given}: the file cannot recognise unknown photos.` };
  if (start)
    return {
      labels,
      note: `${given} and hardly ever called unknown: the ${start.head.name} head forgets the class, but the detector of unknown photos still knows it. To have them called unknown, train without the class.`,
    };
  return { labels, note: `Photos it still recognises as ${names} are now called unknown.` };
}

function edited(
  { labels, task }: ClassCard | LabelCard,
  { remove = [], merge = [], rename = new Map() }: ClassEdits,
  source: string,
): Group[] {
  if (task === 'multi-label' && merge.length > 0)
    throw new CarafeError(
      'USAGE',
      `${source} gives a photo several labels. These cannot be merged, since a merged label was never measured.`,
      'Merge the labels in the list, and train again.',
    );
  let groups: Group[] = labels.map((label, column) => ({ label, columns: [column] }));
  const require = (label: string) => {
    if (!groups.some((group) => group.label === label))
      throw new CarafeError(
        'USAGE',
        `There is no class '${label}'.`,
        `${didYouMean(
          [label],
          groups.map((group) => group.label),
        )}The classes are ${firstOf(groups.map((group) => group.label))}.${
          labels.some((one) => /[,+=]/.test(one))
            ? ' On the command line a comma, + or = inside a label is written \\, \\+ \\=.'
            : ''
        }`,
      );
  };
  for (const label of remove) {
    require(label);
    groups = groups.filter((group) => group.label !== label);
  }
  for (const { labels: parts, into } of merge) {
    for (const label of parts) require(label);
    const columns = groups.filter(({ label }) => parts.includes(label)).flatMap((group) => group.columns);
    const place = groups.findIndex(({ label }) => parts.includes(label));
    groups = groups.flatMap((group, i) =>
      i === place ? [{ label: into, columns }] : parts.includes(group.label) ? [] : [group],
    );
  }
  for (const label of rename.keys()) require(label);
  groups = groups.map((group) => ({ ...group, label: rename.get(group.label) ?? group.label }));
  if (groups.length === 0) throw new CarafeError('USAGE', 'No label would be left.', 'A classifier needs one or more.');
  if (groups.length < 2 && task === 'single-label')
    throw new CarafeError('USAGE', 'Fewer than two classes would be left.', 'A classifier needs two classes or more.');
  if (new Set(groups.map(({ label }) => label)).size < groups.length)
    throw new CarafeError('USAGE', 'Two classes would have the same label.', 'To combine them, use `merge`.');
  return groups;
}

function firstOf(labels: readonly string[]): string {
  const first = labels.slice(0, 20).join(', ');
  return labels.length > 20 ? `${first} and ${labels.length - 20} more` : first;
}

/** The card of a classifier whose classes are others; its self-test is yet to be changed. */
function regrouped(card: ClassCard, groups: readonly Group[], removed: Removal | undefined): ClassCard {
  const labels = groups.map(({ label }) => label);
  const classes = groups.map(({ label, columns }) => {
    return { label, count: columns.reduce((sum, column) => sum + card.training.classes[column].count, 0) };
  });
  return {
    ...card,
    labels,
    calibration: regroupedCalibration(card, groups),
    training: { ...card.training, classes },
    evaluation: {
      ...card.evaluation,
      perClass: card.evaluation.perClass.filter(({ label }) => labels.includes(label)),
      method: editedMethod(card, removed),
    },
  };
}

/**
 * For a head whose classes are regrouped itself. Of classes that become one, each had its share of the odds raised by its
 * own bias; what all of them were raised by is the mean of that, by how many photos each has.
 */
function regroupedCalibration(
  { calibration, training }: ClassCard,
  groups: readonly Group[],
): ClassCard['calibration'] {
  const { bias } = calibration;
  if (!bias) return calibration;
  const merged = groups.map(({ columns }) => {
    const counts = columns.map((column) => Math.max(1, training.classes[column].count));
    const raised = columns.reduce((sum, column, i) => sum + counts[i] * Math.exp(bias[column]), 0);
    return Math.log(raised / counts.reduce((sum, count) => sum + count, 0));
  });
  return { ...calibration, bias: merged };
}

function forgetting(card: ClassCard, removed: Removal | undefined): ClassCard {
  return removed ? { ...card, training: { ...card.training, forgot: true } } : card;
}

/** The same where each label is a question of its own: each group is one old label. */
function regroupedLabels(card: LabelCard, groups: readonly Group[], removed: Removal | undefined): LabelCard {
  const { scale, shift, thresholds } = card.calibration;
  const of = <T>(values: readonly T[]) => groups.map(({ columns: [column] }) => values[column]);
  const renamed = <T>(values: readonly T[]) => of(values).map((value, i) => ({ ...value, label: groups[i].label }));
  return {
    ...card,
    labels: groups.map(({ label }) => label),
    training: { ...card.training, classes: renamed(card.training.classes) },
    calibration: { scale: of(scale), shift: of(shift), thresholds: of(thresholds) },
    evaluation: {
      ...card.evaluation,
      perLabel: renamed(card.evaluation.perLabel),
      method: editedMethod(card, removed),
    },
  };
}

function editedMethod({ evaluation: { method }, labels }: ClassCard | LabelCard, removed: Removal | undefined): string {
  const before = `${method} Measured before its classes were edited (${labels.join(', ')}).`;
  return removed ? `${before} ${removed.note}` : before;
}

/** With new labels behind the others, and more photos counted. */
function withPhotos(card: ClassCard, additions: readonly Addition[]): ClassCard {
  const counts = new Map(card.training.classes.map(({ label, count }) => [label, count]));
  for (const { label, ids } of additions) counts.set(label, (counts.get(label) ?? 0) + ids.length);
  const ids = additions.flatMap((one) => one.ids);
  const { photos } = card.training;
  const { bias } = card.calibration;
  return {
    ...card,
    labels: [...counts.keys()],
    // A new class has the average bias, which is none.
    calibration: {
      ...card.calibration,
      ...(bias && { bias: Array.from(counts.keys(), (_, label) => bias[label] ?? 0) }),
    },
    training: {
      ...card.training,
      classes: Array.from(counts, ([label, count]) => ({ label, count })),
      photos: photos === undefined ? undefined : trainedPhotos(ids, photos),
    },
  };
}
