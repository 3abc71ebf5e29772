/** `carafe extract`. */

import type { ExtractResult } from '../results/extractResult.ts';
import { extract } from '../runs/extract.node.ts';
import type { Run } from './command.ts';
import { failuresText } from './failures.ts';
import { readPreprocessing } from './preprocessing.ts';
import { display } from './progress.ts';
import { bytes, count, plural } from './show.ts';
import { paint, safe } from './terminal.ts';

export const run: Run<'extract'> = async ([source], { json, out: folder = 'carafe-features', ...values }, terminal) => {
  const preprocessing = await readPreprocessing(values.preprocessing);
  const shown = display(terminal.stderr);
  try {
    const { signal } = terminal;
    const result = await extract(source, { ...values, out: folder, preprocessing, signal, ...shown.listeners });
    shown.done();
    terminal.out(json ? `${JSON.stringify(result)}\n` : extractText(result, source));
    return result.failedParts.length > 0 ? 2 : 0;
  } finally {
    shown.done();
  }
};

function extractText(result: ExtractResult, source: string): string {
  const { parts, photos, failed, failedParts, precision, bytesPerPhoto, backbone, seconds, out } = result;
  const share = parts.own < parts.all ? ` of ${count(parts.all)}` : '';
  const there = parts.there > 0 ? `, ${count(parts.there)} of them there already` : '';
  const narrower = { float32: ['float16', 2], float16: ['int8', 2], int8: undefined }[precision];
  return [
    `${plural(photos.found, 'photo')} in ${safe(source)}: ${plural(parts.own, 'part')}${share}${there}\n`,
    `${plural(photos.computed, 'photo')} computed, ${count(failed.length)} failed; ${seconds.toFixed(1)} s\n`,
    failuresText(failed),
    ...failedParts.map(
      ({ part, reason }) => `  ${paint('red', `part ${count(part)}`)}: ${safe(reason.split('\n')[0])}\n`,
    ),
    failedParts.length > 0
      ? `No worker could do ${plural(failedParts.length, 'part')}. Mend the cause, then run this again: it does what is missing.\n`
      : '',
    `\n${count(backbone.width)} features a photo as ${precision}: ${bytes(bytesPerPhoto)} a photo, ${bytes(bytesPerPhoto * photos.found)} for the set\n`,
    narrower
      ? `--precision ${narrower[0]} takes half of that${narrower[0] === 'int8' ? ' and costs no accuracy that we could measure' : ''}.\n`
      : '',
    `\nFeatures  ${paint('cyan', safe(out))}\n`,
    parts.own < parts.all
      ? `When all parts are there: carafe train ${safe(out)}\n`
      : `Train on them: carafe train ${safe(out)}\n`,
  ].join('');
}
