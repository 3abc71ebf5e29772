import { readFile } from 'node:fs/promises';
import { CarafeError } from '../index.ts';

/** What `--preprocessing` names, as parsed JSON; the library says whether it makes sense. */
export async function readPreprocessing(file: string | undefined): Promise<unknown> {
  if (file === undefined) return undefined;
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CarafeError(
      'NO_PREPROCESSING',
      `--preprocessing ${file} cannot be read: ${reason}`,
      "Name a JSON file in the form of Hugging Face's preprocessor_config.json.",
      { cause: error },
    );
  }
}
