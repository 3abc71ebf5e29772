/** `carafe serve`. */

import { CarafeError } from '../errors.ts';
import { fileReason, mostTextBytes, readRegular } from '../runtime/files.node.ts';
import type { ServeEvent } from '../serve/events.ts';
import { serve } from '../serve/serve.node.ts';
import type { Run } from './command.ts';
import { count, percent } from './show.ts';
import { stopping } from './stopping.ts';
import { safe } from './terminal.ts';

export const run: Run<'serve'> = async ([source], { json, keys, origins, photoHosts, ...values }, terminal) => {
  const { out, stderr, signal } = terminal;
  let away = 0;
  // Told once a second: there may be thousands.
  const countAway = () => {
    if (away++ > 0) return;
    setTimeout(() => {
      stderr.say(`${count(away)} ${away === 1 ? 'request' : 'requests'} turned away: as many photos wait as may\n`);
      away = 0;
    }, 1000).unref();
  };
  const say = (event: ServeEvent) => {
    if (json) out(`${JSON.stringify({ time: new Date().toISOString(), ...event })}\n`);
    else if (event.event !== 'request') stderr.say(`${lineOf(event)}\n`);
    else if (event.code === 'BUSY') countAway();
    else if (event.status === 500) stderr.say(`${event.method} ${event.route} ${event.status} ${event.id}\n`);
  };
  const stopped = stopping(signal);
  const running = await serve(source, {
    ...values,
    keys: await keysOf(keys),
    origins: origins?.split(','),
    photoHosts: photoHosts?.split(','),
    onEvent: say,
    signal: stopped.signal,
  }).catch((error: unknown) => {
    stopped.forget();
    // Told to stop while it started, it has done so.
    if (stopped.signal.aborted && !signal.aborted) return undefined;
    throw error;
  });
  if (!running) return 0;
  const reload = () => void running.reload();
  process.on('SIGHUP', reload);
  if (!json) out(`${safe(running.address)} answers. Stop it with Ctrl-C.\n`);
  if (!stopped.signal.aborted)
    await new Promise((resolve) => stopped.signal.addEventListener('abort', resolve, { once: true }));
  await running.close();
  process.off('SIGHUP', reload);
  stopped.forget();
  return 0;
};

/** Keys from a file, a line each, or from the environment. What stands behind a # is a remark. */
async function keysOf(file: string | undefined): Promise<string[]> {
  const { CARAFE_KEYS: inEnvironment = '' } = process.env;
  const words = file === undefined ? inEnvironment.split(',') : (await textOf(file)).split('\n');
  const keys = words.map((word) => word.replace(/#.*/, '').trim()).filter((word) => word !== '');
  const wrong = keys.find((key) => !/^[\x21-\x7e]{16,512}$/.test(key));
  const where = file === undefined ? 'CARAFE_KEYS' : `--keys ${file}`;
  if (wrong !== undefined)
    throw new CarafeError(
      'USAGE',
      `${where}: a key has 16 to 512 letters, digits or signs, and no blank; one has not.`,
      'Make a key with: openssl rand -hex 24',
    );
  if (file !== undefined && keys.length === 0)
    throw new CarafeError('USAGE', `${where} has no key.`, 'Write one on a line, or leave out --keys.');
  return keys;
}

async function textOf(file: string): Promise<string> {
  try {
    return (await readRegular(file, mostTextBytes)).toString('utf8');
  } catch (error) {
    throw new CarafeError(
      'UNREADABLE',
      `--keys ${file} cannot be read: ${fileReason(error)}.`,
      'Give a text file with a key on each line.',
      { cause: error },
    );
  }
}

function lineOf(event: Exclude<ServeEvent, { event: 'request' }>): string {
  switch (event.event) {
    case 'listening':
      return `Listening on ${safe(event.address)}`;
    case 'loaded': {
      const accuracy = event.accuracy === undefined ? '' : `, accuracy ${percent(event.accuracy)}`;
      const which = `${safe(event.model)} ${event.version}${event.canary ? ' (canary)' : ''}`;
      return `${which} passed its self-test and answers${accuracy} (${event.seconds.toFixed(1)} s)`;
    }
    case 'refused':
      return `warning: ${safe(event.model)} was not taken: ${safe(event.reason)}`;
    case 'removed':
      return `${safe(event.model)} is gone`;
    case 'warning':
      return `warning: ${safe(event.reason)}`;
    case 'fault':
      return `error: request ${event.id}: ${safe(event.reason)}`;
    case 'draining':
      return 'Stopping: what was begun is answered';
  }
}
