/** The running service: its server, its classifiers, its end. */

import type { Server } from 'node:http';
import { createServer } from 'node:http';
import { setTimeout as pause, setImmediate as turnOfLoop } from 'node:timers/promises';
import { getRequestListener } from '@hono/node-server';
import { CarafeError } from '../errors.ts';
import { availableCores } from '../runtime/cores.node.ts';
import { Access, Rates } from './access.node.ts';
import { PhotoAddresses } from './addresses.node.ts';
import { appOf } from './app.node.ts';
import { Bodies } from './body.node.ts';
import type { ServeEvent } from './events.ts';
import { Feedback, UnknownSample } from './feedback.node.ts';
import { Metrics } from './metrics.node.ts';
import { Models } from './models.node.ts';
import { type Running, type ServeOptions, settingsOf } from './options.ts';
import { PhotoQueue } from './queue.ts';
import { answerMalformed, answerRefused } from './refused.node.ts';
import type { Service } from './service.node.ts';
import { turningAway } from './turnAway.node.ts';

/** A photo is decoded while others are in the network: so many more are begun than there are workers. */
const ahead = 1;
/** Bytes of a request's headers; more are answered with 431. */
const mostHeaderBytes = 16_384;
/** Milliseconds that a client may take for its headers, and that a connection without a request stays open. */
const headersTimeout = 10_000;
const keepAliveTimeout = 10_000;
/** Milliseconds between the word to end and the end of listening. */
const lastRequests = 100;
/** Turns of the event loop without anything new, and milliseconds that they may take where clients go on and on. */
const quietTurns = 10;
const mostWaiting = 1000;
/** Connections at once: each holds a body at most, and all bodies together are bounded. */
const mostConnections = 2048;

/** Starts to listen, opens the classifiers, and is ready. @throws CarafeError */
export async function start(source: string, options: ServeOptions): Promise<Running> {
  const settings = settingsOf(options, availableCores());
  const { threads, limits, host, port, keys, origins, photoHosts, rate, onEvent } = settings;
  const say = (event: ServeEvent) => onEvent?.(event);
  const queue = new PhotoQueue(threads + ahead, settings.waiting);
  const unknown = settings.keepUnknown === undefined ? undefined : await UnknownSample.open(settings.keepUnknown);
  const warn = (error: unknown) =>
    say({ event: 'warning', reason: error instanceof Error ? error.message : String(error) });
  const models = new Models(source, { ...settings, say });
  await models.find();
  const service: Service = {
    ...{ settings, models, queue, limits, say, unknown },
    metrics: new Metrics(queue),
    bodies: new Bodies(),
    addresses: new PhotoAddresses(photoHosts, limits.maxBytes),
    access: new Access({ keys, origins }),
    rates: rate === undefined ? undefined : new Rates(rate),
    feedback: settings.feedback === undefined ? undefined : await Feedback.open(settings.feedback, limits),
    keep: unknown && ((bytes) => void unknown.offer(bytes).catch(warn)),
    isDraining: false,
  };
  const server = await listening(service, host, port);
  const address = addressOf(server, host);
  say({ event: 'listening', address });
  if (keys.length === 0 && !/^(127\.|localhost$|::1$)/.test(host))
    warn(`Anyone who reaches ${address} may ask, since there are no keys.`);
  const close = closing(service, server);
  try {
    await models.open();
  } catch (error) {
    await close();
    throw error;
  }
  return { address, reload: () => models.reload(), close };
}

/** @throws CarafeError UNAVAILABLE where the port is taken */
async function listening(service: Service, host: string, port: number): Promise<Server> {
  const app = appOf(service);
  const answer = getRequestListener(app.fetch, {
    overrideGlobalObjects: false,
    // For requests without a Host, which the parser would refuse without a body.
    hostname: host.includes(':') ? `[${host}]` : host,
    errorHandler: answerMalformed,
  });
  const listener = turningAway(service, answer);
  const server = createServer(
    {
      requireHostHeader: false,
      maxHeaderSize: mostHeaderBytes,
      headersTimeout,
      keepAliveTimeout,
      // Each request has its own time, which bodies of many lines get anew with each line.
      requestTimeout: 0,
      connectionsCheckingInterval: 1000,
    },
    listener,
  );
  answerRefused(server);
  // Who waits for leave to send a body is not asked to send one for which there is no place.
  server.on('checkContinue', (incoming, outgoing) => {
    if (!service.queue.isFull) outgoing.writeContinue();
    listener(incoming, outgoing);
  });
  server.maxConnections = mostConnections;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const isTaken = error.code === 'EADDRINUSE';
      reject(
        new CarafeError(
          'UNAVAILABLE',
          isTaken ? `Port ${port} of ${host} is in use.` : `${host}:${port} cannot be listened on: ${error.message}`,
          isTaken ? 'Give another `port`, or end the program that uses it.' : 'Give another `host` or `port`.',
          { cause: error },
        ),
      );
    });
    server.listen(port, host, resolve);
  });
  return server;
}

function addressOf(server: Server, host: string): string {
  const found = server.address();
  const port = typeof found === 'object' && found ? found.port : 0;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Waits until nothing new has come for some turns of the event loop: each accepts one connection, and reads what was accepted before. */
async function quiet(server: Server): Promise<void> {
  let turns = 0;
  const came = () => {
    turns = 0;
  };
  server.on('connection', came).on('request', came);
  const until = performance.now() + mostWaiting;
  while (turns++ < quietTurns && performance.now() < until) await turnOfLoop();
  server.off('connection', came).off('request', came);
}

/** Takes no more, answers what it has begun, and frees everything; again and again it is one end. */
function closing(service: Service, server: Server): () => Promise<void> {
  let ended: Promise<void> | undefined;
  return () => {
    ended ??= (async () => {
      service.isDraining = true;
      service.say({ event: 'draining' });
      // What has been sent is begun, although nobody has read it yet: closing would reset its connection.
      await pause(lastRequests);
      await quiet(server);
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeIdleConnections();
      const late = setTimeout(() => server.closeAllConnections(), service.settings.timeout * 1000);
      await closed;
      clearTimeout(late);
      await Promise.all([service.models.close(), service.addresses.close()]);
    })();
    return ended;
  };
}
