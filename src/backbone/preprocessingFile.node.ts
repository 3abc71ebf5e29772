/** Where the preprocessing is stated. */

import { CarafeError } from '../errors.ts';
import type { Preprocessing } from '../images/preprocessing.ts';
import { parsePreprocessing } from '../images/preprocessingConfig.ts';
import type { Model } from '../onnx/model.ts';
import { fileReason, mostTextBytes, readRegular } from '../runtime/files.node.ts';
import { embedded } from './embedded.ts';
import type { ImageInput } from './imageInput.ts';
import { metadataPreprocessing } from './metadataPreprocessing.ts';

export interface PreprocessingSources {
  /** Parsed JSON that the user gave, or undefined. */
  readonly given: unknown;
  /** The network's file: its .json may stand beside it. */
  readonly model: string;
  /** SHA-256 of that file: the embedded network is recognised by it, wherever it lies. */
  readonly hash: string;
  /** What the catalogue says, or undefined. */
  readonly known: unknown;
  /** Files of the repository, the likelier first. */
  readonly configs: readonly string[];
}

/**
 * How photos are prepared, from the first source that says it: what the user gave; the .json beside the network; what is
 * known of the embedded one; the catalogue; the repository's preprocessor_config.json, or its config.json where that is timm's; the network's
 * metadata.
 * @throws CarafeError NO_PREPROCESSING, which names the file that is wanted
 */
export async function findPreprocessing(
  sources: PreprocessingSources,
  model: Model,
  input: ImageInput,
): Promise<Preprocessing> {
  if (sources.given !== undefined) return parsePreprocessing(sources.given, 'the given preprocessing');
  const beside = sources.model.replace(/(\.onnx)?$/i, '.json');
  const own = await readText(beside);
  if (own !== undefined) return parsePreprocessing(parsed(own, beside), beside);
  if (sources.hash === embedded.hash) return embedded.preprocessing;
  if (sources.known !== undefined) return parsePreprocessing(sources.known, 'the catalogue');
  for (const file of sources.configs) {
    const config = parsed((await readText(file)) ?? 'null', file);
    if (!/preprocessor_config\.json$/.test(file) && !isTimm(config)) continue;
    return parsePreprocessing(config, file);
  }
  const stated = metadataPreprocessing(model.metadata, input, sources.model);
  if (stated) return stated;
  throw new CarafeError(
    'NO_PREPROCESSING',
    `The preprocessing of ${sources.model} is unknown: there is no ${beside}.`,
    'Write that file, or give one with `preprocessing`, in the form of a Hugging Face preprocessor_config.json (size, crop_size, resample, rescale_factor, image_mean, image_std), then compare it with other settings: carafe backbones check.',
  );
}

/** config.json is timm's where it holds a pretrained_cfg; other libraries keep other things in it. */
function isTimm(config: unknown): boolean {
  return typeof config === 'object' && config !== null && 'pretrained_cfg' in config;
}

async function readText(file: string): Promise<string | undefined> {
  return readRegular(file, mostTextBytes)
    .then(String)
    .catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw new CarafeError(
        'UNREADABLE',
        `${file} cannot be read: ${fileReason(error)}.`,
        'Check that it is a JSON file and that you may read it.',
        { cause: error },
      );
    });
}

function parsed(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CarafeError('NO_PREPROCESSING', `${file} is not JSON.`, 'Correct it, or write a new one.', {
      cause: error,
    });
  }
}
