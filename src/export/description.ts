/** What a program must know to use an exported network: how photos become its input, and what its outputs mean. */

import type { Card } from '../classifier/card.ts';
import { setRuleOf } from '../classifier/card.ts';
import { version } from '../version.ts';
import type { Form } from './forms.ts';

/** Written beside the network, and into the metadata of networks that are no classifier files any more. */
export function describe(card: Card, form: Form) {
  const { height, width } = card.preprocessing.crop;
  return {
    madeBy: `Carafe ${version}`,
    task: card.task,
    labels: card.labels,
    input: {
      name: 'image',
      type: form === 'floats' ? 'float32' : 'uint8',
      shape:
        form === 'photo' ? [1, 'height', 'width', 3] : form === 'bytes' ? [1, height, width, 3] : [1, 3, height, width],
      values: 'red, green and blue from 0 to 255, of an upright photo',
    },
    photo: form === 'photo' ? 'any size; the network resizes it' : steps(card.preprocessing),
    outputs: outputs(card),
    ...thresholds(card),
  };
}

/** How a photo is resized and cropped where the network does not do it. */
function steps({ resize, crop, kernel }: Card['preprocessing']) {
  return { resize, kernel: `${kernel}, with anti-aliasing, as Pillow has it`, centreCrop: crop };
}

function outputs(card: Card): Record<string, string> {
  const features = 'float32 [1, D]: an embedding of the photo';
  if (card.task === 'one-class')
    return {
      score: 'float32 [1]: the higher, the less normal',
      ...(card.heatmap && { heatmap: 'float32 [1, height, width]: where' }),
      features,
    };
  return {
    probabilities: `float32 [1, ${card.labels.length}]: of each label, in the order of the labels`,
    ...(card.unknown && { unknownScore: 'float32 [1]: how far the photo is from all that was learned' }),
    features,
  };
}

/** The lines between yes and no. */
function thresholds(card: Card) {
  if (card.task === 'one-class') return { thresholds: { abnormalAbove: card.threshold.value } };
  const set = setRuleOf(card);
  return {
    thresholds: {
      ...(card.unknown && { unknownAbove: card.unknown.threshold }),
      ...(card.task === 'multi-label' && { labelFrom: card.calibration.thresholds }),
      ...(set && { inSetFrom: set.threshold }),
    },
  };
}
