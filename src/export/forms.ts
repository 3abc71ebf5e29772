/** The network of a classifier for other ways in: a photo of one fixed size, as bytes or as plain float32. */

import type { Card } from '../classifier/card.ts';
import { pixelsTensor } from '../classifier/ownBackbone.ts';
import { CarafeError } from '../errors.ts';
import { ownName, renamed } from '../features/network.ts';
import { isSame } from '../images/framing.ts';
import type { Frame } from '../images/preprocessing.ts';
import { addNormalize } from '../images/preprocessingGraph.ts';
import { type Message, message } from '../message.ts';
import { sha256 } from '../numerics/sha256.ts';
import { GraphBuilder } from '../onnx/builder.ts';
import { foldConstants } from '../onnx/foldConstants.ts';
import { lowerOpset } from '../onnx/lowerOpset.ts';
import type { Model } from '../onnx/model.ts';
import { neededNodes, sources } from '../onnx/walk.ts';
import type { CompactType } from '../results/exportResult.ts';
import type { OpenSession } from '../runtime/platform.ts';
import { compactWeights } from './compactWeights.ts';
import { addPlanes, inReadForms, unreadOperators } from './openCv.ts';

/** What a network is given: a photo of any size, or one of the size that it looks at, as bytes or as numbers. */
export type Form = 'photo' | 'bytes' | 'floats';

/** A classifier, opened to be exported. */
export interface Original {
  /** The file, as messages name it. */
  readonly source: string;
  readonly bytes: Uint8Array;
  readonly model: Model;
  readonly card: Card;
}

const isOfBackbone = (name: string) => ownName(name) !== undefined;

/** The classifier with the weights of its network stored in fewer bytes, and a card that says so. */
export async function withWeights(original: Original, type: CompactType, openSession: OpenSession): Promise<Original> {
  const { model, card } = original;
  const whole = await foldConstants(model, openSession, { grows: true, isWanted: isOfBackbone });
  const { name, hash } = card.backbone;
  // Its features are other ones, and no cache may take them for those of the network before.
  const backbone = { ...card.backbone, name: `${name}, ${type}`, hash: sha256(`${hash} ${type}`) };
  return { ...original, model: compactWeights(whole, type, isOfBackbone), card: { ...card, backbone } };
}

/** uint8 [1, height, width, 3] of the size that the network looks at: nothing is resized. */
export async function withBytes(original: Original, openSession: OpenSession): Promise<Model> {
  const { preprocessing } = original.card;
  const frames = mirrored(original);
  const { height, width } = preprocessing.crop;
  const model = withInput(original, (builder) => {
    const image = builder.input('image', 'uint8', [1, height, width, 3]);
    const flipped = builder.ints(Array.from({ length: width }, (_, x) => width - 1 - x));
    const looks = frames.map(({ mirror }) => (mirror ? builder.node('Gather', [image, flipped], { axis: 2 }) : image));
    const all = looks.length > 1 ? builder.node('Concat', looks, { axis: 0 }) : looks[0];
    return addNormalize(builder, all, preprocessing);
  });
  return foldConstants(model, openSession, { grows: false });
}

/** Outputs that need operators beyond arithmetic: yes or no of what thresholds say. */
const judged = ['isKnown', 'isNormal', 'set'];

/**
 * float32 [1, 3, height, width], red, green and blue from 0 to 255, of the size that the network looks at; all weights
 * float32, and no outputs of yes and no.
 */
export async function withFloats(original: Original, openSession: OpenSession): Promise<Model> {
  const { preprocessing, labels } = original.card;
  if (mirrored(original).length > 1)
    throw cannot(original, message`it looks at each photo ${(preprocessing.looks?.length ?? 0) + 1} times`);
  const { height, width } = preprocessing.crop;
  const model = withInput(original, (builder) =>
    addPlanes(builder, builder.input('image', 'float32', [1, 3, height, width]), preprocessing),
  );
  const outputs = model.graph.outputs.filter(({ name }) => !judged.includes(name));
  const folded = await foldConstants({ ...model, graph: { ...model.graph, outputs } }, openSession, { grows: true });
  const strange = unreadOperators(folded);
  if (strange.length === 0) return lowerOpset(await inReadForms(folded, openSession));
  const part = folded.graph.nodes.some(({ op, outputs }) => strange.includes(op) && outputs.some(isOfBackbone));
  throw cannot(
    original,
    part
      ? message`its network uses operators that OpenCV does not read (${strange.join(', ')})`
      : message`its head uses operators that OpenCV does not read (${strange.join(', ')})`,
    labels.length > 2 && !part
      ? "Train with `head: 'softmax'`, or choose `format: 'fixed'`, which ONNX Runtime reads."
      : undefined,
  );
}

/** The network with another way in. `addInput` adds what gives the pixels that the backbone reads. */
function withInput({ model, source }: Original, addInput: (builder: GraphBuilder) => string): Model {
  const { graph } = model;
  const pixels = pixelsTensor(graph);
  if (pixels === undefined)
    throw new CarafeError(
      'UNSUPPORTED_MODEL',
      message`It cannot be found where the pixels enter the network inside ${source}.`,
      'Train it again with this Carafe.',
    );
  const builder = new GraphBuilder('export/');
  const given = addInput(builder);
  const outputs = graph.outputs.map(({ shape, ...output }) => ({
    ...output,
    shape: shape?.map((size, axis) => (axis === 0 ? 1 : size)),
  }));
  const names = outputs.map(({ name }) => name);
  const rest = graph.nodes.filter((node) => !node.outputs.includes(pixels));
  const { nodes } = renamed({ nodes: rest, initializers: [] }, (name) => (name === pixels ? given : name));
  const added = builder.graph();
  const needed = neededNodes({ nodes: [...added.nodes, ...nodes] }, names);
  const used = sources(needed, names);
  const initializers = [...added.initializers, ...graph.initializers].filter(({ name }) => used.has(name));
  return { ...model, graph: { ...graph, inputs: added.inputs, outputs, nodes: needed, initializers } };
}

/** The looks at a photo, which differ at most in being mirrored. */
function mirrored(original: Original): readonly Frame[] {
  const { preprocessing } = original.card;
  const frames: Frame[] = [preprocessing, ...(preprocessing.looks ?? [])];
  if (frames.every(({ resize }) => isSame(resize, preprocessing.resize))) return frames;
  throw cannot(original, message`it looks at each photo in ${frames.length} ways, and some need the whole photo`);
}

function cannot({ source }: Original, why: Message, hint?: string): CarafeError {
  return new CarafeError(
    'UNSUPPORTED_MODEL',
    message`${source} cannot be exported so: ${why}.`,
    hint ?? "Choose `format: 'file'`, which any ONNX Runtime reads.",
  );
}
