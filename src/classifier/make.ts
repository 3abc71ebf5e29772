import type { Backbone } from '../backbone/backbone.ts';
import { CarafeError } from '../errors.ts';
import { softmaxRows } from '../evaluation/softmaxRows.ts';
import { tableOf } from '../features/mapTable.ts';
import { type BackboneOutputs, extractionModel } from '../features/network.ts';
import { decide } from '../heads/decide.ts';
import type { FitContext, Head } from '../heads/head.ts';
import type { Preprocessing } from '../images/preprocessing.ts';
import type { Pixels } from '../platform.ts';
import { expectTensor } from '../platform.ts';
import { assembleClassifier, type Parts } from './assemble.ts';
import type { Card } from './card.ts';
import { Classifier } from './classifier.ts';
import { drawSelfTest, rounded, selfTestFormula } from './selfTest.ts';

/** What a classifier is made of, before it is a file. */
export interface InProcess<Fitted> {
  readonly backbone: Backbone;
  readonly head: Pick<Head<never, Fitted>, 'needs' | 'toGraph'>;
  readonly fitted: Fitted;
  readonly temperature: number;
}

/** Resizes and crops upright pixels as a photo would be. */
export type Prepare = (pixels: Pixels, preprocessing: Preprocessing) => Promise<Pixels>;

/**
 * How far a file may lie from the in-process path. The graph's own resize and a photo library's differ by about 0.25 of
 * 255 a pixel, which moves the features of the networks at hand by up to 0.7%; another resize kernel moves them by 2 to
 * 7%. Without resizing, runtimes and machines differ by 0.001%.
 */
const tolerance = { features: 0.05, probabilities: 0.05 };

/**
 * Makes the file: runs the in-process path on two drawn images, writes what it gave into the card, assembles, and
 * runs the finished file on the same images.
 * @throws CarafeError INTERNAL where the file does not answer as the path that was measured
 */
export async function makeClassifier<Fitted>(
  parts: InProcess<Fitted>,
  description: Omit<Card, 'selfTest'>,
  context: FitContext,
  prepare: Prepare,
): Promise<Uint8Array> {
  const selfTest = await runSelfTest(parts, context, prepare);
  const { backbone, head, fitted } = parts;
  const addHead: Parts['addHead'] = (builder, outputs) => head.toGraph(fitted, builder, headInput(parts, outputs));
  const bytes = assembleClassifier({ backbone, addHead, card: { ...description, selfTest } });
  const classifier = await Classifier.open(bytes, 'the new classifier', context.openSession, context);
  const { passed, images } = await classifier.verify().finally(() => classifier.release());
  if (passed) return bytes;
  throw new CarafeError(
    'INTERNAL',
    `The finished file does not answer as the measured classifier did: ${JSON.stringify(images)}.`,
    'Nothing was written. This is a fault of Carafe, or a backbone that it cuts wrongly: try --cut, and report it.',
  );
}

/** The tensor that the head reads. */
function headInput({ head, backbone }: Pick<InProcess<never>, 'head' | 'backbone'>, outputs: BackboneOutputs): string {
  if (head.needs === 'pooled') return outputs.features;
  const { spatial } = backbone.network;
  if (!spatial) throw new TypeError('this head needs spatial features');
  return outputs.map(spatial);
}

async function runSelfTest<Fitted>(
  { backbone, head, fitted, temperature }: InProcess<Fitted>,
  context: FitContext,
  prepare: Prepare,
): Promise<Card['selfTest']> {
  const { preprocessing, network } = backbone;
  const needs = { spatial: head.needs === 'spatial' };
  const session = await context.openSession(extractionModel(backbone, needs), { threads: context.threads });
  try {
    const images = [];
    for (const { height, width } of selfTestSizes(preprocessing)) {
      const { data, ...crop } = await prepare(drawSelfTest(height, width), preprocessing);
      const image = { type: 'uint8', dims: [1, crop.height, crop.width, 3], data } as const;
      const outputs = await session.run({ image });
      const features = expectTensor(outputs.features, 'float32').data;
      const inputs = {
        features: { rows: 1, columns: network.width, data: features },
        spatial: needs.spatial ? tableOf(expectTensor(outputs.spatial, 'float16')) : undefined,
      };
      const [logits] = await decide(head, [fitted], inputs, context);
      const probabilities = softmaxRows(logits, temperature).data;
      images.push({ height, width, features: rounded(features), probabilities: rounded(probabilities) });
    }
    return { formula: selfTestFormula, images, tolerance };
  } finally {
    await session.release();
  }
}

/** One image that needs no resizing, and one that is shrunk as a photo is, but not so far that its waves are lost. */
function selfTestSizes({ resize }: Preprocessing): { height: number; width: number }[] {
  const { height, width } =
    resize.rule === 'squash' ? resize : { height: resize.size, width: Math.floor((resize.size * 4) / 3) };
  return [
    { height, width },
    { height: Math.floor(height * 2.3), width: Math.floor(width * 2.5) },
  ];
}
