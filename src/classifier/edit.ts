import { CarafeError } from '../errors.ts';
import { GraphBuilder } from '../onnx/builder.ts';
import { readModel } from '../onnx/read.ts';
import { neededNodes, sources } from '../onnx/walk.ts';
import { writeModel } from '../onnx/write.ts';
import { type ClassCard, cardFromMetadata, cardToMetadata } from './card.ts';

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

/** Keeps a photo that was surely of a removed class from having no class at all. */
const trace = 1e-30;

/**
 * Removes, merges and renames the classes of a classifier of any head, without photos and in milliseconds: what is left
 * of the probabilities is added up and made to sum to 1. The figures on the card are those from before.
 * @throws CarafeError BAD_MODEL, NOT_A_CLASSIFIER; USAGE for labels that are not there, or too few that are left
 */
export function editClasses(
  bytes: Uint8Array,
  source: string,
  edits: ClassEdits,
): { bytes: Uint8Array; card: ClassCard } {
  const model = readModel(bytes, source);
  const card = cardFromMetadata(model.metadata, source);
  if (card.task !== 'single-label')
    throw new CarafeError(
      'USAGE',
      `${source} does not name one class for each photo, so its classes cannot be edited.`,
      'Train it again with other classes.',
    );
  const groups = edited(card.labels, edits);
  const { nodes, outputs, initializers } = model.graph;
  const before = `before ${nodes.length}/probabilities`;
  const builder = new GraphBuilder(`edit ${nodes.length}/`);
  const matrix = new Float32Array(card.labels.length * groups.length);
  for (const [to, { columns }] of groups.entries()) for (const from of columns) matrix[from * groups.length + to] = 1;
  const kept = builder.node('MatMul', [
    builder.node('Add', [before, builder.floats(trace)]),
    builder.floats(matrix, [card.labels.length, groups.length]),
  ]);
  const sum = builder.node('ReduceSum', [kept, builder.ints([1])], { keepdims: 1 });
  builder.output(builder.node('Div', [kept, sum]), 'float32', [], 'probabilities');
  const own = builder.graph();
  const old = (name: string) => (name === 'probabilities' ? before : name);
  const renamed = nodes.map((node) => ({
    ...node,
    name: old(node.name),
    outputs: node.outputs.map(old),
    inputs: node.inputs.map(old),
  }));
  const names = outputs.map(({ name }) => name);
  const needed = neededNodes({ nodes: [...renamed, ...own.nodes] }, names);
  const used = sources(needed, names);
  const edit = editedCard(card, groups);
  return {
    card: edit,
    bytes: writeModel({
      ...model,
      metadata: cardToMetadata(edit),
      graph: {
        ...model.graph,
        nodes: needed,
        initializers: [...initializers, ...own.initializers].filter(({ name }) => used.has(name)),
        outputs: outputs.map((value) =>
          value.name === 'probabilities' ? { ...value, shape: [value.shape?.[0] ?? 'N', groups.length] } : value,
        ),
      },
    }),
  };
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

function editedCard(card: ClassCard, groups: readonly Group[]): ClassCard {
  const sumOver = (values: readonly number[]) =>
    groups.map(({ columns }) => columns.reduce((sum, column) => sum + values[column], 0));
  const counts = sumOver(card.training.classes.map(({ count }) => count));
  const labels = groups.map(({ label }) => label);
  return {
    ...card,
    labels,
    training: { ...card.training, classes: labels.map((label, i) => ({ label, count: counts[i] })) },
    evaluation: {
      ...card.evaluation,
      perClass: card.evaluation.perClass.filter(({ label }) => labels.includes(label)),
      method: `${card.evaluation.method} Measured before its classes were edited (${card.labels.join(', ')}).`,
    },
    selfTest: {
      ...card.selfTest,
      images: card.selfTest.images.map((image) => {
        const kept = sumOver(image.probabilities.map((value) => value + trace));
        const total = kept.reduce((sum, value) => sum + value, 0);
        return { ...image, probabilities: kept.map((value) => value / total) };
      }),
    },
  };
}
