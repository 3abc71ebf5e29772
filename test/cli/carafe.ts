import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tinyNetworkFile } from '../tinyNetwork.ts';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A new folder; the test file removes it. */
export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'carafe-test-'));
}

/** Starts the built command as a process of its own, with a cache of its own. */
export function start(
  args: readonly string[],
  cache: string,
  cwd?: string,
): { child: ChildProcess; ended: Promise<Ended> } {
  const env = { ...process.env, CARAFE_CACHE: cache, NO_COLOR: '1' };
  const words = [...args.slice(0, 1), ...oneThread(args), ...args.slice(1)];
  const child = spawn(process.execPath, [join(import.meta.dirname, '../../dist/cli/main.js'), ...words], {
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

/** The runner has a test file for each core: commands that would take all cores would only wait for each other. */
function oneThread(args: readonly string[]): string[] {
  const threaded = ['train', 'predict', 'evaluate', 'verify', 'edit', 'study', 'explain'];
  return threaded.includes(args[0]) && !args.includes('--threads') ? ['--threads', '1'] : [];
}

/** Runs the built command to its end. */
export function carafe(args: readonly string[], cache: string, cwd?: string): Promise<Ended> {
  return start(args, cache, cwd).ended;
}

/** The same two, which train and study on a tiny network unless a backbone is named: for tests that are not about one. */
export function onTinyNetwork(): { readonly start: typeof start; readonly carafe: typeof carafe } {
  const network = tinyNetworkFile();
  const words = (args: readonly string[]) =>
    ['train', 'study'].includes(args[0]) && !args.includes('--backbone')
      ? [args[0], '--backbone', network, ...args.slice(1)]
      : args;
  return {
    start: (args, cache, cwd) => start(words(args), cache, cwd),
    carafe: (args, cache, cwd) => carafe(words(args), cache, cwd),
  };
}
