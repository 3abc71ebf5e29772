/** What the routes of a service share. */

import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import { ImageError } from '../errors.ts';
import type { Access, Rates } from './access.node.ts';
import type { PhotoAddresses } from './addresses.node.ts';
import { type Asked, answerOf, type ServedAnswer } from './answer.ts';
import type { Bodies } from './body.node.ts';
import type { Deadline } from './deadline.ts';
import type { ServeEvent } from './events.ts';
import type { Feedback, UnknownSample } from './feedback.node.ts';
import type { Metrics } from './metrics.node.ts';
import type { Model, Models } from './models.node.ts';
import type { Settings } from './options.ts';
import type { SentPhoto } from './photos.node.ts';
import { type Predictor, predictPhoto } from './predict.node.ts';
import { toldOf } from './problem.ts';
import type { PhotoQueue } from './queue.ts';
import type { Loaded } from './slot.node.ts';

export interface Service extends Predictor {
  readonly settings: Settings;
  readonly models: Models;
  readonly queue: PhotoQueue;
  readonly metrics: Metrics;
  readonly bodies: Bodies;
  readonly addresses: PhotoAddresses;
  readonly access: Access;
  readonly rates: Rates | undefined;
  readonly feedback: Feedback | undefined;
  readonly unknown: UnknownSample | undefined;
  readonly say: (event: ServeEvent) => void;
  /** Whether it is ending: it answers what it has begun, and is no longer ready. */
  isDraining: boolean;
}

/** What a request carries from middleware to its route. */
export interface Env {
  Bindings: HttpBindings;
  Variables: {
    id: string;
    deadline: Deadline;
    /** Code of the error that was answered. */
    code: string | undefined;
  };
}
export type Request = Context<Env>;

/** A photo's answer, or why there is none. */
export type PhotoAnswer =
  | ({ readonly path: string } & ServedAnswer)
  | { readonly path: string; readonly code: string; readonly reason: string };

/** Answers for a photo. @throws ImageError, Problem; the signal's reason */
export async function answerPhoto(
  service: Service,
  model: Model,
  loaded: Loaded,
  photo: SentPhoto,
  asked: Asked,
  signal: AbortSignal,
): Promise<ServedAnswer> {
  const bytes = await photo.read(signal);
  const { outcome, remarks } = await predictPhoto(loaded, bytes, { name: model.name, signal }, service);
  return answerOf(outcome, asked, remarks);
}

/** The same where a photo that cannot be used is an answer, too. @throws Problem; the signal's reason */
export async function answerOne(...[service, model, loaded, photo, asked, signal]: Parameters<typeof answerPhoto>) {
  const { path } = photo;
  try {
    return { path, ...(await answerPhoto(service, model, loaded, photo, asked, signal)) } satisfies PhotoAnswer;
  } catch (error) {
    if (error instanceof ImageError) return { path, code: error.code, reason: error.reason } satisfies PhotoAnswer;
    if (signal.aborted || toldOf(error).status >= 500) throw error;
    const { code, what } = toldOf(error).error;
    return { path, code, reason: what } satisfies PhotoAnswer;
  }
}

/** How an answer names the classifier that gave it. */
export function about(model: Model, { version }: Loaded): { readonly model: string; readonly modelVersion: string } {
  return { model: model.name, modelVersion: version };
}
