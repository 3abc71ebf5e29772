/** `carafe merge`. */

import { CarafeError } from '../errors.ts';
import { merge } from '../runs/merge.node.ts';
import type { Run } from './command.ts';
import { display } from './progress.ts';
import { bytes, count, plural } from './show.ts';
import { paint, safe } from './terminal.ts';

export const run: Run<'merge'> = async ([source], { json, out: folder }, { out, stderr, signal }) => {
  if (folder === undefined)
    throw new CarafeError('USAGE', '--out is missing.', 'Say where the merged features go, such as --out merged.');
  const shown = display(stderr);
  try {
    const onPart = (done: number, all: number) => shown.listeners.onFitting?.(done / all);
    shown.listeners.onStage?.('Merging');
    const result = await merge(source, { out: folder, signal, onPart });
    shown.done();
    const { parts, photos, classes, seconds } = result;
    out(
      json
        ? `${JSON.stringify(result)}\n`
        : `${plural(photos.usable, 'photo')} of ${plural(classes.length, 'class', 'classes')} from ${plural(parts.read, 'part')}, all there and whole: ${count(photos.copies)} equal to another, ${count(photos.failed)} could not be used\n${plural(parts.written, 'file')}, ${bytes(result.bytes)}; ${seconds.toFixed(1)} s\n\nFeatures  ${paint('cyan', safe(result.out))}\nTrain on them: carafe train ${safe(result.out)}\n`,
    );
  } finally {
    shown.done();
  }
  return 0;
};
