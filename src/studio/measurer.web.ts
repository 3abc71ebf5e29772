/** The worker that measures. */

import { plainError } from '../errors.ts';
import { messageOf } from '../message.ts';
import { useThreads } from '../runtime/platform.web.ts';
import { type Measured, measure } from './measure.ts';
import type { FromApart, PageTask } from './messages.ts';
import { openPageDatabase } from './pageDatabase.web.ts';
import { networkOf } from './pageNetwork.web.ts';
import { pagePlatform, runtimeFiles } from './pagePlatform.web.ts';

const say = (message: FromApart<Measured>) => postMessage(message);

addEventListener('message', async ({ data: { database, files, named, ...task } }: MessageEvent<PageTask>) => {
  let stage = messageOf('Training');
  const work = (share?: number) => say({ kind: 'work', work: { stage, ...(share !== undefined && { share }) } });
  try {
    useThreads(runtimeFiles);
    const data = await openPageDatabase(database);
    const platform = pagePlatform(data, await networkOf(data, named));
    const value = await measure(task, platform, (path) => files.get(path) ?? '', {
      onStage: (text, said) => {
        stage = messageOf(said ?? text);
        work();
      },
      onFitting: work,
    });
    say({ kind: 'done', value });
  } catch (error) {
    say({ kind: 'failed', error: plainError(error, 'Measuring broke', 'Try again; if it happens again, report it.') });
  }
});
