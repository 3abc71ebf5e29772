/** `carafe worker`. */

import { worker } from '../runs/queue.node.ts';
import type { Run } from './command.ts';
import { requireQueue } from './jobs.ts';
import { count, plural } from './show.ts';
import { paint, safe } from './terminal.ts';

/** How long a worker that is stopped waits for queue and store, in milliseconds. */
const patience = 10_000;

export const run: Run<'worker'> = async (_, { json, queue, root, drain, threads }, { out, stderr, signal }) => {
  const stop = new AbortController();
  // A machine that goes down says so by SIGTERM: the part under way goes back to the queue at once.
  process.once('SIGTERM', () => stop.abort());
  const stopped = AbortSignal.any([signal, stop.signal]);
  const said = (line: string) => stderr.write(`${line}\n`);
  let timer: NodeJS.Timeout | undefined;
  stopped.addEventListener('abort', () => {
    timer = setTimeout(() => {
      said('Queue or store do not answer, so this worker ends at once. Another one takes over the part under way.');
      process.removeAllListeners('SIGTERM');
      process.kill(process.pid, 'SIGTERM');
    }, patience);
  });
  const result = await worker(requireQueue(queue), {
    ...{ root, drain, threads },
    signal: stopped,
    onStart: () => said(`Waiting for work. Ctrl-C stops; a part that is not done goes to another worker.`),
    onPart: ({ run: id, part, parts, photos }, { seconds, failed, there }) =>
      said(
        there
          ? `${id}: part ${count(part)} of ${count(parts)} was there already`
          : `${id}: part ${count(part)} of ${count(parts)}, ${plural(photos, 'photo')} in ${seconds.toFixed(1)} s${failed > 0 ? `, ${count(failed)} failed` : ''}`,
      ),
    onFailure: (id, reason) => said(`${paint('yellow', 'failed')} ${safe(id)}: ${safe(reason)}`),
    onWarning: (text) => said(`warning: ${safe(text)}`),
  }).finally(() => clearTimeout(timer));
  out(
    json
      ? `${JSON.stringify(result)}\n`
      : `${plural(result.parts, 'part')} done: ${plural(result.photos, 'photo')} with features, ${count(result.failed)} failed\n`,
  );
  return 0;
};
