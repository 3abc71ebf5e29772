/** Inspects a network file. */

import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import * as z from 'zod';
import { CarafeError } from '../errors.ts';
import type { Model } from '../onnx/model.ts';
import { readModel } from '../onnx/read.ts';
import { fileReason, isMissing, readRegular } from '../runtime/files.node.ts';
import { embeddedFile } from './embedded.node.ts';
import { readExternalShapes } from './external.node.ts';
import { imageInput } from './imageInput.ts';
import type { InspectOptions } from './inspect.ts';
import { inspectNetwork } from './inspect.ts';
import type { Inspection } from './inspection.ts';
import { type LocalFiles, type LocateOptions, locate } from './locate.node.ts';
import { findPreprocessing } from './preprocessingFile.node.ts';

/**
 * Inspects a backbone, named as `--backbone` takes it, or a classifier of Carafe's. Where the network leaves the size of
 * its photos free, it is the one that a classifier's card or a backbone's preprocessing states. Of what lies in
 * other files only constants as small as shapes are read.
 * @throws CarafeError NOT_FOUND, UNREADABLE, UNAVAILABLE, BAD_MODEL or UNSUPPORTED_MODEL
 */
export async function inspectFile(
  spec: string,
  options: Omit<InspectOptions, 'source' | 'inputSize'> & LocateOptions,
): Promise<Inspection & { bytes: number }> {
  const files = spec === 'embedded' ? { name: spec, model: embeddedFile } : await locate(spec, options);
  const path = files.model;
  const bytes = await readRegular(path).catch((error: unknown) => {
    throw new CarafeError(
      isMissing(error) ? 'NOT_FOUND' : 'UNREADABLE',
      isMissing(error) ? `There is no file ${path}.` : `${path} cannot be read: ${fileReason(error)}.`,
      'Give a backbone or a classifier: an .onnx file, or a name from `carafe backbones`.',
      { cause: error },
    );
  });
  const model = await readExternalShapes(readModel(bytes, path), dirname(path), path);
  const inputSize =
    cardSize(model) ?? (await statedSize(model, files, createHash('sha256').update(bytes).digest('hex')));
  return { ...(await inspectNetwork(model, { ...options, source: path, inputSize })), bytes: bytes.length };
}

type Size = InspectOptions['inputSize'];

const edge = z.number().int().positive().max(4096);
const card = z.object({ crop: z.object({ height: edge, width: edge }) });

/** What a classifier's card states; its input takes any size. */
function cardSize({ metadata }: Model): Size {
  try {
    return card.safeParse(JSON.parse(metadata.get('carafe.preprocessing') ?? 'null')).data?.crop;
  } catch {
    return undefined;
  }
}

/** What a backbone's preprocessing crops to, if anything says it. */
async function statedSize(model: Model, { model: path, entry, configs = [] }: LocalFiles, hash: string): Promise<Size> {
  try {
    const sources = { given: undefined, model: path, hash, known: entry?.preprocessing, configs };
    return (await findPreprocessing(sources, model, imageInput(model, path))).crop;
  } catch (error) {
    if (error instanceof CarafeError && error.code === 'NO_PREPROCESSING') return undefined;
    throw error;
  }
}
