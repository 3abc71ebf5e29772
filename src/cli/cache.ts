/** `carafe cache`. */

import { CarafeError } from '../errors.ts';
import { cacheContents, clearCache, pruneCache, verifyCache } from '../features/cacheTools.node.ts';
import { pullCache, pushCache } from '../features/shareCache.node.ts';
import type { Run, Terminal } from './command.ts';
import type { CommandValues } from './options.ts';
import { display } from './progress.ts';
import { bytes, count, plural, table } from './show.ts';
import { safe } from './terminal.ts';

/** What an action found: for `--json`, and in words. */
interface Outcome {
  readonly object: unknown;
  readonly text: string;
}

type Action = (values: CommandValues<'cache'>, address: string | undefined, io: Terminal) => Promise<Outcome> | Outcome;

const actions: Readonly<Record<string, Action>> = {
  show,
  prune,
  clear,
  verify,
  push: (_, address, io) => share('push', pushCache, address, io),
  pull: (_, address, io) => share('pull', pullCache, address, io),
};

export const run: Run<'cache'> = async ([action = 'show', address], values, io) => {
  if (!Object.hasOwn(actions, action))
    throw new CarafeError(
      'USAGE',
      `cache does not know the action '${action}'.`,
      'Use prune, clear, verify, push or pull, or no action at all.',
    );
  if (address !== undefined && action !== 'push' && action !== 'pull')
    throw new CarafeError('USAGE', `cache ${action} takes no address.`, 'Leave it out.');
  const { object, text } = await actions[action](values, address, io);
  io.out(values.json ? `${JSON.stringify(object)}\n` : text);
  return 0;
};

async function show(): Promise<Outcome> {
  const contents = await cacheContents();
  const rows = contents.backbones.map(({ name, width, vectors, bytes: size, used }) => [
    safe(name),
    count(width),
    count(vectors),
    bytes(size),
    used.toISOString().slice(0, 10),
  ]);
  const head = `${safe(contents.folder)}: ${bytes(contents.bytes)}, ${plural(contents.photos, 'photo')}\n`;
  const body = rows.length > 0 ? table([['backbone', 'width', 'vectors', 'size', 'last used'], ...rows]) : '';
  return { object: contents, text: head + body + damagedText(contents.damaged) };
}

function damagedText(folders: readonly string[]): string {
  if (folders.length === 0) return '';
  const tables = folders.map((folder) => `  ${safe(folder)}\n`).join('');
  return `${plural(folders.length, 'damaged table')}, not used; \`carafe cache prune\` deletes ${folders.length === 1 ? 'it' : 'them'}:\n${tables}`;
}

async function prune({ olderThan }: CommandValues<'cache'>): Promise<Outcome> {
  const { damaged } = await cacheContents();
  const removed = await pruneCache({ unusedDays: olderThan });
  const freed = removed.reduce((sum, { bytes: size }) => sum + size, 0);
  return {
    object: { removed, damaged },
    text: `Removed ${plural(removed.length, 'backbone')} not used for ${plural(olderThan, 'day')}; freed ${bytes(freed)}\n${damaged.length > 0 ? `Deleted ${plural(damaged.length, 'damaged table')}\n` : ''}`,
  };
}

function clear(): Outcome {
  const freed = clearCache();
  return { object: { freed }, text: `Emptied the cache; freed ${bytes(freed)}\n` };
}

async function share(
  action: 'push' | 'pull',
  work: typeof pushCache,
  address: string | undefined,
  { stderr, signal }: Terminal,
): Promise<Outcome> {
  if (address === undefined)
    throw new CarafeError(
      'USAGE',
      `cache ${action} lacks an address.`,
      `Name a bucket or a folder that all can reach, such as \`carafe cache ${action} s3://bucket/carafe\`.`,
    );
  const shown = display(stderr);
  try {
    shown.listeners.onStage?.(action === 'push' ? 'Pushing the cache' : 'Pulling the cache');
    const shared = await work(address, {
      signal,
      onProgress: (done, all) => shown.listeners.onFitting?.(done / all),
      onWarning: shown.listeners.onWarning,
    });
    const { vectors, others, there, objects, bytes: size } = shared;
    const travelled = `${plural(vectors, 'vector')} and ${plural(others, 'record')} of photos`;
    const text = `${action === 'push' ? 'Pushed' : 'Pulled'} ${travelled} in ${plural(objects, 'object')}, ${bytes(size)}; ${plural(there, 'value')} ${there === 1 ? 'was' : 'were'} there already\n`;
    return { object: shared, text };
  } finally {
    shown.done();
  }
}

async function verify(): Promise<Outcome> {
  const check = await verifyCache();
  const broken = check.broken + check.unreadable.length;
  const text = `${plural(check.good, 'value')} read, ${broken === 0 ? 'all intact' : `${count(broken)} damaged: these will be computed again`}\n`;
  return { object: check, text: text + damagedText(check.unreadable.map(({ folder }) => folder)) };
}
