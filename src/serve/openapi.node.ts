/** The service's description for machines (OpenAPI 3.1), made from the schemas that requests go through. */

import * as z from 'zod';
import { card } from '../classifier/card.ts';
import { failedImage } from '../results/images.ts';
import { failure } from '../results/schemas.ts';
import { version } from '../version.ts';
import { askedQuery, servedDetection, servedPrediction } from './answer.ts';
import { feedbackBody, feedbackResult } from './feedbackRoutes.node.ts';
import { inferRequest } from './kserveInput.node.ts';
import { listedModel, modelList } from './modelRoutes.node.ts';
import { photoLine, photosBody } from './photos.node.ts';
import { classifyRequest, predictRequest } from './tensorflow.node.ts';

const answer = z.union([servedPrediction, servedDetection]);
const about = z.object({ model: z.string(), modelVersion: z.string() });
const photoAnswer = z.union([answer, failedImage]);
const several = about.extend({ predictions: z.array(z.object({ path: z.string() }).and(photoAnswer)) });

/** An address, what it takes and what it gives. */
export interface Operation {
  readonly method: 'get' | 'post';
  readonly path: string;
  readonly group: string;
  readonly summary: string;
  readonly query?: z.ZodObject;
  /** Bodies by content type; `undefined` for bytes. */
  readonly body?: Readonly<Record<string, z.ZodType | undefined>>;
  readonly status?: number;
  /** Answers by content type; `undefined` for text. */
  readonly answer: Readonly<Record<string, z.ZodType | undefined>>;
  /** Whether it needs no key. */
  readonly isOpen?: true;
}

const json = (schema: z.ZodType) => ({ 'application/json': schema });
const text = { 'text/plain': undefined };
const form = { 'multipart/form-data': z.object({ photo: z.array(z.file()) }) };
const photos = {
  'image/*': undefined,
  ...form,
  ...json(photosBody),
  'application/x-ndjson': photoLine,
};
const answers = {
  ...json(z.union([about.and(answer).describe('Of a photo that was sent raw.'), several])),
  'application/x-ndjson': about.extend({ path: z.string() }).and(photoAnswer),
};
const anything = json(z.looseObject({}));

const kserve = (path: string): Operation[] => [
  { method: 'get', path, group: 'KServe V2', summary: 'Inputs and outputs of a classifier.', answer: anything },
  { method: 'get', path: `${path}/ready`, group: 'KServe V2', summary: 'Whether it is ready.', answer: anything },
  {
    method: 'post',
    path: `${path}/infer`,
    group: 'KServe V2',
    summary: 'Photos as BYTES (base64, or a binary tensor) or pixels as UINT8.',
    body: json(inferRequest),
    answer: anything,
  },
];
const tensorflow = (path: string): Operation[] => [
  {
    method: 'post',
    path: `${path}:predict`,
    group: 'TensorFlow Serving',
    summary: 'Probabilities in the order of the labels; with signature_name `named` all outputs by name.',
    body: json(predictRequest),
    answer: anything,
  },
  {
    method: 'post',
    path: `${path}:classify`,
    group: 'TensorFlow Serving',
    summary: 'Labels with their probabilities, the likeliest first.',
    body: json(classifyRequest),
    answer: anything,
  },
];

/** Every address of the service; a test holds that there are no others. */
export const operations: readonly Operation[] = [
  {
    method: 'post',
    path: '/v1/predict',
    group: 'Photos',
    summary: 'What is in a photo, or in several. Where the service has one classifier.',
    query: askedQuery,
    body: photos,
    answer: answers,
  },
  {
    method: 'post',
    path: '/v1/models/{name}/predict',
    group: 'Photos',
    summary: 'The same of the classifier that is named.',
    query: askedQuery,
    body: photos,
    answer: answers,
  },
  {
    method: 'post',
    path: '/v1/feedback',
    group: 'Photos',
    summary: 'A photo with its right label, for the next training. A raw photo has the label in the query.',
    query: z.object({ model: z.string().optional(), label: z.string().optional() }),
    body: {
      'image/*': undefined,
      'multipart/form-data': z.object({ photo: z.file(), label: z.string() }),
      ...json(feedbackBody),
    },
    status: 201,
    answer: json(feedbackResult),
  },
  { method: 'get', path: '/v1/models', group: 'Classifiers', summary: 'All classifiers.', answer: json(modelList) },
  {
    method: 'get',
    path: '/v1/models/{name}',
    group: 'Classifiers',
    summary: 'One of them, with its card: what the file says of itself.',
    answer: json(listedModel.extend({ card, model_version_status: z.array(z.looseObject({})) })),
  },
  { method: 'get', path: '/livez', group: 'The service', summary: 'Whether it lives.', answer: text, isOpen: true },
  {
    method: 'get',
    path: '/readyz',
    group: 'The service',
    summary: 'Whether all classifiers have passed their self-tests.',
    answer: text,
    isOpen: true,
  },
  { method: 'get', path: '/metrics', group: 'The service', summary: 'Figures for Prometheus.', answer: text },
  {
    method: 'get',
    path: '/openapi.json',
    group: 'The service',
    summary: 'This description.',
    answer: anything,
    isOpen: true,
  },
  {
    method: 'get',
    path: '/docs',
    group: 'The service',
    summary: 'The same for people.',
    answer: { 'text/html': undefined },
    isOpen: true,
  },
  {
    method: 'get',
    path: '/',
    group: 'The service',
    summary: 'A page to try it.',
    answer: { 'text/html': undefined },
    isOpen: true,
  },
  ...tensorflow('/v1/models/{name}'),
  ...tensorflow('/v1/models/{name}/versions/{version}'),
  {
    method: 'get',
    path: '/v1/models/{name}/metadata',
    group: 'TensorFlow Serving',
    summary: 'The signature.',
    answer: anything,
  },
  { method: 'get', path: '/v2', group: 'KServe V2', summary: 'The server.', answer: anything },
  {
    method: 'get',
    path: '/v2/health/live',
    group: 'KServe V2',
    summary: 'Whether it lives.',
    answer: anything,
    isOpen: true,
  },
  {
    method: 'get',
    path: '/v2/health/ready',
    group: 'KServe V2',
    summary: 'Whether it is ready.',
    answer: anything,
    isOpen: true,
  },
  ...kserve('/v2/models/{name}'),
  ...kserve('/v2/models/{name}/versions/{version}'),
];

type Plain = Readonly<Record<string, unknown>>;

function schemaOf(schema: z.ZodType | undefined, io: 'input' | 'output'): Plain {
  if (!schema) return {};
  const { $schema: _, ...plain } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    // Later versions add keys.
    override: ({ jsonSchema }) => void (io === 'output' && delete jsonSchema.additionalProperties),
  });
  return plain;
}

function contentOf(bodies: Readonly<Record<string, z.ZodType | undefined>>, io: 'input' | 'output'): Plain {
  return Object.fromEntries(
    Object.entries(bodies).map(([type, schema]) => [type, schema ? { schema: schemaOf(schema, io) } : {}]),
  );
}

function parametersOf({ path, query }: Operation): Plain[] {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const inQuery = Object.entries(query?.shape ?? {}).map(([name, schema]) => ({
    name,
    in: 'query',
    required: false,
    ...(schema.description !== undefined && { description: schema.description }),
    schema: schemaOf(schema, 'input'),
  }));
  return [...inPath, ...inQuery];
}

function operationOf(operation: Operation): Plain {
  const { group, summary, body, status = 200, answer: given, isOpen } = operation;
  const parameters = parametersOf(operation);
  return {
    summary,
    tags: [group],
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: { required: true, content: contentOf(body, 'input') } }),
    ...(isOpen && { security: [] }),
    responses: {
      [status]: { description: 'The answer.', content: contentOf(given, 'output') },
      default: { $ref: '#/components/responses/failure' },
    },
  };
}

let made: Plain | undefined;

/** The description, OpenAPI 3.1. */
export function openapi(): Plain {
  const paths: Record<string, Record<string, unknown>> = {};
  if (made) return made;
  for (const operation of operations) {
    paths[operation.path] ??= {};
    paths[operation.path][operation.method] = operationOf(operation);
  }
  made = {
    openapi: '3.1.0',
    info: {
      title: 'Carafe',
      version,
      description: 'Says what is in photos. Nothing of a photo is kept unless the service was told to.',
    },
    paths,
    components: {
      securitySchemes: { key: { type: 'http', scheme: 'bearer' } },
      responses: {
        failure: {
          description: 'What went wrong, and what to do now.',
          content: { 'application/json': { schema: schemaOf(failure, 'output') } },
        },
      },
    },
    security: [{ key: [] }, {}],
  };
  return made;
}
