import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { CarafeError } from '../errors.ts';
import type { Model } from '../onnx/model.ts';
import { readModel } from '../onnx/read.ts';
import type { InspectOptions } from './inspect.ts';
import { inspectNetwork } from './inspect.ts';
import type { Inspection } from './inspection.ts';

/**
 * Inspects a file: a backbone, or a classifier of Carafe's at the size that its card states. Weights that lie in other
 * files are not read.
 * @throws CarafeError NOT_FOUND, UNREADABLE, BAD_MODEL or UNSUPPORTED_MODEL
 */
export async function inspectFile(
  path: string,
  options: Omit<InspectOptions, 'source'>,
): Promise<Inspection & { bytes: number }> {
  const bytes = await readFile(path).catch((error: unknown) => {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw new CarafeError(
      isMissing ? 'NOT_FOUND' : 'UNREADABLE',
      isMissing ? `There is no file ${path}.` : `${path} cannot be read.`,
      'Name an .onnx file: a backbone, or a classifier.',
      { cause: error },
    );
  });
  const model = readModel(bytes, path);
  const inputSize = options.inputSize ?? cardSize(model);
  const inspected = await inspectNetwork(model, { ...options, source: path, ...(inputSize && { inputSize }) });
  return { ...inspected, bytes: bytes.length };
}

const card = z.object({ crop: z.object({ height: z.number().int().positive().max(4096) }) });

/** The edge that a classifier's card states; its input takes any size. */
function cardSize({ metadata }: Model): number | undefined {
  try {
    return card.safeParse(JSON.parse(metadata.get('carafe.preprocessing') ?? 'null')).data?.crop.height;
  } catch {
    return undefined;
  }
}
