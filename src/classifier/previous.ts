/** An earlier classifier: its card, its network, its head alone. */

import type { Backbone, CutNetwork, SpatialCut } from '../backbone/backbone.ts';
import { withDepths } from '../backbone/depths.ts';
import { CarafeError } from '../errors.ts';
import { featureTensor, type Inputs, mapRows } from '../features/mapTable.ts';
import { addNative, backboneTensor } from '../features/network.ts';
import { GraphBuilder, plainNode } from '../onnx/builder.ts';
import type { Model } from '../onnx/model.ts';
import { dataTypes } from '../onnx/model.ts';
import { neededNodes, producers, sources } from '../onnx/walk.ts';
import { writeModel } from '../onnx/write.ts';
import type { AnyTensor, Matrix, OpenSession } from '../runtime/platform.ts';
import { expectTensor } from '../runtime/platform.ts';
import { answering } from './answering.ts';
import type { Card, ClassCard, LabelCard } from './card.ts';
import { readClassifierFile } from './file.ts';
import { ownBackbone } from './ownBackbone.ts';

const runRows = 1024;

/** A classifier that was made before, to be compared with a new one, or explained. */
export interface PreviousClassifier<NamedCard extends Card = ClassCard | LabelCard> {
  readonly source: string;
  /** How messages name it, with the flag where a flag gave it: `--compare-with old.onnx`. */
  readonly named: string;
  readonly card: NamedCard;
  readonly model: Model;
}

/**
 * @param requireCard gives the card where it is of the kind that is needed, or throws
 * @throws CarafeError BAD_MODEL, NOT_A_CLASSIFIER
 */
export function readPrevious<NamedCard extends Card>(
  bytes: Uint8Array,
  source: string,
  requireCard: (card: Card, source: string) => NamedCard,
  named = source,
): PreviousClassifier<NamedCard> {
  return { source, named, ...readClassifierFile(bytes, named, requireCard) };
}

/** What of the network a user may name beside a classifier that has its own. */
export interface NamedBackbone {
  readonly backbone?: string | undefined;
  readonly cut?: string | undefined;
  readonly preprocessing?: unknown;
}

/**
 * The backbone as the earlier classifier used it: the one inside its file, unless the user names one, which must then be
 * the very same, since its features are what is compared.
 * @param resolve gives the network that `--backbone` names
 * @throws CarafeError USAGE where the network that is named, or its cut, is another one
 */
export async function backboneFor(
  earlier: PreviousClassifier,
  { backbone, cut, preprocessing }: NamedBackbone,
  resolve: (spec: string) => Promise<Backbone>,
): Promise<Backbone> {
  const flag = preprocessing !== undefined ? '`preprocessing`' : backbone === undefined && cut !== undefined && '`cut`';
  if (flag)
    throw new CarafeError(
      'USAGE',
      `${flag}: the network, cut and preprocessing inside ${earlier.named} are used.`,
      `Leave ${flag} out.`,
    );
  return backbone === undefined ? ownBackbone(earlier) : requireSameBackbone(await resolve(backbone), earlier);
}

/** @throws CarafeError USAGE where the network, or its cut, is another one */
export function requireSameBackbone(backbone: Backbone, { card, named }: PreviousClassifier): Backbone {
  const { name, hash, cut } = card.backbone;
  if (backbone.hash !== hash)
    throw new CarafeError(
      'USAGE',
      `\`backbone\`: ${named} was trained on the network ${name}, but this is ${backbone.name}.`,
      'Leave `backbone` out to use the network inside the classifier.',
    );
  if (backbone.cut !== cut)
    throw new CarafeError(
      'USAGE',
      `\`backbone\`: the network of ${named} was cut at another place (${cut}).`,
      'Leave `backbone` out to use the network inside the classifier, with its cut.',
    );
  const network = card.backbone.depths ? withDepths(backbone.network) : backbone.network;
  return { ...backbone, network, preprocessing: card.preprocessing };
}

/**
 * Probabilities [N, labels] of the earlier classifier for photos of which features (and spatial features, where its head
 * reads these) are known: its head runs alone.
 * @returns undefined where the head reads what is not there
 */
export function previousProbabilities(
  earlier: PreviousClassifier,
  backbone: Pick<Backbone, 'network'>,
  inputs: Inputs,
  openSession: OpenSession,
): Promise<Matrix | undefined> {
  return outputOf('probabilities', earlier.card.labels.length, earlier, backbone, inputs, openSession);
}

/**
 * Whether the earlier classifier knows the one photo that these are the features of.
 * @returns undefined where it does not tell
 */
export async function previousKnows(
  earlier: PreviousClassifier,
  backbone: Pick<Backbone, 'network'>,
  photo: Inputs,
  openSession: OpenSession,
): Promise<boolean | undefined> {
  const { unknown } = earlier.card;
  const scores = unknown && (await outputOf('unknownScore', 1, earlier, backbone, photo, openSession));
  return scores && scores.data[0] <= unknown.threshold;
}

/** One of a classifier's outputs, [N, columns], from features or spatial features. */
async function outputOf(
  output: Output,
  columns: number,
  { model, named, card }: PreviousClassifier,
  { network }: Pick<Backbone, 'network'>,
  inputs: Inputs,
  openSession: OpenSession,
): Promise<Matrix | undefined> {
  const head = headAlone(model, network, card.backbone.stage, output);
  if (!head) return undefined;
  const reads = head.reads.map((name) => ({ name, table: name === 'features' ? undefined : inputs[name] }));
  if (reads.some(({ name, table }) => name !== 'features' && !table)) return undefined;
  const session = await openSession(head.bytes);
  try {
    const { rows } = inputs.features;
    const data = new Float32Array(rows * columns);
    for (let from = 0; from < rows; from += runRows) {
      const count = Math.min(runRows, rows - from);
      const places = Int32Array.from({ length: count }, (_, i) => from + i);
      const fed: Record<string, AnyTensor> = {};
      for (const { name, table } of reads)
        fed[inputOf(name)] = table ? await mapRows(table, places) : featureTensor(inputs.features, from, count);
      const answer = await answering(named, async () => {
        const outputs = await session.run(fed);
        return expectTensor(outputs[output], 'float32').data;
      });
      data.set(answer, from * columns);
    }
    return { rows, columns, data };
  } finally {
    await session.release();
  }
}

type Output = 'probabilities' | 'unknownScore';
type Read = 'features' | 'spatial' | 'stage';

/** A name that no tensor of the classifier has. */
const inputOf = (name: Read): string => `earlier/${name}`;

/** The part of a classifier that turns what the backbone gives into one of its outputs, as a network of its own. */
function headAlone(
  model: Model,
  network: CutNetwork,
  stage: SpatialCut | undefined,
  output: Output,
): { readonly bytes: Uint8Array; readonly reads: readonly Read[] } | undefined {
  // With several looks, heads read their mean, which becomes the output of that name.
  const features = producers(model.graph.nodes).get('features')?.inputs[0] ?? backboneTensor(network.features);
  const given: { readonly name: Read; readonly tensor: string; readonly cut?: SpatialCut }[] = [
    { name: 'features', tensor: features },
  ];
  if (network.spatial)
    given.push({ name: 'spatial', tensor: backboneTensor(network.spatial.tensor), cut: network.spatial });
  if (stage) given.push({ name: 'stage', tensor: backboneTensor(stage.tensor), cut: stage });
  const rest = model.graph.nodes.filter(
    ({ outputs }) => !outputs.some((name) => given.some((one) => one.tensor === name)),
  );
  const read = sources(neededNodes({ nodes: rest }, [output]), [output]);
  const taken = given.filter(({ tensor }) => read.has(tensor));
  if (taken.length === 0 || taken.some(({ cut }) => cut?.layout === 'tokens')) return undefined;
  const builder = new GraphBuilder('earlier/');
  for (const { name, tensor, cut } of taken) {
    const known = cut
      ? builder.input(inputOf(name), 'float16', ['n', 'rows', 'columns', cut.channels])
      : builder.input(inputOf(name), 'float32', ['n', network.width]);
    const native = cut ? addNative(builder, builder.node('Cast', [known], { to: dataTypes.float32 }), cut) : known;
    builder.append({ nodes: [plainNode('Identity', [native], [tensor], {})], initializers: [] });
  }
  const own = builder.graph();
  const nodes = neededNodes({ nodes: [...rest, ...own.nodes] }, [output]);
  const used = sources(nodes, [output]);
  // What else it reads would have to come from the photo itself.
  if (used.has('image')) return undefined;
  const graph = {
    ...model.graph,
    nodes,
    initializers: [...model.graph.initializers, ...own.initializers].filter((tensor) => used.has(tensor.name)),
    inputs: own.inputs,
    outputs: model.graph.outputs.filter((each) => each.name === output),
  };
  return { bytes: writeModel({ ...model, metadata: new Map(), graph }), reads: taken.map(({ name }) => name) };
}
