/** Edits classes of any head, through its output probabilities. */

import { largestOf } from '../numerics/statistics.ts';
import { GraphBuilder } from '../onnx/builder.ts';
import type { Dimension, Model } from '../onnx/model.ts';
import { freeNumber, replaceOutputs } from '../onnx/replaceOutputs.ts';
import { addSet } from './assemble.ts';
import { type ClassCard, type LabelCard, setRuleOf } from './card.ts';

/** Keeps a photo that was surely of a removed class from having no class at all. */
const trace = 1e-30;

/** For each new class the columns of the old ones that it is made of; classes in none of them are removed. */
type Groups = readonly (readonly number[])[];

/**
 * A classifier, of any head, whose classes are others, made of the old ones. Where a photo has one class, probabilities
 * are added up and made to sum to 1; what it still takes for a removed class becomes unknown, where the file tells
 * unknown photos. Labels of which a photo may have several are left as they are. What is removed stays in the head.
 */
export function editColumns(model: Model, groups: Groups, card: ClassCard | LabelCard): Model {
  const { nodes, outputs } = model.graph;
  const [batch, columns] = outputs.find(({ name }) => name === 'probabilities')?.shape ?? [];
  const number = freeNumber(model, 'edit');
  const before = (name: string) => `before ${number}/${name}`;
  const builder = new GraphBuilder(`edit ${number}/`);
  const matrix = new Float32Array(Number(columns) * groups.length);
  for (const [to, group] of groups.entries()) for (const from of group) matrix[from * groups.length + to] = 1;
  const chosen = (from: string) =>
    builder.node('MatMul', [from, builder.floats(matrix, [Number(columns), groups.length])]);
  const shape = [batch, groups.length];
  if (card.task === 'multi-label') builder.output(chosen(before('probabilities')), 'float32', shape, 'probabilities');
  else {
    const kept = chosen(builder.node('Add', [before('probabilities'), builder.floats(trace)]));
    const sum = builder.node('ReduceSum', [kept, builder.ints([1])], { keepdims: 1 });
    builder.output(builder.node('Div', [kept, sum]), 'float32', shape, 'probabilities');
    const rule = setRuleOf(card);
    if (rule) addSet(builder, 'probabilities', rule, shape);
    const limit = removedLimit(groups, card);
    if (limit !== undefined) addUnknown(builder, before('unknownScore'), kept, sum, limit, batch);
  }
  const added = builder.graph();
  const replaced = new Set(added.outputs.map(({ name }) => name));
  const old = (name: string) => (replaced.has(name) ? before(name) : name);
  const renamed = nodes.map((node) => ({
    ...node,
    name: old(node.name),
    outputs: node.outputs.map(old),
    inputs: node.inputs.map(old),
  }));
  return replaceOutputs(model, renamed, added);
}

/** Where classes are removed and the file tells unknown photos: the score above which a photo is unknown. */
function removedLimit(groups: Groups, { labels, task, unknown }: ClassCard | LabelCard): number | undefined {
  return task === 'single-label' && groups.flat().length < labels.length ? unknown?.threshold : undefined;
}

/**
 * The score of a photo that is more likely of the removed classes than of the likeliest one that is left lies above the
 * limit, up to twice as high.
 */
function addUnknown(
  builder: GraphBuilder,
  score: string,
  kept: string,
  sum: string,
  limit: number,
  batch: Dimension,
): void {
  const [likeliest] = builder.nodes('TopK', [kept, builder.ints([1])], 2, { axis: 1 });
  const removed = builder.node('Relu', [builder.node('Sub', [builder.floats(1), sum])]);
  const share = builder.node('Div', [removed, builder.node('Add', [removed, likeliest])]);
  const own = builder.node('Squeeze', [builder.node('Mul', [share, builder.floats(2 * limit)]), builder.ints([1])]);
  const higher = builder.node('Max', [score, own]);
  builder.output(higher, 'float32', [batch], 'unknownScore');
  const above = builder.node('Greater', [higher, builder.floats(limit)]);
  builder.output(builder.node('Not', [above]), 'bool', [batch], 'isKnown');
}

/** The self-test's images with the answers that `editColumns` makes of theirs. */
export function editedColumns(
  images: ClassCard['selfTest']['images'],
  groups: Groups,
  card: ClassCard | LabelCard,
): ClassCard['selfTest']['images'] {
  const limit = removedLimit(groups, card);
  return images.map((image) => {
    const chosen = (values: readonly number[]) =>
      groups.map((group) => group.reduce((sum, column) => sum + values[column], 0));
    if (card.task === 'multi-label') return { ...image, probabilities: chosen(image.probabilities) };
    const kept = chosen(image.probabilities.map((value) => value + trace));
    const total = kept.reduce((sum, value) => sum + value, 0);
    const removed = Math.max(0, 1 - total);
    const own = (2 * (limit ?? 0) * removed) / (removed + largestOf(kept));
    const unknownScore = limit === undefined ? image.unknownScore : image.unknownScore?.map((s) => Math.max(s, own));
    return { ...image, probabilities: kept.map((value) => value / total), unknownScore };
  });
}
