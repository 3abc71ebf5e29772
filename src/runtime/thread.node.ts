/** A worker thread: how it starts, and how it may end. */

import { existsSync } from 'node:fs';
import { type ResourceLimits, Worker } from 'node:worker_threads';
import { CarafeError } from '../errors.ts';

/** What is asked of a worker thread; its answers go to `hear`. */
export interface Thread<Said> {
  /** @param transfer what is handed over instead of copied */
  say(message: Said, transfer?: readonly ArrayBuffer[]): void;
  /** Whether the process goes on for its sake, as it does from the start. */
  holdProcess(isHeld: boolean): void;
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

/**
 * Says what to do where a file of the package is not where it was installed, as in a program that was bundled into one.
 * @param missing what was looked for
 */
export function bundled(missing: string, cause?: unknown): CarafeError {
  return new CarafeError(
    'UNAVAILABLE',
    `${missing}, a file of carafe-vision, is missing: the package was bundled into another program, or is incomplete.`,
    'Keep carafe-vision external when you bundle (esbuild: --external:carafe-vision, Next: serverExternalPackages, webpack and Electron: externals), so that it is loaded from node_modules. Otherwise install it again.',
    { cause },
  );
}

/** What to say of a thread that ended by itself. */
export function brokenThread(cause: Error, hint: string): CarafeError {
  return new CarafeError('INTERNAL', `A worker thread broke: ${cause.message}`, hint, { cause });
}

/** Flags of Node by which modules are found, with their values. */
const loading = /^-{1,2}(r|require|import|(experimental-)?loader|C|conditions)(=|$)/;

/** Of a process's flags those that a worker needs: it takes none of V8's, and none that says what a program on the command line is. */
function loadingFlags(flags: readonly string[]): string[] {
  const takesNext = (flag = '') => loading.test(flag) && !flag.includes('=');
  return flags.filter((flag, i) => loading.test(flag) || takesNext(flags[i - 1]));
}

/** Starts the worker thread of a file beside the caller's, `./worker.node.js` from where it lies in dist/. */
export function startThread<Said, Heard>(
  caller: string,
  { start, resourceLimits = {}, hear, ended }: ThreadOptions<Heard>,
): Thread<Said> {
  // Node 20 starts no worker from TypeScript: out of src/ the built one is taken.
  const file = new URL('./worker.node.js', caller.replace(/^(.*)\/src\/(.*)\.ts$/, '$1/dist/$2.js'));
  if (!existsSync(file)) throw bundled(file.pathname);
  const execArgv = loadingFlags(process.execArgv);
  const worker = new Worker(file, { workerData: start, resourceLimits, execArgv });
  worker.on('message', hear);
  worker.on('error', ended);
  const exited = new Promise<void>((resolve) => {
    worker.on('exit', (code) => {
      ended(new Error(`it ended with code ${code}`));
      resolve();
    });
  });
  return {
    say: (message, transfer = []) => worker.postMessage(message, transfer),
    holdProcess: (isHeld) => (isHeld ? worker.ref() : worker.unref()),
    exited,
  };
}
