/** Makes a classifier file and runs its self-test. */

import type { Backbone } from '../backbone/backbone.ts';
import { CarafeError } from '../errors.ts';
import { type Inputs, tableOf } from '../features/mapTable.ts';
import { type BackboneOutputs, extractionModel, type MapNeeds, mapCuts } from '../features/network.ts';
import { patchCuts, patchNeeds, patchTables } from '../features/patchMaps.ts';
import type { FitContext, Head } from '../heads/head.ts';
import type { OneClassHead } from '../heads/oneClass/oneClassHead.ts';
import { scoreEach, scoresOf } from '../heads/oneClass/score.ts';
import { type Subspace, subspace } from '../heads/oneClass/subspace.ts';
import { predictLogits } from '../heads/predictLogits.ts';
import { singleLooks } from '../images/framing.ts';
import type { HeatScale } from '../images/heatmapColours.ts';
import type { Preprocessing } from '../images/preprocessing.ts';
import { message } from '../message.ts';
import { mean } from '../numerics/statistics.ts';
import type { Pixels } from '../runtime/platform.ts';
import { expectTensor } from '../runtime/platform.ts';
import { taskNamed } from '../tasks/registry.ts';
import { assembleClassifier, assembleDetector, type Parts } from './assemble.ts';
import type { ClassCard, LabelCard, OneClassCard } from './card.ts';
import { Classifier } from './classifier.ts';
import { Detector } from './detector.ts';
import { drawSelfTest, mostDeviation, rounded, selfTestFormula } from './selfTest.ts';

/** What a classifier is made of, before it is a file. */
export interface InProcess<Fitted> {
  readonly backbone: Backbone;
  readonly head: Pick<Head<never, Fitted>, 'needs' | 'beside' | 'cut' | 'model' | 'toGraph'>;
  readonly fitted: Fitted;
  /** The head that tells unknown photos. */
  readonly unknown?: Subspace | undefined;
}

/** The same of a one-class classifier. */
export interface InProcessDetector<Fitted> {
  readonly backbone: Backbone;
  readonly head: Pick<OneClassHead<never, Fitted>, 'needs' | 'toGraph'>;
  readonly fitted: Fitted;
  /** How its heatmap is to be read. */
  readonly places?: HeatScale | undefined;
}

/** Resizes and crops upright pixels as a photo would be. */
export type Prepare = (pixels: Pixels, preprocessing: Preprocessing) => Promise<Pixels>;

/**
 * Makes the file: runs the in-process path on two drawn images, writes what it gave into the card, assembles, and
 * runs the finished file on the same images.
 * @throws CarafeError INTERNAL where the file does not answer as the path that was measured
 */
export async function makeClassifier<Fitted>(
  parts: InProcess<Fitted>,
  description: Omit<ClassCard, 'selfTest'> | Omit<LabelCard, 'selfTest'>,
  context: FitContext,
  prepare: Prepare,
): Promise<Uint8Array> {
  const { backbone, head, fitted, unknown } = parts;
  const needs = { spatial: [head.needs, head.beside].includes('spatial'), stage: head.cut };
  const images = await drawnInputs(backbone, needs, context, prepare, (inputs) =>
    answersOf(parts, description, inputs, context),
  );
  const selfTest = {
    formula: selfTestFormula,
    images,
    tolerance: {
      features: mostDeviation.features,
      probabilities: mostDeviation.probabilities,
      ...(unknown ? { unknownScore: mostDeviation.unknownScore } : {}),
    },
  };
  const addHead: Parts['addHead'] = (builder, outputs) =>
    head.toGraph(
      fitted,
      builder,
      headInput(parts, head.needs, outputs),
      head.beside && headInput(parts, head.beside, outputs),
    );
  const addUnknown: Parts['addUnknown'] =
    unknown && ((builder, { features }) => subspace.toGraph(unknown, builder, [features]));
  const bytes = assembleClassifier({ backbone, addHead, addUnknown, card: { ...description, selfTest } });
  return proven(bytes, await Classifier.open(bytes, 'the new classifier', context.openSession, context));
}

/** What heads give in the process for the one photo of `inputs`, as a card has it. */
export async function answersOf<Fitted>(
  { head, fitted, unknown }: Pick<InProcess<Fitted>, 'head' | 'fitted' | 'unknown'>,
  description: Pick<ClassCard, 'task' | 'calibration'> | Pick<LabelCard, 'task' | 'calibration'>,
  inputs: Inputs,
  context: FitContext,
): Promise<{ probabilities: number[]; unknownScore?: number[] }> {
  const [logits] = await predictLogits(head, [fitted], inputs, context);
  const { calibration } = taskNamed(description.task);
  const probabilities = rounded(calibration.probabilities(logits, description.calibration).data);
  if (!unknown) return { probabilities };
  return { probabilities, unknownScore: rounded(await scoresOf(subspace, unknown, inputs, Int32Array.of(0), context)) };
}

/** The same of a one-class classifier. */
export async function makeDetector<Fitted>(
  { backbone, head, fitted, places: scale }: InProcessDetector<Fitted>,
  description: Omit<OneClassCard, 'selfTest' | 'heatmap'>,
  context: FitContext,
  prepare: Prepare,
): Promise<Uint8Array> {
  let places: { height: number; width: number } | undefined;
  const images = await drawnInputs(backbone, patchNeeds(head, backbone), context, prepare, async (inputs) => {
    const expected: { score: number[]; heatmap?: number[] } = { score: [] };
    const patches = { ...inputs, maps: patchTables(backbone, inputs) };
    await scoreEach(head, fitted, patches, Int32Array.of(0), context, (_, score, heatmap) => {
      expected.score = rounded(Float32Array.of(score));
      if (!heatmap) return;
      places = { height: heatmap.height, width: heatmap.width };
      expected.heatmap = rounded(heatmap.data);
    });
    return expected;
  });
  const selfTest = {
    formula: selfTestFormula,
    images,
    tolerance: {
      features: mostDeviation.features,
      score: mostDeviation.score,
      ...(places ? { heatmap: mostDeviation.heatmap } : {}),
    },
  };
  const card: OneClassCard = {
    ...description,
    ...(places && scale ? { heatmap: { ...places, ...scale } } : {}),
    selfTest,
  };
  const cuts = patchCuts(backbone);
  const bytes = assembleDetector(
    backbone,
    (builder, outputs) =>
      head.toGraph(fitted, builder, head.needs === 'pooled' ? [outputs.features] : cuts.map(outputs.map)),
    card,
  );
  return proven(bytes, await Detector.open(bytes, 'the new classifier', context.openSession, context));
}

/**
 * The file's bytes, once it has answered as it should.
 * @throws CarafeError INTERNAL
 */
export async function proven(bytes: Uint8Array, file: Classifier | Detector): Promise<Uint8Array> {
  const { passed, images } = await file.verify().finally(() => file.release());
  if (passed) return bytes;
  const off = images
    .map(({ height, width, features }) => `${width} x ${height} pixels: ${features.toExponential(1)}`)
    .join(', ');
  throw new CarafeError(
    'INTERNAL',
    message`The finished file does not give the same results as the measured classifier (${off}).`,
    'Nothing was written. Either Carafe has a bug or it cuts this backbone wrongly: try `cut`, and report it.',
  );
}

/** The tensor that the head reads. */
function headInput(
  { head, backbone }: Pick<InProcess<never>, 'head' | 'backbone'>,
  needs: Head<never, never>['needs'],
  outputs: BackboneOutputs,
): string {
  if (needs === 'pooled') return outputs.features;
  const cut = needs === 'stage' ? head.cut : backbone.network.spatial;
  if (!cut) throw new TypeError('this head needs a map that the network does not have');
  return outputs.map(cut);
}

/** What the in-process path gives for the self-test's images: features, and what `answer` makes of the backbone's outputs. */
async function drawnInputs<Answer extends object>(
  backbone: Backbone,
  needs: MapNeeds,
  context: FitContext,
  prepare: Prepare,
  answer: (inputs: Inputs) => Promise<Answer>,
): Promise<({ height: number; width: number; features: number[] } & Answer)[]> {
  const { preprocessing, network } = backbone;
  const session = await context.openSession(extractionModel(backbone, needs), { threads: context.threads });
  try {
    const images = [];
    for (const { height, width } of selfTestSizes(preprocessing)) {
      const drawn = drawSelfTest(height, width);
      const seen: Awaited<ReturnType<typeof session.run>>[] = [];
      for (const look of singleLooks(preprocessing)) {
        const { data, ...crop } = await prepare(drawn, look);
        seen.push(await session.run({ image: { type: 'uint8', dims: [1, crop.height, crop.width, 3], data } }));
      }
      const looks = seen.map((outputs) => expectTensor(outputs.features, 'float32').data);
      const features = looks[0].map((_, at) => mean(looks.map((look) => look[at])));
      const table = (name: string) => tableOf(expectTensor(seen[0][name], 'float16'));
      const maps = [...mapCuts(backbone, needs).keys()];
      const inputs = {
        features: { rows: 1, columns: network.width, data: features },
        spatial: maps.includes('spatial') ? table('spatial') : undefined,
        stage: maps.includes('stage') ? table('stage') : undefined,
        maps: maps.filter((name) => name.startsWith('maps/')).map(table),
      };
      images.push({ height, width, features: rounded(features), ...(await answer(inputs)) });
    }
    return images;
  } finally {
    await session.release();
  }
}

/** One image that needs no resizing, and one that is shrunk as a photo is, but not so far that its waves are lost. */
function selfTestSizes({ resize }: Preprocessing): { height: number; width: number }[] {
  const { height, width } =
    resize.rule !== 'shortest-edge' ? resize : { height: resize.size, width: Math.floor((resize.size * 4) / 3) };
  return [
    { height, width },
    { height: Math.floor(height * 2.3), width: Math.floor(width * 2.5) },
  ];
}
