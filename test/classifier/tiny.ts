import type { Backbone } from '../../src/backbone/backbone.ts';
import { cutNetwork } from '../../src/backbone/cut.ts';
import { fitPreprocessing, imageInput } from '../../src/backbone/imageInput.ts';
import type { ClassCard } from '../../src/classifier/card.ts';
import { makeClassifier } from '../../src/classifier/make.ts';
import type { Unknown } from '../../src/evaluation/unknown.ts';
import { type Linear, linearToGraph } from '../../src/heads/linear.ts';
import type { Subspace } from '../../src/heads/oneClass/subspace.ts';
import { prepare } from '../../src/images/prepare.node.ts';
import type { Preprocessing } from '../../src/images/preprocessing.ts';
import type { Model } from '../../src/onnx/model.ts';
import { openSession } from '../../src/runtime/platform.node.ts';
import { drawn } from '../onnx/networks.ts';

export const preprocessing: Preprocessing = {
  resize: { rule: 'shortest-edge', size: 20 },
  kernel: 'bicubic',
  crop: { height: 16, width: 16 },
  scale: 1 / 255,
  mean: [0.5, 0.4, 0.3],
  std: [0.2, 0.3, 0.4],
  channels: 'rgb',
  layout: 'nchw',
  input: 'float32',
};

export const labels = ['a "b"', 'été', '🦊'];
export const context = { openSession, threads: 1, seed: 0 };

/** A small network as a backbone, by the way of every network. */
export async function tinyBackbone(model: Model, given = preprocessing): Promise<Backbone> {
  const fitted = fitPreprocessing(given, imageInput(model, 'tiny'), 'tiny');
  const { network, cut } = await cutNetwork(model, { openSession, source: 'tiny', preprocessing: fitted });
  return { name: 'tiny', hash: '0'.repeat(64), preprocessing: fitted, network, cut };
}

/** A head that was never taught: numbers drawn from a seed. */
export function drawnHead(width: number, seed = 3): Linear {
  const classes = labels.length;
  const weights = Float32Array.from(drawn(width * classes, seed));
  return { weights, bias: Float32Array.of(0.1, -0.2, 0.3), inputs: width, outputs: classes };
}

/** A card as training writes it. */
export function drawnCard({ name, hash, cut, preprocessing: given, network }: Backbone): Omit<ClassCard, 'selfTest'> {
  const perClass = labels.map((label) => ({ label, precision: 0.5, recall: 0.5, f1: 0.5, support: 7 }));
  return {
    version: '0.1.0',
    labels,
    task: 'single-label',
    backbone: { name, hash, width: network.width, cut, spatial: network.spatial },
    preprocessing: given,
    head: { name: 'softmax', settings: { l2: 0.001 } },
    calibration: {
      temperature: 1.7,
      bias: [0.3, -0.4, 0.1],
      set: { coverage: 0.9, guaranteed: 0.9, threshold: 0.25 },
    },
    training: {
      classes: labels.map((label) => ({ label, count: 7 })),
      seed: 0,
      balance: false,
      split: { kind: 'folds', reason: 'drawn', file: 'refitted' },
    },
    evaluation: {
      accuracy: { value: 0.5, low: 0.3, high: 0.7 },
      logLoss: 0.9,
      ece: { before: 0.1, after: 0.05 },
      perClass,
      method: 'drawn',
    },
  };
}

/** @param limit of the score above which a photo is unknown; none is without one */
export async function tinyClassifier(backbone: Backbone, limit?: number): Promise<Uint8Array> {
  const { fitted: unknownHead, unknown } = drawnUnknown(backbone.network.width);
  const parts = {
    backbone,
    head: { needs: 'pooled' as const, toGraph: linearToGraph },
    fitted: drawnHead(backbone.network.width),
    unknown: limit === undefined ? undefined : unknownHead,
  };
  const card = drawnCard(backbone);
  const told = limit === undefined ? card : { ...card, unknown: { ...unknown, threshold: limit } };
  return makeClassifier(parts, told, context, prepare);
}

/** A head for unknown photos that was never taught either. */
export function drawnUnknown(width: number): { fitted: Subspace; unknown: Unknown } {
  const mean = Float32Array.from(drawn(width, 7));
  const discount = Float32Array.from(drawn(width * 2, 8), (value) => value / width);
  return {
    fitted: { regions: [{ mean, scale: 1 }], discount, precision: 1 },
    unknown: {
      head: { name: 'subspace', settings: { rank: 2 } },
      threshold: 1,
      falsePositiveRate: { target: 0.01, guaranteed: 0.05 },
      rejected: null,
      leaveOneClassOut: [],
    },
  };
}

/**
 * The same for photos of several labels, with the thresholds of each and of what is unknown; no photo reaches that of
 * `never`.
 */
export async function tinyLabeller(backbone: Backbone, thresholds = [-1, -1, 2], limit = 1): Promise<Uint8Array> {
  const { labels: _labels, task: _task, evaluation: _evaluation, ...rest } = drawnCard(backbone);
  const figure = { value: 0.5, low: 0.3, high: 0.7 };
  const names = ['always', 'often', 'never'];
  const perLabel = names.map((label) => {
    const figures = { averagePrecision: figure, f1: figure, precision: 0.5, recall: 0.5 };
    return { label, support: 7, threshold: 0.5, ...figures };
  });
  const { fitted: unknownHead, unknown } = drawnUnknown(backbone.network.width);
  const parts = {
    backbone,
    head: { needs: 'pooled' as const, toGraph: linearToGraph },
    fitted: drawnHead(backbone.network.width),
    unknown: unknownHead,
  };
  return makeClassifier(
    parts,
    {
      ...rest,
      labels: names,
      task: 'multi-label',
      unknown: { ...unknown, threshold: limit },
      calibration: { scale: [1.5, 0.8, 1], shift: [0.2, -0.1, 0], thresholds },
      evaluation: {
        ...{ meanAveragePrecision: figure, baseline: 0.4, microF1: figure, macroF1: figure, exactMatch: figure },
        ...{ logLoss: 0.5, ece: { before: 0.1, after: 0.05 }, perLabel, method: 'drawn' },
      },
    },
    context,
    prepare,
  );
}
