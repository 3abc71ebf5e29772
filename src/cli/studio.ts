/** `carafe studio`. */

import { spawn } from 'node:child_process';
import { runStudio } from '../studio/run.node.ts';
import { writeStaticStudio } from '../studio/static.node.ts';
import type { Run } from './command.ts';
import { safe } from './terminal.ts';

export const run: Run<'studio'> = async (
  [folder = 'photos'],
  { host, port, open, backbone, static: files },
  { out, stderr, signal },
) => {
  if (files !== undefined) {
    await writeStaticStudio(files);
    out(
      `The page is in ${safe(files)}. Put it on any web server (https, or localhost); after the first visit it works offline.\n`,
    );
    return 0;
  }
  const running = await runStudio(folder, {
    host,
    port,
    backbone,
    signal,
    onWarning: (text) => stderr.say(`warning: ${safe(text)}\n`),
  });
  out(`The studio is open at ${running.address}\nPhotos lie in ${safe(folder)}. Stop it with Ctrl-C.\n`);
  if (open) openBrowser(running.address);
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  await running.close();
  return 0;
};

/** Where there is no browser to open, the address was printed. */
function openBrowser(address: string): void {
  const [command, ...args] =
    process.platform === 'win32'
      ? ['cmd', '/c', 'start', '', address]
      : [process.platform === 'darwin' ? 'open' : 'xdg-open', address];
  const child = spawn(command, args, { stdio: 'ignore', detached: true });
  child.on('error', () => {});
  child.unref();
}
