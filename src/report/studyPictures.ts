/** The study's charts as SVG files. */

import type { StudyResult } from '../results/studyResult.ts';
import { planeChart } from './charts/plane.ts';
import { svgFile } from './charts/svgFile.ts';
import { accuracyChart, bytesChart } from './charts/widths.ts';
import { dataAddress } from './pictures.ts';

/** The study's charts as SVG files, by name. */
export function studyPictures(
  result: StudyResult,
  thumbnails: ReadonlyMap<string, Uint8Array>,
): ReadonlyMap<string, string> {
  const addresses = new Map(Array.from(thumbnails, ([path, bytes]) => [path, dataAddress(bytes)]));
  return new Map([
    ...(result.points.length > 0
      ? ([
          ['accuracy.svg', svgFile(accuracyChart(result))],
          ['bytes.svg', svgFile(bytesChart(result))],
        ] as const)
      : []),
    ['plane.svg', svgFile(planeChart(result, addresses))],
  ]);
}
