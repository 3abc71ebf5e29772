/** `carafe cache`. */

import { CarafeError } from '../errors.ts';
import { cacheContents, clearCache, pruneCache, verifyCache } from '../features/cacheTools.node.ts';
import type { Run } from './command.ts';
import type { CommandValues } from './options.ts';
import { bytes, count, plural, table } from './show.ts';
import { safe } from './terminal.ts';

/** What an action found: for `--json`, and in words. */
interface Outcome {
  readonly object: unknown;
  readonly text: string;
}

const actions: Readonly<Record<string, (values: CommandValues<'cache'>) => Promise<Outcome> | Outcome>> = {
  show,
  prune,
  clear,
  verify,
};

export const run: Run<'cache'> = async ([action = 'show'], values, { out }) => {
  if (!Object.hasOwn(actions, action))
    throw new CarafeError(
      'USAGE',
      `cache does not know the action '${action}'.`,
      'Use prune, clear or verify, or no action at all.',
    );
  const { object, text } = await actions[action](values);
  out(values.json ? `${JSON.stringify(object)}\n` : text);
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

async function verify(): Promise<Outcome> {
  const check = await verifyCache();
  const broken = check.broken + check.unreadable.length;
  const text = `${plural(check.good, 'value')} read, ${broken === 0 ? 'all intact' : `${count(broken)} damaged: these will be computed again`}\n`;
  return { object: check, text: text + damagedText(check.unreadable.map(({ folder }) => folder)) };
}
