/** The pool of worker threads. */

import type { Backbone } from '../backbone/backbone.ts';
import { CarafeError, errorOf } from '../errors.ts';
import type { Limits } from '../images/limits.ts';
import type { View } from '../images/view.ts';
import { availableCores } from '../runtime/cores.node.ts';
import type { Device } from '../runtime/platform.ts';
import { startThread, type Thread } from '../runtime/thread.node.ts';
import type { FromWorker, ToWorker, WorkerStart } from './messages.ts';
import { extractionModel, type MapNeeds } from './network.ts';
import type { Outcome, WorkerPool } from './workerPool.ts';

/**
 * While the network runs on one photo, the next ones are read and decoded. A run blocks its thread, and each step of a
 * photo before it (its size, its bytes, whether it is wanted, its pixels) waits for the end of such a run: with two photos
 * a thread was idle for a twelfth of its time, with four for a fortieth.
 */
const photosPerWorker = 4;

interface Job {
  readonly file: string;
  readonly view: View | undefined;
  readonly isWanted: (sha256: string) => Promise<boolean>;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: CarafeError) => void;
}

/** Worker threads with one one-thread session each. */
export function openWorkers(
  backbone: Backbone,
  needs: MapNeeds = {},
  count = availableCores(),
  device: Device = 'cpu',
  limits: Partial<Limits> = {},
): WorkerPool {
  const bytes = extractionModel(backbone, needs);
  const model = new SharedArrayBuffer(bytes.length);
  new Uint8Array(model).set(bytes);
  const start: WorkerStart = { model, preprocessing: backbone.preprocessing, device, limits };
  // Started when there is work for them: a few new photos do not wait for many threads.
  const workers: PhotoWorker[] = [];
  const free = (): PhotoWorker => {
    const idle = workers.find((worker) => worker.load === 0);
    if (idle) return idle;
    if (workers.length < count) {
      const worker = new PhotoWorker(start);
      workers.push(worker);
      return worker;
    }
    return workers.reduce((best, worker) => (worker.load < best.load ? worker : best));
  };
  return {
    capacity: count * photosPerWorker,
    process: (file, view, isWanted) => free().process(file, view, isWanted),
    async close() {
      await Promise.all(workers.map((worker) => worker.close()));
    },
  };
}

class PhotoWorker {
  readonly #thread: Thread<ToWorker>;
  readonly #jobs = new Map<number, Job>();
  #broken: CarafeError | undefined;
  #ids = 0;

  constructor(start: WorkerStart) {
    this.#thread = startThread(import.meta.url, {
      start,
      resourceLimits: { maxYoungGenerationSizeMb: 4 },
      hear: (message: FromWorker) => this.#hear(message),
      ended: (cause) => this.#break(cause),
    });
  }

  /** Photos under way. */
  get load(): number {
    return this.#jobs.size;
  }

  process(file: string, view: Job['view'], isWanted: Job['isWanted']): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      if (this.#broken) return reject(this.#broken);
      const id = this.#ids++;
      this.#jobs.set(id, { file, view, isWanted, resolve, reject });
      this.#thread.say({ kind: 'photo', id, file, view });
    });
  }

  /** Lets what is under way come to its end. */
  async close(): Promise<void> {
    if (!this.#broken) this.#thread.say({ kind: 'close' });
    await this.#thread.exited;
  }

  #hear(message: FromWorker): void {
    const job = this.#jobs.get(message.id);
    if (!job) return;
    if (message.kind === 'hashed') {
      void job
        .isWanted(message.sha256)
        .then((isWanted) => this.#thread.say({ kind: 'answer', id: message.id, isWanted }), job.reject);
      return;
    }
    this.#jobs.delete(message.id);
    if (message.kind === 'done') job.resolve(message.outcome);
    else job.reject(errorOf(message.error));
  }

  #break(cause: Error): void {
    const files = [...this.#jobs.values()].map(({ file }) => file).join(', ');
    this.#broken ??= new CarafeError(
      'INTERNAL',
      `A worker thread failed${files && ` at ${files}`}: ${cause.message}`,
      'Start it again: the features so far are kept. If it fails at the same photo, leave the photo out and report it.',
      { cause },
    );
    for (const job of this.#jobs.values()) job.reject(this.#broken);
    this.#jobs.clear();
  }
}
