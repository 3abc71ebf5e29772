import { type ResourceLimits, Worker } from 'node:worker_threads';

/** What is asked of a worker thread; its answers go to `hear`. */
export interface Thread<Said> {
  say(message: Said): void;
  /**
   * When it has come to its end. It is never ended from outside: the runtime, in the middle of a run, would take the
   * whole process with it.
   */
  readonly exited: Promise<void>;
}

export interface ThreadOptions<Heard> {
  /** Handed to it when it starts. */
  readonly start?: unknown;
  readonly resourceLimits?: ResourceLimits;
  readonly hear: (message: Heard) => void;
  /** Told when it ends, whatever for. */
  readonly ended: (cause: Error) => void;
}

/** Starts the worker thread of a file beside the caller's, `./worker.node.js` from where it lies in dist/. */
export function startThread<Said, Heard>(
  caller: string,
  { start, resourceLimits = {}, hear, ended }: ThreadOptions<Heard>,
): Thread<Said> {
  // Node 20 starts no worker from TypeScript: out of src/ the built one is taken.
  const file = new URL('./worker.node.js', caller.replace(/^(.*)\/src\/(.*)\.ts$/, '$1/dist/$2.js'));
  const worker = new Worker(file, { workerData: start, resourceLimits });
  worker.on('message', hear);
  worker.on('error', ended);
  const exited = new Promise<void>((resolve) => {
    worker.on('exit', (code) => {
      ended(new Error(`it ended with code ${code}`));
      resolve();
    });
  });
  return { say: (message) => worker.postMessage(message), exited };
}
