/** Joins preprocessing, backbone, head and calibration into one ONNX graph. */

import type { Backbone } from '../backbone/backbone.ts';
import { addBackbone, type BackboneOutputs } from '../features/network.ts';
import type { ScoreTensors } from '../heads/oneClass/oneClassHead.ts';
import { addFrames, addMeanOfLooks, addNormalize } from '../images/preprocessingGraph.ts';
import type { SetRule } from '../metrics/predictionSets.ts';
import { GraphBuilder } from '../onnx/builder.ts';
import type { Dimension } from '../onnx/model.ts';
import { taskNamed } from '../tasks/registry.ts';
import type { Card, ClassCard, LabelCard, OneClassCard } from './card.ts';
import { cardToMetadata, setRuleOf } from './card.ts';

type AddScore = (builder: GraphBuilder, outputs: BackboneOutputs) => ScoreTensors;

/** What becomes one file. */
export interface Parts {
  readonly backbone: Backbone;
  /** Adds the fitted head, which gives logits [N, classes]. */
  readonly addHead: (builder: GraphBuilder, outputs: BackboneOutputs) => string;
  /** Adds the out-of-distribution head, if the card has its threshold. */
  readonly addUnknown?: AddScore | undefined;
  readonly card: ClassCard | LabelCard;
}

/**
 * Joins preprocessing, backbone, head and calibration in one ONNX file.
 * In: `image` uint8 [N, height, width, 3]. Out: `probabilities` float32 [N, classes], `features` float32 [N, D], and
 * where fitted `unknownScore` float32 [N], `isKnown` bool [N], `set` bool [N, classes].
 */
export function assembleClassifier({ backbone, addHead, addUnknown, card }: Parts): Uint8Array {
  return assemble(backbone, card, (builder, outputs, batch) => {
    addAnswers(builder, addHead(builder, outputs), addUnknown?.(builder, outputs), card, batch);
  });
}

/** The outputs of a classifier that come from its heads: from logits, and from the score that tells unknown photos. */
export function addAnswers(
  builder: GraphBuilder,
  logits: string,
  unknown: ScoreTensors | undefined,
  card: ClassCard | LabelCard,
  batch: Dimension,
): void {
  const probabilities = taskNamed(card.task).calibration.toGraph(builder, logits, card.calibration);
  builder.output(probabilities, 'float32', [batch, card.labels.length], 'probabilities');
  const rule = setRuleOf(card);
  if (rule) addSet(builder, probabilities, rule, [batch, card.labels.length]);
  if (unknown && card.unknown)
    addJudged(builder, unknown.score, card.unknown.threshold, ['unknownScore', 'isKnown'], batch);
}

/** Adds `set`: the classes that are probable enough, and the likeliest one. */
export function addSet(
  builder: GraphBuilder,
  probabilities: string,
  { threshold }: SetRule,
  shape: readonly Dimension[],
): void {
  const [likeliest] = builder.nodes('TopK', [probabilities, builder.ints([1])], 2, { axis: 1 });
  const least = builder.node('Min', [likeliest, builder.floats(threshold)]);
  builder.output(builder.node('GreaterOrEqual', [probabilities, least]), 'bool', shape, 'set');
}

/**
 * The same of a one-class head. Out: `score` float32 [N], `isNormal` bool [N], `features` float32 [N, D], and for heads
 * that look at patches `heatmap` float32 [N, h, w].
 */
export function assembleDetector(backbone: Backbone, addScore: AddScore, card: OneClassCard): Uint8Array {
  return assemble(backbone, card, (builder, outputs, batch) => {
    const { score, heatmap } = addScore(builder, outputs);
    addJudged(builder, score, card.threshold.value, ['score', 'isNormal'], batch);
    if (heatmap && card.heatmap)
      builder.output(heatmap, 'float32', [batch, card.heatmap.height, card.heatmap.width], 'heatmap');
  });
}

/** Adds a score as an output, and whether it is at most the threshold. */
function addJudged(
  builder: GraphBuilder,
  score: string,
  threshold: number,
  [scoreName, isName]: readonly [string, string],
  batch: Dimension,
): void {
  const above = builder.node('Greater', [score, builder.floats(threshold)]);
  builder.output(score, 'float32', [batch], scoreName);
  builder.output(builder.node('Not', [above]), 'bool', [batch], isName);
}

function assemble(
  backbone: Backbone,
  card: Card,
  addOutputs: (builder: GraphBuilder, outputs: BackboneOutputs, batch: Dimension) => void,
): Uint8Array {
  const { network, preprocessing } = backbone;
  const batch = network.fixedBatch ? 1 : 'N';
  const builder = new GraphBuilder('carafe/');
  const image = builder.input('image', 'uint8', [batch, 'height', 'width', 3]);
  const pixels = addNormalize(builder, addFrames(builder, image, preprocessing), preprocessing);
  const looked = addBackbone(builder, backbone, pixels);
  const features = addMeanOfLooks(builder, looked.features, network.width, preprocessing);
  const outputs = { ...looked, features };
  addOutputs(builder, outputs, batch);
  builder.output(outputs.features, 'float32', [batch, network.width], 'features');
  return builder.bytes({
    irVersion: network.irVersion,
    opsets: network.opsets,
    functions: network.functions,
    metadata: cardToMetadata(card),
  });
}
