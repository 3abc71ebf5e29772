/** `carafe jobs`. */

import { CarafeError } from '../errors.ts';
import { jobs } from '../runs/queue.node.ts';
import type { Run } from './command.ts';
import { count, plural, table } from './show.ts';
import { safe } from './terminal.ts';

/** @throws CarafeError USAGE where no queue is named */
export function requireQueue(queue: string | undefined): string {
  if (queue !== undefined) return queue;
  throw new CarafeError('USAGE', '--queue is missing.', 'Name the queue, such as --queue redis://localhost:6379.');
}

export const run: Run<'jobs'> = async (_, { json, queue, retry }, { out }) => {
  const result = await jobs(requireQueue(queue), { retry });
  if (json) {
    out(`${JSON.stringify(result)}\n`);
    return 0;
  }
  const { counts, workers, failed, retried } = result;
  const rows = failed.map(({ id, attempts, reason }) => [safe(id), count(attempts), safe(reason.split('\n')[0])]);
  out(
    [
      `${safe(result.queue)}: ${plural(workers, 'worker')}; of parts, ${count(counts.waiting)} waiting, ${count(counts.active)} under way, ${count(counts.delayed)} to be tried again, ${count(counts.completed)} done, ${count(counts.failed)} failed\n`,
      retried > 0 ? `${plural(retried, 'failed part')} put back into the queue\n` : '',
      rows.length > 0 ? `\n${table([['part', 'tries', 'why'], ...rows])}` : '',
      counts.failed > 0 && retried === 0 ? '\n--retry puts them back into the queue.\n' : '',
    ].join(''),
  );
  return 0;
};
