import type { Backbone } from '../backbone/backbone.ts';
import { addBackbone, type BackboneOutputs } from '../features/network.ts';
import { addNormalize, addResize } from '../images/preprocessingGraph.ts';
import { GraphBuilder } from '../onnx/builder.ts';
import type { Card } from './card.ts';
import { cardToMetadata } from './card.ts';

/** What becomes one file. */
export interface Parts {
  readonly backbone: Backbone;
  /** Adds the fitted head, which gives logits [N, classes]. */
  readonly addHead: (builder: GraphBuilder, outputs: BackboneOutputs) => string;
  readonly card: Card;
}

/**
 * Joins preprocessing, backbone, head and temperature in one ONNX file.
 * In: `image` uint8 [N, height, width, 3]. Out: `probabilities` float32 [N, classes], `features` float32 [N, D].
 */
export function assembleClassifier({ backbone, addHead, card }: Parts): Uint8Array {
  const { network, preprocessing } = backbone;
  const batch = network.fixedBatch ? 1 : 'N';
  const builder = new GraphBuilder('carafe/');
  const image = builder.input('image', 'uint8', [batch, 'height', 'width', 3]);
  const pixels = addNormalize(builder, addResize(builder, image, preprocessing), preprocessing);
  const outputs = addBackbone(builder, backbone, pixels);
  const { features } = outputs;
  const logits = addHead(builder, outputs);
  const cooled = builder.node('Div', [logits, builder.floats(card.calibration.temperature)]);
  const probabilities = builder.node('Softmax', [cooled], { axis: -1 });
  builder.output(probabilities, 'float32', [batch, card.labels.length], 'probabilities');
  builder.output(features, 'float32', [batch, network.width], 'features');
  return builder.bytes({
    irVersion: network.irVersion,
    opsets: network.opsets,
    functions: network.functions,
    metadata: cardToMetadata(card),
  });
}
