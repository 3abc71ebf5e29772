import { CarafeError } from '../errors.ts';
import type { FitContext } from '../heads/head.ts';
import type { Model } from '../onnx/model.ts';
import { readModel } from '../onnx/read.ts';
import { writeModel } from '../onnx/write.ts';
import type { Matrix } from '../platform.ts';
import { type Card, type ClassCard, cardFromMetadata, cardToMetadata } from './card.ts';
import { Classifier } from './classifier.ts';
import { editColumns, editedColumns } from './editColumns.ts';
import { addToHead, answered, editableHead, replaceHead } from './editHead.ts';
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
  /** Of photos like these at most this share is called unknown, on average; undefined where no photo is. */
  readonly promised: number | undefined;
}

export interface Edited {
  readonly bytes: Uint8Array;
  readonly card: ClassCard;
  readonly added: readonly Added[];
}

/**
 * Removes, merges and renames the classes of a classifier of any head, without photos and in milliseconds; then adds
 * photos to its classes, or new classes, where the head (knn, prototype) learns without being trained. The figures on
 * the card are those from before. The new file has passed its own self-test.
 * @throws CarafeError BAD_MODEL, NOT_A_CLASSIFIER; USAGE for labels that are not there, too few that are left, or a head
 * that has to be trained
 */
export async function editClasses(
  bytes: Uint8Array,
  source: string,
  edits: ClassEdits,
  additions: readonly Addition[],
  context: FitContext,
): Promise<Edited> {
  const model = readModel(bytes, source);
  const card = requireEditable(cardFromMetadata(model.metadata, source), source);
  const groups = edited(card.labels, edits);
  const columns = groups.map((group) => group.columns);
  const kept = regrouped(card, groups);
  const start = editableHead(model, card);
  const { images } = card.selfTest;
  if (!start) {
    if (additions.length > 0) throw cannotAdd(card, source);
    const next = { ...kept, selfTest: { ...card.selfTest, images: editedColumns(images, columns) } };
    return finished(editColumns(model, columns), next, [], context);
  }
  let head = { ...start, fitted: start.edits.regroup(start.fitted, columns) };
  const grown = withPhotos(kept, additions);
  const added: Added[] = [];
  for (const { label, features, ids } of additions) {
    const photos = ids.length;
    const rows = { label: grown.labels.indexOf(label), features, photos };
    const { head: next, promised } = await addToHead(head, rows, card, context);
    head = next;
    added.push({ label, isNew: !kept.labels.includes(label), photos, promised });
  }
  const next = { ...grown, selfTest: { ...card.selfTest, images: await answered(images, head, card, context) } };
  return finished(replaceHead(model, head, next), next, added, context);
}

/**
 * Makes sure, before photos are looked at, that they can be added.
 * @throws CarafeError as `editClasses`
 */
export function requireAddable(bytes: Uint8Array, source: string): ClassCard {
  const model = readModel(bytes, source);
  const card = requireEditable(cardFromMetadata(model.metadata, source), source);
  if (!editableHead(model, card)) throw cannotAdd(card, source);
  return card;
}

function requireEditable(card: Card, source: string): ClassCard {
  if (card.task === 'single-label') return card;
  throw new CarafeError(
    'USAGE',
    `${source} does not name one class for each photo, so its classes cannot be edited.`,
    'Train it again with other classes.',
  );
}

function cannotAdd({ head: { name, settings } }: ClassCard, source: string): CarafeError {
  const kind = 'bottleneck' in settings ? `${name} head behind a bottleneck` : `${name} head`;
  return new CarafeError(
    'USAGE',
    `${source} has a ${kind}, which learns new photos only by training.`,
    `Put them beside the others and run \`carafe train <photos> --from ${source}\`. Classifiers that were trained with --head knn or --head prototype take photos without training.`,
  );
}

async function finished(model: Model, card: ClassCard, added: readonly Added[], context: FitContext): Promise<Edited> {
  const bytes = writeModel({ ...model, metadata: cardToMetadata(card) });
  await proven(bytes, await Classifier.open(bytes, 'the edited classifier', context.openSession, context));
  return { bytes, card, added };
}

function edited(labels: readonly string[], { remove = [], merge = [], rename = new Map() }: ClassEdits): Group[] {
  let groups: Group[] = labels.map((label, column) => ({ label, columns: [column] }));
  const require = (label: string) => {
    if (!groups.some((group) => group.label === label))
      throw new CarafeError(
        'USAGE',
        `There is no class '${label}'.`,
        `The classes are ${groups.map((group) => group.label).join(', ')}.`,
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
  if (groups.length < 2)
    throw new CarafeError('USAGE', 'Fewer than two classes would be left.', 'A classifier needs two classes or more.');
  if (new Set(groups.map(({ label }) => label)).size < groups.length)
    throw new CarafeError('USAGE', 'Two classes would have the same label.', 'To make them one, merge them.');
  return groups;
}

/** The card of a classifier whose classes are others; its self-test is yet to be changed. */
function regrouped(card: ClassCard, groups: readonly Group[]): ClassCard {
  const labels = groups.map(({ label }) => label);
  const classes = groups.map(({ label, columns }) => {
    return { label, count: columns.reduce((sum, column) => sum + card.training.classes[column].count, 0) };
  });
  return {
    ...card,
    labels,
    training: { ...card.training, classes },
    evaluation: {
      ...card.evaluation,
      perClass: card.evaluation.perClass.filter(({ label }) => labels.includes(label)),
      method: `${card.evaluation.method} Measured before its classes were edited (${card.labels.join(', ')}).`,
    },
  };
}

/** With new labels behind the others, and more photos counted. */
function withPhotos(card: ClassCard, additions: readonly Addition[]): ClassCard {
  const counts = new Map(card.training.classes.map(({ label, count }) => [label, count]));
  for (const { label, ids } of additions) counts.set(label, (counts.get(label) ?? 0) + ids.length);
  const ids = additions.flatMap((one) => one.ids);
  const { photos } = card.training;
  return {
    ...card,
    labels: [...counts.keys()],
    training: {
      ...card.training,
      classes: Array.from(counts, ([label, count]) => ({ label, count })),
      photos: photos === undefined ? undefined : trainedPhotos(ids, photos),
    },
  };
}
