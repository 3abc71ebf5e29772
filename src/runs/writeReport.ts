/** Writes a report with pictures of the photos it shows. */

import type { Extraction } from '../features/extraction.ts';
import { thumbnails } from '../features/thumbnails.ts';
import { labelPictures, labelsReport } from '../report/labelsReport.ts';
import { picturesFor } from '../report/pictures.ts';
import { trainReport } from '../report/trainReport.ts';
import type { AnyTrainResult } from '../results/trainResult.ts';
import type { TrainPlatform } from './options.ts';

/** Writes the report of a training run, with pictures of the photos that it shows. */
export async function writeReport(
  result: AnyTrainResult,
  { items, photos }: Pick<Extraction, 'items' | 'photos'>,
  platform: TrainPlatform,
): Promise<void> {
  const shown = new Set(result.task === 'multi-label' ? labelPictures(result) : picturesFor(result));
  const pictured = items.flatMap(({ path, file }, row) =>
    shown.has(path) ? [{ path, file, sha256: photos[row].sha256 }] : [],
  );
  const pictures = await thumbnails(pictured, platform);
  const page = result.task === 'multi-label' ? labelsReport(result, pictures) : trainReport(result, pictures);
  await platform.write(result.files.report, page);
}
