/** `--preprocessing`, read. */

import { CarafeError } from '../errors.ts';
import { fileReason, mostTextBytes, readRegular } from '../runtime/files.node.ts';

/** What `--preprocessing` names, as parsed JSON; the library says whether it makes sense. */
export async function readPreprocessing(file: string | undefined): Promise<unknown> {
  if (file === undefined) return undefined;
  const text = await readRegular(file, mostTextBytes)
    .then(String)
    .catch((error: unknown) => {
      throw unusable(file, `cannot be read: ${fileReason(error)}`, error);
    });
  if (text.trim() === '') throw unusable(file, 'is empty');
  try {
    return JSON.parse(text);
  } catch (error) {
    throw unusable(file, `is not JSON: ${error instanceof Error ? error.message : error}`, error);
  }
}

function unusable(file: string, why: string, cause?: unknown): CarafeError {
  return new CarafeError(
    'NO_PREPROCESSING',
    `--preprocessing ${file} ${why}.`,
    "Name a JSON file in the form of Hugging Face's preprocessor_config.json.",
    { cause },
  );
}
