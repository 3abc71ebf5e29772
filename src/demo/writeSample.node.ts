/** The set as a folder. */

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { CarafeError } from '../errors.ts';
import { ensureFolder, writeWhole } from '../runtime/files.node.ts';
import type { Progress } from '../runtime/platform.ts';
import { version } from '../version.ts';
import type { SampleOptions } from './drawSample.ts';

export interface WriteSampleOptions extends SampleOptions {
  /** Ends the work between two pictures; what is written stays, and the next call goes on from there. */
  readonly signal?: AbortSignal | undefined;
  /** Told after every picture. */
  readonly progress?: Progress | undefined;
}

/** Lies in the folder and says that the pictures there are Carafe's own, and which. */
const markName = '.carafe-sample.json';
const mark = z.object({
  /** SHA-256 of everything that is drawn, and of Carafe's version. */
  drawing: z.string(),
  images: z.array(z.string().regex(/^[a-z]+\/\d+\.jpg$/)),
});
type Mark = z.infer<typeof mark>;

/** Rendering and encoding happen in threads of sharp's own; more at a time only wait. */
const atATime = 3;

/**
 * Writes the sample image set: a folder a class, JPEG files. The same seed gives the same bytes; pictures that are
 * there already are not drawn again, and those of another seed or version make way.
 * @throws CarafeError USAGE where the folder holds anything that this function has not written; UNWRITABLE; INTERRUPTED
 */
export async function writeSampleImages(
  folder: string,
  { signal, progress, ...options }: WriteSampleOptions = {},
): Promise<{ images: number; classes: readonly string[] }> {
  const [{ sampleClasses, sampleImages }, { photograph }] = await Promise.all([
    import('./drawSample.ts'),
    import('./photograph.node.ts'),
  ]);
  const pictures = [...sampleImages(options)];
  const drawing = createHash('sha256')
    .update(JSON.stringify([version, pictures]))
    .digest('hex');
  const before = await readMark(folder);
  await ensureFolder(folder);
  if (before?.drawing !== drawing) {
    for (const path of before?.images ?? []) await rm(join(folder, path), { force: true });
    // Before the first picture: a run that was stopped half-way must know its own folder again.
    const own: Mark = { drawing, images: pictures.map(({ path }) => path) };
    await writeWhole(join(folder, markName), JSON.stringify(own));
  }
  for (const name of sampleClasses) await ensureFolder(join(folder, name));
  const queue = pictures[Symbol.iterator]();
  let done = 0;
  let failed = false;
  const lane = async (): Promise<void> => {
    for (const picture of queue) {
      if (failed || signal?.aborted) return;
      const path = join(folder, picture.path);
      try {
        if (!existsSync(path)) await writeWhole(path, await photograph(picture));
      } catch (error) {
        failed = true;
        throw error;
      }
      progress?.(++done, pictures.length);
    }
  };
  await Promise.all(Array.from({ length: atATime }, lane));
  if (signal?.aborted)
    throw new CarafeError(
      'INTERRUPTED',
      'Drawing the sample images was interrupted.',
      'Start it again: it resumes where it stopped.',
      {
        cause: signal.reason,
      },
    );
  return { images: pictures.length, classes: sampleClasses };
}

/** What an earlier call wrote there; undefined for a folder that is empty or missing. */
async function readMark(folder: string): Promise<Mark | undefined> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw notOurs(folder, error);
  }
  if (names.length === 0) return undefined;
  try {
    return mark.parse(JSON.parse(await readFile(join(folder, markName), 'utf8')));
  } catch (error) {
    throw notOurs(folder, error);
  }
}

function notOurs(folder: string, cause: unknown): CarafeError {
  return new CarafeError(
    'USAGE',
    `${folder} contains something other than Carafe's sample images.`,
    'Give an empty or a new folder for the sample image set.',
    { cause },
  );
}
