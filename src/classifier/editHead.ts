/** Edits classes of heads that learn without training, through what they have stored. */

import { makeKnown } from '../evaluation/unknown.ts';
import type { ClassEdits, FitContext } from '../heads/head.ts';
import { readSubspace, type Subspace, subspace } from '../heads/oneClass/subspace.ts';
import { type AnyHead, heads } from '../heads/registry.ts';
import { firstOf } from '../numerics/rows.ts';
import { GraphBuilder } from '../onnx/builder.ts';
import type { Model } from '../onnx/model.ts';
import { freeNumber, replaceOutputs } from '../onnx/replaceOutputs.ts';
import { storedFloats } from '../onnx/storedFloats.ts';
import type { Matrix } from '../runtime/platform.ts';
import { addAnswers } from './assemble.ts';
import type { ClassCard } from './card.ts';
import { answersOf } from './make.ts';

/** A head that photos can be added to, as a classifier's file holds it, with the head that tells unknown photos. */
export interface EditableHead {
  readonly head: AnyHead;
  readonly edits: ClassEdits<unknown>;
  readonly fitted: unknown;
  readonly unknown: Subspace | undefined;
}

/** Photos to be added to a class: their features, and behind them, view after view, those of views of all of them. */
export interface AddedPhotos {
  /** Number of the class; the next one is new. */
  readonly label: number;
  readonly features: Matrix;
  /** Rows that are photos. */
  readonly photos: number;
}

/** Reads the head back; undefined where it has to be trained, or lies behind a bottleneck or edits of its answers. */
export function editableHead(
  { graph }: Model,
  { head: { name, settings }, labels }: ClassCard,
): EditableHead | undefined {
  const head = heads.find((each) => each.name === name);
  if (!head?.edits || 'bottleneck' in settings) return undefined;
  const stored = storedFloats(graph);
  const fitted = head.edits.read(stored, settings);
  if (!fitted || head.edits.count(fitted) !== labels.length) return undefined;
  return { head, edits: head.edits, fitted, unknown: readSubspace(stored) };
}

/**
 * With more photos, which are then known.
 * @returns with the share of photos like these that is called unknown at most on average; undefined where no photo is
 */
export async function addToHead(
  before: EditableHead,
  { label, features, photos }: AddedPhotos,
  { unknown: rule }: Pick<ClassCard, 'unknown'>,
  context: FitContext,
): Promise<{ head: EditableHead; guaranteed: number | undefined }> {
  const head = { ...before, fitted: before.edits.add(before.fitted, features, label) };
  if (!before.unknown || !rule) return { head, guaranteed: undefined };
  const known = await makeKnown(before.unknown, firstOf(features, photos), rule, context);
  return { head: { ...head, unknown: known.fitted }, guaranteed: known.guaranteed };
}

/** The classifier with another head of the same kind in place of its own. */
export function replaceHead(model: Model, { head, fitted, unknown }: EditableHead, card: ClassCard): Model {
  const { nodes, outputs } = model.graph;
  const batch = outputs.find(({ name }) => name === 'probabilities')?.shape?.[0] ?? 'N';
  const builder = new GraphBuilder(`edit ${freeNumber(model, 'edit')}/`);
  const score = unknown && subspace.toGraph(unknown, builder, ['features']);
  addAnswers(builder, head.toGraph(fitted, builder, 'features'), score, card, batch);
  const added = builder.graph();
  const replaced = new Set(added.outputs.map(({ name }) => name));
  const rest = nodes.filter((node) => !node.outputs.some((name) => replaced.has(name)));
  return replaceOutputs(model, rest, added);
}

/** The self-test's images with what this head makes of their features. */
export async function answered(
  images: ClassCard['selfTest']['images'],
  head: EditableHead,
  card: Pick<ClassCard, 'task' | 'calibration'>,
  context: FitContext,
): Promise<ClassCard['selfTest']['images']> {
  return Promise.all(
    images.map(async (image) => {
      const data = Float32Array.from(image.features);
      return {
        ...image,
        ...(await answersOf(head, card, { features: { rows: 1, columns: data.length, data } }, context)),
      };
    }),
  );
}
