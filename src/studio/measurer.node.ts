/** The process that measures. */

import { join } from 'node:path';
import { plainError } from '../errors.ts';
import { type Message, messageOf } from '../message.ts';
import { photograph, withPlatform } from '../runs/platform.node.ts';
import { measure } from './measure.ts';
import type { LocalTask, Said } from './measureApart.node.ts';

const say = (said: Said) => process.send?.(said);

process.on('message', (task: LocalTask) => {
  const work = (stage: Message, share?: number) =>
    say({ kind: 'work', work: { stage, ...(share !== undefined && { share }) } });
  let stage = messageOf('Training');
  // Whoever asked hangs up when it has heard the end.
  withPlatform(task.source, {}, (platform) =>
    measure(task, { ...platform, photograph }, (path) => join(task.folder, path), {
      onStage: (text, said) => {
        stage = messageOf(said ?? text);
        work(stage);
      },
      onFitting: (share) => work(stage, share),
    }),
  ).then(
    (measured) => say({ kind: 'done', measured }),
    (error: unknown) =>
      say({
        kind: 'failed',
        error: plainError(error, 'Measuring broke', 'Try again; if it happens again, report it.'),
      }),
  );
});
