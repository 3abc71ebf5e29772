/** The doctor in Node: pages, reviews and files on disk. */

import { readFile } from 'node:fs/promises';
import { relative, resolve, sep } from 'node:path';
import { CarafeError } from '../errors.ts';
import type { ApplyResult, DoctorResult, UndoResult } from '../results/doctorResult.ts';
import { fileReason, isMissing, mostTextBytes, readRegular } from '../runtime/files.node.ts';
import { findImageSet } from '../sets/find.node.ts';
import type { ApplyOptions, ApplyPlatform } from './applyReview.ts';
import type { DoctorOptions, DoctorPlatform } from './doctorTypes.ts';
import { moveFiles, undoMoves } from './journal.node.ts';
import type { TrainPlatform } from './options.ts';
import { withPlatform } from './platform.node.ts';
import { requireText } from './requireOptions.ts';
import type { ReviewServer } from './serveReview.node.ts';

const usualOut = 'carafe-out';

/**
 * Examines photos: labels that are probably wrong, duplicates and leaks, photos that hurt, shortcuts. Writes `doctor.html`, on
 * which labels are reviewed, and `doctor.csv` into `options.out` (`carafe-out`); returns what `carafe doctor --json` prints.
 * @param source a folder with one sub-folder per class, a folder of photos without labels, or a list
 * @throws CarafeError as `train` does
 */
export function doctor(source: string, options: Partial<DoctorOptions> = {}): Promise<DoctorResult> {
  return withPlatform(source, options, async (platform) => {
    const { doctor: doctorOn } = await import('./verbs.node.ts');
    return doctorOn(source, { out: usualOut, ...options }, withPage(platform));
  });
}

/**
 * Applies a review that was saved from the doctor's page: writes `reviewed.jsonl`, an image list with the new labels, into
 * `options.out`; with `move`, moves the files instead, and writes a journal for `undoReview`. Nothing is deleted.
 * @throws CarafeError BAD_REVIEW where it is no review of these photos; else as `train` does
 */
export function applyReview(
  source: string,
  { apply, ...options }: Partial<ApplyOptions> & Pick<ApplyOptions, 'apply'>,
): Promise<ApplyResult> {
  requireText('apply', apply);
  return withPlatform(source, options, async (platform) => {
    const { applyReview: applyOn } = await import('./verbs.node.ts');
    return applyOn(source, { out: usualOut, ...options, apply }, withFiles(platform));
  });
}

/**
 * Moves files back to where they were before `applyReview` moved them.
 * @param journal that it wrote
 * @throws CarafeError NOT_FOUND, UNREADABLE, BAD_REVIEW of the journal; UNWRITABLE
 */
export function undoReview(journal: string): Promise<UndoResult> {
  requireText('journal', journal);
  return undoMoves(journal);
}

/**
 * Serves the page of a doctor's result on this computer (loopback only); answers are saved to `review.json` beside it.
 * Stop it with `close`.
 * @throws CarafeError NOT_FOUND where the photos are gone; UNAVAILABLE where no port is free
 */
export async function serveDoctor(
  { files, images: { source } }: DoctorResult,
  options: Partial<DoctorOptions> = {},
): Promise<ReviewServer> {
  const { serveReview } = await import('./verbs.node.ts');
  const { items } = await findImageSet(source, { ...options, flat: true });
  return serveReview({
    page: files.page,
    file: files.page.replace(/doctor\.html$/, 'review.json'),
    photos: new Map(items.map(({ path, file }) => [path, file])),
  });
}

function withPage(platform: TrainPlatform): DoctorPlatform {
  return {
    ...platform,
    pageScript: () => readFile(new URL('../pages/review.js', import.meta.url), 'utf8'),
    relative: (folder, file) => relative(resolve(folder), file).replaceAll(sep, '/'),
  };
}

function withFiles(platform: TrainPlatform): ApplyPlatform {
  return {
    ...withPage(platform),
    moveFiles,
    async readText(path, named) {
      try {
        return (await readRegular(path, mostTextBytes)).toString();
      } catch (error) {
        throw new CarafeError(
          isMissing(error) ? 'NOT_FOUND' : 'UNREADABLE',
          `${named} cannot be read: ${fileReason(error)}`,
          'Check the path. The page of `carafe doctor` saves review.json.',
          { cause: error },
        );
      }
    },
  };
}
