/** Exports in Node: from a path to files on disk. */

import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { abortable, CarafeError } from '../errors.ts';
import { textOf } from '../message.ts';
import {
  type CompactType,
  compactType,
  type ExportFormat,
  type ExportResult,
  exportFormat,
} from '../results/exportResult.ts';
import type { FailedImage } from '../results/images.ts';
import { type ClassifierSource, type LoadOptions, readToOpen } from '../runs/load.node.ts';
import { predictEach, requireSome } from '../runs/predictEach.ts';
import { readHashed } from '../runs/readFor.node.ts';
import { ensureFolder, isSameFile, requireEnding, writeWhole } from '../runtime/files.node.ts';
import { openSession } from '../runtime/platform.node.ts';
import type { Pixels } from '../runtime/platform.ts';
import { findImages } from '../sets/find.node.ts';
import { version } from '../version.ts';
import { type Format, folderFile, formats, usualName } from './formats.ts';
import type { Original } from './forms.ts';

/** What a classifier is exported as, and where. */
export interface ExportOptions extends Omit<LoadOptions, 'workers'> {
  readonly format: ExportFormat;
  /** `float16` or `int8` store the network's weights in fewer bytes; as they are unless told. */
  readonly weights?: CompactType | undefined;
  /** The file or folder to write; beside the classifier unless told. */
  readonly out?: string | undefined;
  /** Photos (files, folders or patterns) on which answers are compared with those of the classifier. */
  readonly photos?: string | readonly string[] | undefined;
}

/**
 * Exports a classifier, once the export has passed the self-test inside it.
 * @throws CarafeError USAGE, UNSUPPORTED_MODEL where this classifier cannot be exported so, VERIFY_FAILED where the export
 * does not answer as the classifier does, NOT_A_CLASSIFIER, BAD_MODEL, UNWRITABLE
 */
export async function exportClassifier(source: ClassifierSource, options: ExportOptions): Promise<ExportResult> {
  const { signal, threads } = options;
  const format = oneOf(exportFormat.options, 'format', options.format);
  const weights = options.weights === undefined ? undefined : oneOf(compactType.options, 'weights', options.weights);
  return abortable(signal, async () => {
    const { file, bytes } = await readToOpen(source, { threads, signal });
    const { exportOriginal, openOriginal } = await import('./export.ts');
    const { packagedParts } = await import('./pageParts.node.ts');
    const original = openOriginal(bytes, file);
    const row: Format = formats[format];
    const out = placeOf(options.out, file, row, weights);
    await ensureFolder(row.ending === '' ? out : dirname(out));
    const given = options.photos === undefined ? undefined : await findImages([options.photos].flat());
    let failed: FailedImage[] = [];
    const photos = async function* (): AsyncGenerator<Pixels> {
      failed = [];
      const { preprocessing } = original.card;
      const sources = (given ?? []).map((photo) => ({
        path: photo.path,
        read: () => readHashed(preprocessing, photo.file),
      }));
      for await (const answer of predictEach(async ({ pixels }) => pixels, sources, { signal }))
        if ('code' in answer) failed.push(answer);
        else yield answer.prediction;
      if (failed.length === sources.length) requireSome(failed);
    };
    const request = { format, weights, photos: given && photos, signal };
    const platform = { openSession: openOn(threads), pageParts: packagedParts };
    const { files, proof, notes } = await exportOriginal(original, request, platform);
    const written = [];
    for (const { name, content } of files) {
      const path = name === '' ? out : join(out, name);
      const overwritten = existsSync(path);
      await writeWhole(path, content);
      written.push({ path, bytes: statSync(path).size, overwritten });
    }
    return {
      version,
      command: 'export',
      classifier: file,
      format,
      weights: weights ?? null,
      out,
      bytes: written.reduce((sum, one) => sum + one.bytes, 0),
      classifierBytes: bytes.length,
      files: written,
      selfTest: proof.drawn,
      photos: proof.given ?? null,
      failed,
      notes: notes.map(textOf),
    };
  });
}

function openOn(threads: number | undefined): typeof openSession {
  return (model, options) => openSession(model, { threads: threads ?? 1, ...options });
}

/** @throws CarafeError USAGE */
function oneOf<T extends string>(names: readonly T[], option: string, value: unknown): T {
  const found = names.find((name) => name === value);
  if (found) return found;
  throw new CarafeError('USAGE', `\`${option}\`: there is no '${String(value)}'.`, `Choose ${names.join(', ')}.`);
}

/** Where an export goes. @throws CarafeError USAGE where that is the classifier itself, or no name for such a file */
function placeOf(
  out: string | undefined,
  file: Original['source'],
  row: Format,
  weights: CompactType | undefined,
): string {
  const usual = usualName(basename(file).replace(/\.onnx$/i, ''), row, weights);
  const isFolder = out !== undefined && statSync(out, { throwIfNoEntry: false })?.isDirectory() === true;
  const place = out === undefined ? join(dirname(file), usual) : isFolder && row.ending !== '' ? join(out, usual) : out;
  requireEnding('out', place, row.ending);
  if (isSameFile(row.ending === '' ? join(place, folderFile) : place, file))
    throw new CarafeError(
      'USAGE',
      `This would be written over ${file} itself.`,
      out === undefined ? 'Say where it goes with `out`, or choose `weights`.' : 'Choose another name for `out`.',
    );
  return place;
}
