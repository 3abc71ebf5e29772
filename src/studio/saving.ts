/** What a project gives of what was measured. */

import { readClassifierFile } from '../classifier/file.ts';
import { CarafeError, ImageError } from '../errors.ts';
import { resizingFor } from '../images/framing.ts';
import { message } from '../message.ts';
import type { Pixels } from '../runtime/platform.ts';
import type { ExportWanted, SavedFile, StudioExport } from './engine.ts';
import type { Measured } from './measure.ts';
import type { StudioPlatform } from './studioPlatform.ts';

/** Answers of an export are compared on at most so many photos. */
const mostCompared = 40;

/** @throws CarafeError NOT_FOUND before there are results */
export function measuredFile(name: Exclude<SavedFile, 'project.zip'>, measured: Measured | undefined): Blob {
  const { report, classifier } = required(name, measured);
  return name === 'report.html'
    ? new Blob([report], { type: 'text/html' })
    : new Blob([Uint8Array.from(classifier)], { type: 'application/octet-stream' });
}

/**
 * Exports what was measured last, and compares its answers on some of the photos.
 * @throws CarafeError NOT_FOUND before there are results; as `exportOriginal` does
 */
export async function exportMeasured(
  wanted: ExportWanted,
  measured: Measured | undefined,
  paths: readonly string[],
  { folder, decode, exportOne }: Pick<StudioPlatform, 'folder' | 'decode' | 'exportOne'>,
): Promise<StudioExport> {
  const { classifier } = required('classifier.onnx', measured);
  const { card } = readClassifierFile(classifier, 'classifier.onnx', (any) => any);
  const resizing = resizingFor(card.preprocessing);
  const photos: Pixels[] = [];
  for (const path of spread(paths))
    try {
      photos.push(await decode(new Blob([Uint8Array.from(await folder.read(path))]), resizing));
    } catch (error) {
      // It is among the photos that cannot be used.
      if (!(error instanceof ImageError)) throw error;
    }
  return exportOne({ ...wanted, classifier, photos });
}

function required(name: string, measured: Measured | undefined): Measured {
  if (measured) return measured;
  throw new CarafeError('NOT_FOUND', message`There is no ${name} yet.`, 'Train first.');
}

/** Some of them, equally far apart: photos of a class lie together. */
function spread(paths: readonly string[]): string[] {
  const step = Math.max(1, paths.length / mostCompared);
  const sorted = paths.toSorted();
  return Array.from({ length: Math.min(paths.length, mostCompared) }, (_, at) => sorted[Math.floor(at * step)]);
}
