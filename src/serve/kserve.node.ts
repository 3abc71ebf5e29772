/** KServe's Open Inference Protocol (V2), as its clients and Triton's speak it. */

import type { Hono } from 'hono';
import { CarafeError } from '../errors.ts';
import { version } from '../version.ts';
import type { Outcome } from './answer.ts';
import { requireLength } from './body.node.ts';
import { misshapen, photosIn, taken } from './kserveInput.node.ts';
import type { Model } from './models.node.ts';
import { asBase64 } from './photos.node.ts';
import { predictPhoto } from './predict.node.ts';
import { Problem } from './problem.ts';
import type { Env, Request, Service } from './service.node.ts';
import type { Loaded } from './slot.node.ts';

export interface OutputTensor {
  readonly name: string;
  readonly datatype: 'FP32' | 'BOOL' | 'BYTES';
  readonly shape: readonly number[];
  readonly data: readonly (number | boolean | string)[];
}

export function kserveRoutes(app: Hono<Env>, service: Service): void {
  const { models } = service;
  app.get('/v2', (c) => c.json({ name: 'carafe', version, extensions: ['binary_tensor_data'] }));
  app.get('/v2/health/live', (c) => c.json({ live: true }));
  app.get('/v2/health/ready', (c) => {
    const ready = models.isReady && !service.isDraining;
    return c.json({ ready }, ready ? 200 : 503);
  });
  for (const path of ['/v2/models/:name', '/v2/models/:name/versions/:version'] as const) {
    const of = (c: Request) => modelOf(service, c.req.param('name') ?? '', c.req.param('version'));
    app.get(path, (c) => c.json(metadataOf(of(c))));
    app.get(`${path}/ready`, (c) => {
      const { name } = of(c);
      return c.json({ name, ready: true });
    });
    app.post(`${path}/infer`, (c) => infer(c, service, of(c)));
  }
}

/** @throws Problem NO_SUCH_MODEL */
function modelOf({ models }: Service, name: string, wanted: string | undefined): Model {
  const model = models.get(name);
  if (wanted === undefined || wanted === model.current.version || wanted === String(model.current.number)) return model;
  throw new Problem('NO_SUCH_MODEL', 'There is no such version of the classifier now.', 'GET /v1/models lists them.');
}

function metadataOf(model: Model) {
  const { opened, version: file } = model.current;
  const { card } = opened;
  const classes = card.labels.length;
  const named: [string, string, number[]][] =
    card.task === 'one-class'
      ? [
          ['label', 'BYTES', [-1]],
          ['score', 'FP32', [-1]],
          ['isNormal', 'BOOL', [-1]],
        ]
      : [
          ['label', 'BYTES', [-1]],
          ['probabilities', 'FP32', [-1, classes]],
          ...(card.unknown
            ? ([
                ['isKnown', 'BOOL', [-1]],
                ['unknownScore', 'FP32', [-1]],
              ] as [string, string, number[]][])
            : []),
        ];
  const tensor = ([name, datatype, shape]: [string, string, number[]]) => ({ name, datatype, shape });
  return {
    name: model.name,
    versions: [file],
    platform: 'carafe_onnx',
    inputs: [tensor(['image', 'BYTES', [-1]])],
    outputs: [...named, ['features', 'FP32', [-1, card.backbone.width]] as [string, string, number[]]].map(tensor),
    // Not in the protocol, and of use: probabilities stand in this order.
    parameters: { labels: card.labels },
  };
}

function infer(c: Request, service: Service, model: Model): Promise<Response> {
  const { settings, bodies, queue } = service;
  const { incoming } = c.env;
  const { signal } = c.get('deadline');
  queue.admit();
  const most = asBase64(Math.min(4, settings.maxPhotos) * settings.maxBytes);
  requireLength(incoming, most);
  return model.use((loaded) =>
    bodies.reading(incoming, most, signal, async (body) => {
      const { request, binary } = taken(body, c.req.header('inference-header-content-length'), settings);
      const photos = photosIn(request.inputs[0], binary, settings);
      queue.admit();
      const outcomes = await Promise.all(
        photos.map(async (photo) => (await predictPhoto(loaded, photo, { name: model.name, signal }, service)).outcome),
      ).catch((error: unknown) => {
        throw error instanceof CarafeError && error.code === 'USAGE' ? misshapen() : error;
      });
      const wanted = request.outputs?.map(({ name }) => name);
      return c.json({
        model_name: model.name,
        model_version: loaded.version,
        ...(request.id !== undefined && { id: request.id }),
        outputs: outputsOf(loaded, outcomes, wanted),
      });
    }),
  );
}

/** Outputs as tensors: those that were asked for, or all but the large ones. @throws Problem BAD_REQUEST */
function outputsOf(
  { opened }: Loaded,
  outcomes: readonly Outcome[],
  wanted: readonly string[] | undefined,
): OutputTensor[] {
  const all = tensorsOf(opened.labels, outcomes);
  if (!wanted) return [...all.values()].filter(({ name }) => name !== 'features').map((one) => one.tensor());
  return wanted.map((name) => {
    const one = all.get(name);
    if (one) return one.tensor();
    throw new Problem('BAD_REQUEST', 'The classifier has no such output.', 'GET /v2/models/NAME lists them.');
  });
}

/** Every output of the outcomes of one classifier. */
export function tensorsOf(
  labels: readonly string[],
  outcomes: readonly Outcome[],
): Map<string, { readonly name: string; readonly tensor: () => OutputTensor }> {
  const count = outcomes.length;
  const add = (
    name: string,
    datatype: OutputTensor['datatype'],
    of: (outcome: Outcome) => readonly (number | boolean | string)[],
  ) => {
    const tensor = (): OutputTensor => {
      const data = outcomes.flatMap(of);
      const each = data.length / count;
      const isVector = name === 'probabilities' || name === 'features';
      return { name, datatype, shape: isVector ? [count, each] : [count], data };
    };
    return [name, { name, tensor }] as const;
  };
  const features = add('features', 'FP32', ({ given }) => [...given.features]);
  if (outcomes[0]?.kind === 'detection')
    return new Map([
      add('label', 'BYTES', (one) => (one.kind === 'detection' ? [one.given.isNormal ? 'normal' : 'abnormal'] : [])),
      add('score', 'FP32', (one) => (one.kind === 'detection' ? [one.given.score] : [])),
      add('isNormal', 'BOOL', (one) => (one.kind === 'detection' ? [one.given.isNormal] : [])),
      features,
    ]);
  const [first] = outcomes;
  const hasUnknown = first?.kind === 'prediction' && first.given.isKnown !== undefined;
  return new Map([
    add('label', 'BYTES', (one) => (one.kind === 'prediction' ? [one.given.label] : [])),
    add('probabilities', 'FP32', (one) => probabilitiesOf(labels, one)),
    ...(hasUnknown
      ? [
          add('isKnown', 'BOOL', (one) => (one.kind === 'prediction' ? [one.given.isKnown ?? true] : [])),
          add('unknownScore', 'FP32', (one) => (one.kind === 'prediction' ? [one.given.unknownScore ?? 0] : [])),
        ]
      : []),
    features,
  ]);
}

/** Probabilities in the order of the classifier's labels. */
export function probabilitiesOf(labels: readonly string[], outcome: Outcome): number[] {
  if (outcome.kind === 'detection') return [];
  const byLabel = new Map(outcome.given.classes.map(({ label, probability }) => [label, probability]));
  return labels.map((label) => byLabel.get(label) ?? 0);
}
