/** Exports a project's classifier as one file. */

import { zipSync } from 'fflate/browser';
import { type ExportPlatform, exportOriginal, openOriginal } from '../export/export.ts';
import type { ExportedFile } from '../export/folder.ts';
import { type Format, formats, usualName } from '../export/formats.ts';
import type { Pixels } from '../runtime/platform.ts';
import type { ExportWanted, StudioExport } from './engine.ts';

export interface ExportTask extends ExportWanted {
  readonly classifier: Uint8Array;
  /** On these the answers are compared. */
  readonly photos: readonly Pixels[];
}

const types = { '.onnx': 'application/octet-stream', '.html': 'text/html' } as const;
/** The first moment that a zip can name: equal files give an equal zip. */
const noTime = new Date(1980, 0, 1);

/** @throws CarafeError UNSUPPORTED_MODEL, VERIFY_FAILED, USAGE as `exportOriginal` does */
export async function exportOne(
  { classifier, photos, format, weights }: ExportTask,
  platform: ExportPlatform,
): Promise<StudioExport> {
  const original = openOriginal(classifier, 'classifier.onnx');
  const given = async function* () {
    yield* photos;
  };
  const request = { format, weights, ...(photos.length > 0 && { photos: given }) };
  const { files, proof, notes } = await exportOriginal(original, request, platform);
  const { ending }: Format = formats[format];
  const name = usualName('classifier', formats[format], weights);
  return {
    ...(ending === ''
      ? { name: `${name}.zip`, content: zipped(files) }
      : {
          name,
          content: new Blob(
            files.map(({ content }) => partOf(content)),
            { type: types[ending] },
          ),
        }),
    classifierBytes: classifier.length,
    compared: proof.given ?? proof.drawn,
    notes,
  };
}

function zipped(files: readonly ExportedFile[]): Blob {
  const utf8 = new TextEncoder();
  const entries = files.map(({ name, content }) => [
    name,
    typeof content === 'string' ? utf8.encode(content) : content,
  ]);
  const zip = zipSync(Object.fromEntries(entries), { level: 1, mtime: noTime });
  return new Blob([partOf(zip)], { type: 'application/zip' });
}

function partOf(content: Uint8Array | string): Uint8Array<ArrayBuffer> | string {
  return typeof content === 'string' ? content : Uint8Array.from(content);
}
