/** `carafe export`. */

import { formats } from '../export/formats.ts';
import { type ExportResult, exportClassifier } from '../index.ts';
import type { Difference } from '../results/exportResult.ts';
import type { Run } from './command.ts';
import { failuresText } from './failures.ts';
import { percent, plural } from './show.ts';
import { paint, safe } from './terminal.ts';

export const run: Run<'export'> = async ([file], { json, ...options }, { out, signal }) => {
  const result = await exportClassifier(file, { ...options, signal });
  out(json ? `${JSON.stringify(result)}\n` : exportText(result));
  return 0;
};

function exportText({ format, weights, out, bytes, classifierBytes, ...result }: ExportResult): string {
  const { files, selfTest, photos, failed, notes } = result;
  const overwritten = files.filter((file) => file.overwritten).length;
  const compared = photos ?? selfTest;
  const lines = [
    `Format      ${format}: ${formats[format].text}`,
    ...(weights ? [`Weights     ${weights}`] : []),
    `Self-test   ${paint('green', 'passed')}; ${differenceText(selfTest)} on the drawn photos in the file`,
    photos
      ? `Photos      ${differenceText(photos)} on your photos`
      : 'Photos      give --photos <folder> to compare its answers on photos of yours',
    ...notes.map((note) => `Note        ${safe(note)}`),
    `Written     ${paint('cyan', safe(out))} (${megabytes(bytes)}; the classifier has ${megabytes(classifierBytes)})${
      overwritten > 0
        ? `, ${overwritten === files.length ? 'overwritten' : `${plural(overwritten, 'file')} overwritten`}`
        : ''
    }`,
  ];
  const missing = failed.length > 0 ? `Left out:\n${failuresText(failed)}` : '';
  const warning =
    compared.same < compared.photos ? paint('yellow', 'Some answers are not those of the classifier.\n') : '';
  return `${missing}${lines.join('\n')}\n${warning}`;
}

function differenceText({ photos, same, largest }: Difference): string {
  return `same answers for ${same} of ${plural(photos, 'photo')}, probabilities at most ${percent(largest)} apart`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
