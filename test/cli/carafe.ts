import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { tinyNetworkFile } from '../tinyNetwork.ts';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const main = join(import.meta.dirname, '../../dist/cli/main.js');

/** A new folder; the test file removes it. */
export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'carafe-test-'));
}

/**
 * Starts the built command as a process of its own, with a cache of its own: for tests of what only a process has, such as
 * signals, streams and its own end. It takes half a second of processor time before it begins.
 */
export function start(
  args: readonly string[],
  cache: string,
  cwd?: string,
): { child: ChildProcess; ended: Promise<Ended> } {
  const env = { ...process.env, CARAFE_CACHE: cache, NO_COLOR: '1' };
  const child = spawn(process.execPath, [main, ...onOneThread(args)], {
    env,
    ...(cwd ? { cwd } : {}),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<Ended>((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })));
  return { child, ended };
}

/** Runs the built command to its end, as a process of its own. */
export function carafeProcess(args: readonly string[], cache: string, cwd?: string): Promise<Ended> {
  return start(args, cache, cwd).ended;
}

/** The runner has a test file for each core: commands that would take all cores would only wait for each other. */
function onOneThread(args: readonly string[]): readonly string[] {
  const threaded = ['train', 'doctor', 'predict', 'evaluate', 'verify', 'edit', 'study', 'explain', 'extract'];
  return threaded.includes(args[0]) && !args.includes('--threads')
    ? [args[0], '--threads', '1', ...args.slice(1)]
    : args;
}

let runs = 0;
let last: Promise<unknown> = Promise.resolve();

/**
 * Runs the built command to its end, in this process: all that it takes from a process (arguments, folder, environment) is
 * lent to it, and what it writes and its exit code are caught. One command runs at a time.
 */
export function carafe(args: readonly string[], cache: string, cwd?: string): Promise<Ended> {
  const ended = last.then(() => runHere(onOneThread(args), cache, cwd));
  last = ended.catch(() => {});
  return ended;
}

async function runHere(args: readonly string[], cache: string, cwd: string = process.cwd()): Promise<Ended> {
  const { argv, env, exitCode } = process;
  const folder = process.cwd();
  const [stdout, stderr] = [caught(process.stdout), caught(process.stderr)];
  const forget = [process, process.stdout, process.stderr].map(remembering);
  try {
    process.argv = [process.execPath, main, ...args];
    process.env = { ...env, CARAFE_CACHE: cache, NO_COLOR: '1' };
    process.exitCode = 0;
    process.chdir(cwd);
    // Under a name of its own the module is run anew; what it imports is loaded once.
    await import(/* @vite-ignore */ `${pathToFileURL(main)}?run=${runs++}`);
    return { code: Number(process.exitCode), stdout: stdout.text(), stderr: stderr.text() };
  } finally {
    process.chdir(folder);
    Object.assign(process, { argv, env, exitCode });
    for (const end of [stdout.end, stderr.end, ...forget]) end();
  }
}

/** Catches what is written to a stream until its end. */
function caught(stream: NodeJS.WriteStream): { text: () => string; end: () => void } {
  const { write } = stream;
  let text = '';
  stream.write = (chunk: Uint8Array | string) => {
    text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
    return true;
  };
  return {
    text: () => text,
    end: () => {
      stream.write = write;
    },
  };
}

/** Remembers who listens; what comes back takes all others away. */
function remembering(emitter: NodeJS.EventEmitter): () => void {
  const before = new Map(emitter.eventNames().map((name) => [name, new Set(emitter.rawListeners(name))]));
  return () => {
    for (const name of emitter.eventNames())
      for (const listener of emitter.rawListeners(name))
        if (!before.get(name)?.has(listener)) emitter.off(name, listener as () => void);
  };
}

/** The command, which trains and studies on a tiny network unless a backbone is named: for tests that are not about one. */
export function onTinyNetwork(): {
  /** Its file. */
  readonly network: string;
  readonly start: typeof start;
  readonly carafe: typeof carafe;
} {
  const network = tinyNetworkFile();
  const words = (args: readonly string[]) =>
    ['train', 'study', 'watch', 'extract'].includes(args[0]) && !args.includes('--backbone')
      ? [args[0], '--backbone', network, ...args.slice(1)]
      : args;
  return {
    network,
    start: (args, cache, cwd) => start(words(args), cache, cwd),
    carafe: (args, cache, cwd) => carafe(words(args), cache, cwd),
  };
}
