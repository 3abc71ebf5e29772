import { GraphBuilder } from '../onnx/builder.ts';
import type { Model } from '../onnx/model.ts';
import { replaceOutputs } from '../onnx/replaceOutputs.ts';
import type { ClassCard } from './card.ts';

/** Keeps a photo that was surely of a removed class from having no class at all. */
const trace = 1e-30;

/**
 * A classifier, of any head, whose classes are others, made of the old ones: probabilities are added up and made to sum
 * to 1. The removed classes stay in the head.
 * @param groups for each new class the columns of the old ones
 */
export function editColumns(model: Model, groups: readonly (readonly number[])[]): Model {
  const { nodes, outputs } = model.graph;
  const shape = outputs.find(({ name }) => name === 'probabilities')?.shape ?? [];
  const columns = Number(shape[1]);
  const before = `before ${nodes.length}/probabilities`;
  const builder = new GraphBuilder(`edit ${nodes.length}/`);
  const matrix = new Float32Array(columns * groups.length);
  for (const [to, group] of groups.entries()) for (const from of group) matrix[from * groups.length + to] = 1;
  const kept = builder.node('MatMul', [
    builder.node('Add', [before, builder.floats(trace)]),
    builder.floats(matrix, [columns, groups.length]),
  ]);
  const sum = builder.node('ReduceSum', [kept, builder.ints([1])], { keepdims: 1 });
  builder.output(builder.node('Div', [kept, sum]), 'float32', [shape[0], groups.length], 'probabilities');
  const old = (name: string) => (name === 'probabilities' ? before : name);
  const renamed = nodes.map((node) => ({
    ...node,
    name: old(node.name),
    outputs: node.outputs.map(old),
    inputs: node.inputs.map(old),
  }));
  return replaceOutputs(model, renamed, builder.graph());
}

/** The self-test's images with the probabilities that `editColumns` makes of theirs. */
export function editedColumns(
  images: ClassCard['selfTest']['images'],
  groups: readonly (readonly number[])[],
): ClassCard['selfTest']['images'] {
  return images.map((image) => {
    const kept = groups.map((group) => group.reduce((sum, column) => sum + image.probabilities[column] + trace, 0));
    const total = kept.reduce((sum, value) => sum + value, 0);
    return { ...image, probabilities: kept.map((value) => value / total) };
  });
}
