/** The classifiers, and how the service is. */

import type { Hono } from 'hono';
import * as z from 'zod';
import { version } from '../version.ts';
import type { Model } from './models.node.ts';
import type { Env, Service } from './service.node.ts';
import { accuracyOf, type Loaded } from './slot.node.ts';

/** A classifier as the list has it. */
export const listedModel = z.object({
  name: z.string(),
  /** The first digits of the file's SHA-256. */
  version: z.string(),
  loadedAt: z.iso.datetime(),
  task: z.enum(['single-label', 'multi-label', 'one-class']),
  labels: z.array(z.string()),
  accuracy: z
    .object({ value: z.number(), low: z.number() })
    .optional()
    .describe('With the lower end of its interval; with several labels the exact match ratio.'),
  trial: z
    .object({ version: z.string(), share: z.number() })
    .optional()
    .describe('A second file, and the share of requests that it answers.'),
});
export const modelList = z.object({
  version: z.string(),
  models: z.array(listedModel),
  /** Whether photos may be sent back with the right label. */
  feedback: z.boolean(),
});

export function modelRoutes(app: Hono<Env>, service: Service): void {
  const { models } = service;
  app.get('/livez', (c) => c.text('ok'));
  app.get('/readyz', (c) => {
    const isReady = models.isReady && !service.isDraining;
    return c.text(isReady ? 'ok' : service.isDraining ? 'draining' : 'starting', isReady ? 200 : 503);
  });
  app.get('/metrics', async (c) => {
    const { type, body } = await service.metrics.text();
    return c.body(body, 200, { 'content-type': type });
  });
  app.get('/v1/models', (c) => {
    const list: z.infer<typeof modelList> = {
      version,
      models: models.list().map(listed),
      feedback: service.feedback !== undefined,
    };
    return c.json(list);
  });
  app.get('/v1/models/:name', (c) => {
    const model = models.get(c.req.param('name'));
    return c.json({ ...listed(model), card: model.current.opened.card, ...tensorflowStatus(model.current) });
  });
}

function listed(model: Model): z.infer<typeof listedModel> {
  const { opened, version: file, loadedAt } = model.current;
  const { card } = opened;
  const accuracy = accuracyOf(card);
  const { onTrial } = model;
  return {
    name: model.name,
    version: file,
    loadedAt: loadedAt.toISOString(),
    task: card.task,
    labels: [...card.labels],
    ...(accuracy && { accuracy: { value: accuracy.value, low: accuracy.low } }),
    ...(onTrial && { trial: { version: onTrial.loaded.version, share: onTrial.share } }),
  };
}

/** What clients of TensorFlow Serving look for at the same address. */
function tensorflowStatus({ number }: Loaded) {
  return {
    model_version_status: [
      { version: String(number), state: 'AVAILABLE', status: { error_code: 'OK', error_message: '' } },
    ],
  };
}
