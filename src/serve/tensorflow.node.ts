/** TensorFlow Serving's REST interface: predict and classify. */

import type { Hono } from 'hono';
import * as z from 'zod';
import { requireLength } from './body.node.ts';
import { probabilitiesOf, tensorsOf } from './kserve.node.ts';
import { asBase64, decodeBase64, jsonOf, parse, valuesFor } from './photos.node.ts';
import { predictPhoto } from './predict.node.ts';
import { Problem } from './problem.ts';
import type { Env, Request, Service } from './service.node.ts';

const encoded = z.object({ b64: z.string().min(1) });
/** A photo: `{ "b64": ... }`, alone or under the one name of an input. */
const instance = z.union([
  encoded,
  z.record(z.string(), encoded).refine((inputs) => Object.keys(inputs).length === 1, 'one input is expected'),
]);
const signature = { signature_name: z.string().max(200).optional() };

/** A request for prediction: by rows, or by columns. */
export const predictRequest = z.union([
  z.object({ ...signature, instances: z.array(instance).min(1) }),
  z.object({
    ...signature,
    inputs: z.union([encoded, z.array(encoded).min(1), z.record(z.string(), z.array(encoded).min(1))]),
  }),
]);
/** A request for classification. */
export const classifyRequest = z.object({ ...signature, examples: z.array(z.record(z.string(), encoded)).min(1) });

export function tensorflowRoutes(app: Hono<Env>, service: Service): void {
  const { models } = service;
  const metadata = (c: Request) => {
    const { name, current } = models.get(c.req.param('name') ?? '');
    const input = { dtype: 'DT_STRING', tensor_shape: { dim: [{ size: '-1' }] }, name: 'image' };
    const output = {
      dtype: 'DT_FLOAT',
      tensor_shape: { dim: [{ size: '-1' }, { size: String(current.opened.labels.length) }] },
      name: 'probabilities',
    };
    const serving_default = {
      inputs: { image: input },
      outputs: { probabilities: output },
      method_name: 'tensorflow/serving/predict',
    };
    return c.json({
      model_spec: { name, signature_name: '', version: String(current.number) },
      metadata: { signature_def: { signature_def: { serving_default } } },
    });
  };
  app.get('/v1/models/:name/metadata', metadata);
  app.post('/v1/models/:call', (c) => call(c, service, c.req.param('call'), undefined));
  app.post('/v1/models/:name/versions/:call', (c) => {
    const [version, verb = ''] = c.req.param('call').split(':');
    return call(c, service, `${c.req.param('name')}:${verb}`, version);
  });
}

function call(c: Request, service: Service, target: string, version: string | undefined): Promise<Response> {
  const colon = target.lastIndexOf(':');
  const verb = target.slice(colon + 1);
  if (colon < 1 || (verb !== 'predict' && verb !== 'classify'))
    throw new Problem('NO_SUCH_ADDRESS', 'There is nothing at this address.', '/docs lists what there is.');
  const model = service.models.get(target.slice(0, colon));
  if (version !== undefined && version !== String(model.current.number))
    throw new Problem(
      'NO_SUCH_MODEL',
      'There is no such version of the classifier now.',
      'GET /v1/models/NAME has it.',
    );
  const { settings, bodies, queue } = service;
  const { incoming } = c.env;
  const { signal } = c.get('deadline');
  queue.admit();
  const most = asBase64(Math.min(4, settings.maxPhotos) * settings.maxBytes);
  requireLength(incoming, most);
  return model.use((loaded) =>
    bodies.reading(incoming, most, signal, async (body) => {
      const { photos, isByRows, isNamed } = taken(jsonOf(body, valuesFor(settings.maxPhotos)), verb);
      if (photos.length > settings.maxPhotos)
        throw new Problem('TOO_LARGE', `The request has more than ${settings.maxPhotos} photos.`, 'Send fewer.');
      queue.admit();
      const outcomes = await Promise.all(
        photos.map(async ({ b64 }) => {
          const bytes = decodeBase64(b64, settings.maxBytes);
          return (await predictPhoto(loaded, bytes, { name: model.name, signal }, service)).outcome;
        }),
      );
      const { labels } = loaded.opened;
      if (verb === 'classify')
        return c.json({
          result: outcomes.map((one) =>
            one.kind === 'prediction'
              ? one.given.classes.map(({ label, probability }) => [label, probability])
              : [[one.given.isNormal ? 'normal' : 'abnormal', one.given.score]],
          ),
        });
      const isDetection = outcomes[0].kind === 'detection';
      const main = outcomes.map((one) => (one.kind === 'detection' ? one.given.score : probabilitiesOf(labels, one)));
      if (isByRows) return c.json({ predictions: isNamed || isDetection ? rowsOf(labels, outcomes) : main });
      return c.json({ outputs: isNamed || isDetection ? columnsOf(labels, outcomes) : main });
    }),
  );
}

type Outcomes = Parameters<typeof tensorsOf>[1];

/** Every output but the features under its name, an object a photo. */
function rowsOf(labels: readonly string[], outcomes: Outcomes) {
  return outcomes.map((one) => columnsOf(labels, [one], (values) => values[0]));
}

function columnsOf(
  labels: readonly string[],
  outcomes: Outcomes,
  shown: (values: readonly unknown[]) => unknown = (values) => values,
) {
  const tensors = [...tensorsOf(labels, outcomes).values()].filter(({ name }) => name !== 'features');
  return Object.fromEntries(
    tensors.map(({ name, tensor }) => {
      const { data, shape } = tensor();
      const rows = shape.length === 1 ? data : outcomes.map((_, i) => data.slice(i * shape[1], (i + 1) * shape[1]));
      return [name, shown(rows)];
    }),
  );
}

interface Taken {
  readonly photos: readonly z.infer<typeof encoded>[];
  readonly isByRows: boolean;
  /** Whether the client asks for all outputs by name: its signature is `named`. */
  readonly isNamed: boolean;
}

/** @throws Problem BAD_REQUEST */
function taken(json: unknown, verb: 'predict' | 'classify'): Taken {
  if (verb === 'classify') {
    const { examples } = parse(classifyRequest, json, 'The request');
    return { photos: examples.map((one) => only(one)), isByRows: true, isNamed: false };
  }
  const request = parse(predictRequest, json, 'The request');
  const isNamed = request.signature_name === 'named';
  if ('instances' in request) return { photos: request.instances.map(only), isByRows: true, isNamed };
  const { inputs } = request;
  const columns = Array.isArray(inputs) ? inputs : encoded.safeParse(inputs).data;
  if (columns) return { photos: [columns].flat(), isByRows: false, isNamed };
  const [photos = []] = Object.values(inputs);
  return { photos: [photos].flat().flatMap((one) => encoded.safeParse(one).data ?? []), isByRows: false, isNamed };
}

/** @throws Problem BAD_REQUEST */
function only(value: z.infer<typeof instance>): z.infer<typeof encoded> {
  const plain = encoded.safeParse(value).data;
  if (plain) return plain;
  const [first] = Object.values(value);
  const found = encoded.safeParse(first).data;
  if (found) return found;
  throw new Problem('BAD_REQUEST', 'An example has no photo.', 'Give { "b64": "..." }.');
}
