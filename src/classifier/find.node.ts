/** A classifier's bytes, from its file or its folder. */

import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CarafeError } from '../errors.ts';
import { fileReason, isMissing, readRegular } from '../runtime/files.node.ts';

const fileName = 'classifier.onnx';

/** A classifier's bytes and path. */
export interface FoundClassifier {
  readonly file: string;
  readonly bytes: Uint8Array;
}

/**
 * Reads a classifier, named as its file or as the folder that `--out` named.
 * @param named how messages name it, with the flag where a flag gave it: `--compare-with old.onnx`
 * @throws CarafeError NOT_FOUND, UNREADABLE
 */
export async function readClassifier(path: string, named = path): Promise<FoundClassifier> {
  const file = await classifierIn(path, named);
  try {
    return { file, bytes: await readRegular(file) };
  } catch (error) {
    throw cannotRead(named, error);
  }
}

/** @throws CarafeError NOT_FOUND where there is no such file or folder, UNREADABLE */
export async function requireThere(path: string): Promise<void> {
  await stat(path).catch((error: unknown) => {
    throw cannotRead(path, error);
  });
}

/** The classifier's file in a folder; what is no folder stays what it is. @throws CarafeError NOT_FOUND */
export async function classifierIn(path: string, named = path): Promise<string> {
  const isFolder = await stat(path).then(
    (info) => info.isDirectory(),
    () => false,
  );
  return isFolder ? inFolder(path, named) : path;
}

/** classifier.onnx, or the one other .onnx file that lies there. */
async function inFolder(folder: string, named: string): Promise<string> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw cannotRead(named, error);
  });
  const networks = names.filter((name) => /\.onnx$/i.test(name));
  const name = networks.includes(fileName) ? fileName : networks.length === 1 ? networks[0] : undefined;
  if (name !== undefined) return join(folder, name);
  throw new CarafeError(
    'NOT_FOUND',
    `${named} is a folder without a ${fileName}.`,
    networks.length > 0
      ? `Give one of the files in it: ${networks.slice(0, 5).join(', ')}.`
      : `Give the folder that \`carafe train --out\` wrote, or the ${fileName} in it.`,
  );
}

function cannotRead(named: string, error: unknown): CarafeError {
  return new CarafeError(
    isMissing(error) ? 'NOT_FOUND' : 'UNREADABLE',
    `${named}: ${isMissing(error) ? 'there is no such file or folder' : `it cannot be read, ${fileReason(error)}`}.`,
    `Give the ${fileName} that \`carafe train\` wrote, or its folder.`,
    { cause: error },
  );
}
