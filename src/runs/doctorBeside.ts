/** What the doctor found in a run's photos, from its page beside the report. */

import * as z from 'zod';
import type { Extraction } from '../features/extraction.ts';
import { doctorResult } from '../results/doctorResult.ts';
import type { DoctorSummary } from '../results/trainResult.ts';
import type { TrainPlatform } from './options.ts';

/** The doctor's page, in the folder of a run's files. */
export const doctorPage = 'doctor.html';

const known = z.object({
  result: doctorResult.pick({ set: true, labelErrors: true, problems: true, duplicates: true, shortcuts: true }),
});

/** Identifies photos, their paths and labels, in whatever order they were found. */
export function setId(
  { items, photos }: Pick<Extraction, 'items' | 'photos'>,
  sha256: (text: string) => string,
): string {
  const lines = items.map(({ path, labels }, row) => `${path}\n${photos[row]?.sha256}\n${labels.join('|')}`);
  return sha256(lines.sort().join('\n\n'));
}

/** What the doctor's page in a folder says; undefined where there is none, or it is about other photos or labels. */
export async function doctorBeside(
  folder: string,
  extraction: Extraction,
  { readOwn, sha256 }: TrainPlatform,
): Promise<DoctorSummary | undefined> {
  const page = await readOwn?.(`${folder}/${doctorPage}`);
  const start = '<script type="application/json" id="data">';
  const from = page?.indexOf(start) ?? -1;
  if (page === undefined || from < 0) return undefined;
  const data = parsed(page.slice(from + start.length, page.indexOf('</script>', from)));
  if (data?.result.set !== setId(extraction, sha256)) return undefined;
  const { labelErrors, problems, duplicates, shortcuts } = data.result;
  return {
    page: doctorPage,
    labels: labelErrors?.expected ?? null,
    problems: problems.photos.length,
    duplicates: duplicates.groups.length,
    shortcuts: shortcuts?.length ?? 0,
  };
}

/** Undefined for what another version, or nobody, has written. */
function parsed(text: string): z.infer<typeof known> | undefined {
  try {
    return known.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
