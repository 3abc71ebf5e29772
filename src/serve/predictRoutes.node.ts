/** `POST /v1/predict`: photos in, answers out. */

import { once } from 'node:events';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Hono } from 'hono';
import { type Asked, askedOf, requireAsked } from './answer.ts';
import { requireLength } from './body.node.ts';
import type { Model } from './models.node.ts';
import { kindOfBody, linesOf, mostBytes, photosOf } from './photos.node.ts';
import { isFault, toldOf } from './problem.ts';
import { about, answerOne, answerPhoto, type Env, type Request, type Service } from './service.node.ts';
import type { Loaded } from './slot.node.ts';

export function predictRoutes(app: Hono<Env>, service: Service): void {
  app.post('/v1/predict', (c) => predict(c, service, service.models.only()));
  app.post('/v1/models/:name/predict', (c) => predict(c, service, service.models.get(c.req.param('name'))));
}

function predict(c: Request, service: Service, model: Model): Promise<Response> {
  return model.use(async (loaded) => {
    const asked = askedOf(c.req.query());
    requireAsked(loaded.opened.card, asked);
    const kind = kindOfBody(c.req.header('content-type'));
    service.queue.admit();
    if (kind === 'ndjson') return answerLines(c, service, model, loaded, asked);
    const { settings, bodies, addresses, queue } = service;
    const { incoming } = c.env;
    const signal = c.get('deadline').signal;
    const most = mostBytes(kind, settings);
    requireLength(incoming, most);
    return bodies.reading(incoming, most, signal, async (body) => {
      const photos = photosOf(kind, body, c.req.header('content-type') ?? '', settings, addresses);
      queue.admit();
      if (kind === 'raw') {
        const answer = await answerPhoto(service, model, loaded, photos[0], asked, signal);
        return c.json({ ...about(model, loaded), ...answer });
      }
      const predictions = await Promise.all(
        photos.map((photo) => answerOne(service, model, loaded, photo, asked, signal)),
      );
      return c.json({ ...about(model, loaded), predictions });
    });
  });
}

/**
 * A line for each line, in their order, while they come in; as many photos are under way as there are workers. Each line
 * has the time of a request.
 */
async function answerLines(
  c: Request,
  service: Service,
  model: Model,
  loaded: Loaded,
  asked: Asked,
): Promise<Response> {
  const { settings, addresses, queue, bodies } = service;
  const { incoming, outgoing } = c.env;
  const deadline = c.get('deadline');
  const { signal } = deadline;
  c.header('content-type', 'application/x-ndjson');
  outgoing.writeHead(200, Object.fromEntries(c.res.headers));
  outgoing.flushHeaders();
  const say = async (line: unknown) => {
    if (!outgoing.write(`${JSON.stringify(line)}\n`)) await once(outgoing, 'drain', { signal });
  };
  let held = 0;
  const take = (bytes: number) => {
    held += bytes;
    bodies.hold(bytes);
  };
  let isOver = false;
  const release = (bytes: number) => {
    if (isOver) return;
    held -= bytes;
    bodies.release(bytes);
  };
  const waiting: ReturnType<typeof answerOne>[] = [];
  const sayNext = async () => {
    const answer = await waiting.shift();
    deadline.extend();
    await say({ ...about(model, loaded), ...answer });
  };
  try {
    for await (const { photo, bytes } of linesOf(incoming, settings, addresses, signal, take)) {
      if (!photo) {
        release(bytes);
        continue;
      }
      deadline.extend();
      const answer = answerOne(service, model, loaded, photo, asked, signal);
      // Where an earlier one fails, nobody waits for it.
      answer.catch(() => {}).finally(() => release(bytes));
      waiting.push(answer);
      if (waiting.length > queue.slots) await sayNext();
    }
    while (waiting.length > 0) await sayNext();
  } catch (error) {
    // Lines before a broken one are answered.
    while (waiting.length > 0 && !signal.aborted) await sayNext().catch(() => waiting.splice(0));
    if (outgoing.writable) outgoing.write(`${JSON.stringify({ error: toldOf(error).error })}\n`);
    if (isFault(error)) service.say({ event: 'fault', id: c.get('id'), reason: String(error) });
  } finally {
    outgoing.end();
    release(held);
    isOver = true;
  }
  return RESPONSE_ALREADY_SENT;
}
