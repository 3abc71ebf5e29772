/** The worker that exports. */

import { CarafeError, plainError } from '../errors.ts';
import type { PageParts } from '../export/htmlPage.ts';
import { openSession, useThreads } from '../runtime/platform.web.ts';
import type { StudioExport } from './engine.ts';
import { type ExportTask, exportOne } from './exportOne.ts';
import type { FromApart } from './messages.ts';
import { runtimeFiles } from './pagePlatform.web.ts';

const say = (message: FromApart<StudioExport>) => postMessage(message);

addEventListener('message', async ({ data: task }: MessageEvent<ExportTask>) => {
  try {
    useThreads(runtimeFiles);
    say({ kind: 'done', value: await exportOne(task, { openSession, pageParts }) });
  } catch (error) {
    say({ kind: 'failed', error: plainError(error, 'The export broke', 'Try again; if it happens again, report it.') });
  }
});

/** What an exported page is made of, from beside this script. */
async function pageParts(): Promise<PageParts> {
  const [script, runtime, licences] = await Promise.all([
    beside('./export.js'),
    beside(runtimeFiles.wasm),
    beside('./third-party-licences.txt'),
  ]);
  return {
    script: await script.text(),
    runtime: new Uint8Array(await runtime.arrayBuffer()),
    licences: await licences.text(),
  };
}

/** @throws CarafeError UNAVAILABLE */
async function beside(name: string): Promise<Response> {
  const response = await fetch(new URL(name, import.meta.url)).catch(() => undefined);
  if (response?.ok) return response;
  throw new CarafeError(
    'UNAVAILABLE',
    'A part of the exported page cannot be loaded.',
    'Go online once: afterwards it works without.',
  );
}
