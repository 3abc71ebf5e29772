/** The queue of parts, kept by BullMQ in Redis or Valkey. */

import { CarafeError } from '../errors.ts';

/** What BullMQ gives. */
export type Bull = typeof import('bullmq');

/** The name of the one queue; those of other programs in the same Redis have other names. */
export const queueName = 'carafe';

/** How a part is handed out, and taken back from a worker that is gone: within five seconds (BullMQ's own: 30 to 60). */
export const takeover = { lockDuration: 3500, stalledInterval: 1000 };
/** A part that fails is tried again so often, after 2, 4 and 8 seconds, before somebody has to look at it. */
export const jobOptions = {
  attempts: 4,
  backoff: { type: 'exponential', delay: 2000 },
  removeOnComplete: { age: 24 * 3600, count: 200_000 },
};

/** @throws CarafeError USAGE where BullMQ is not installed: who has no queue does without it */
export async function bull(): Promise<Bull> {
  try {
    return await import('bullmq');
  } catch (error) {
    throw new CarafeError(
      'USAGE',
      'A queue needs BullMQ, which is not installed.',
      'Run `npm install bullmq ioredis` beside Carafe.',
      { cause: error },
    );
  }
}

/** How BullMQ connects. @throws CarafeError USAGE for what is no address of a Redis */
export function connectionTo(address: string): { readonly url: string; readonly maxRetriesPerRequest: null } {
  const isRight = URL.canParse(address) && /^(rediss?|valkeys?):$/.test(new URL(address).protocol);
  if (!isRight)
    throw new CarafeError(
      'USAGE',
      `\`queue: '${shown(address)}'\` is no address of a queue.`,
      'Write it as redis://host:6379, with rediss:// for TLS.',
    );
  return { url: address.replace(/^valkey/, 'redis'), maxRetriesPerRequest: null };
}

/** An address as messages name it: without the password. */
export function shown(address: string): string {
  return address.replace(/\/\/[^@/]*@/, '//***@');
}

/** BullMQ's codes for a job that is gone, no longer locked, no longer active, or locked by another worker. */
const lossCodes = new Set<unknown>([-1, -2, -3, -6]);

/** Whether the error says that the worker has lost the job that it works on. */
export function isLoss(error: Error): boolean {
  return ('code' in error && lossCodes.has(error.code)) || error.message.startsWith('could not renew lock');
}

/** A queue or a worker of BullMQ. */
interface Opened {
  waitUntilReady(): Promise<unknown>;
  disconnect(): Promise<void>;
  once(event: 'error', listener: (error: Error) => void): unknown;
}

/** How long to wait for the first answer of the queue. */
const patience = 10_000;

/**
 * Waits until the queue has answered; after that, connections that are cut are made again without a word.
 * @param opened what BullMQ has opened
 * @throws CarafeError UNAVAILABLE where it does not answer
 */
export async function answered(address: string, opened: Opened): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const failed = new Promise<never>((_, reject) => {
    opened.once('error', reject);
    timer = setTimeout(() => reject(new Error(`no answer for ${patience / 1000} s`)), patience);
  });
  try {
    await Promise.race([opened.waitUntilReady(), failed]);
  } catch (error) {
    // Else it would go on trying, and keep the process alive.
    opened.disconnect().catch(() => {});
    throw new CarafeError(
      'UNAVAILABLE',
      `The queue at ${shown(address)} does not answer: ${error instanceof Error ? error.message : String(error)}`,
      'Start Redis or Valkey there, and check the address and the password.',
      { cause: error },
    );
  } finally {
    clearTimeout(timer);
  }
}
