/** Trains and measures as the command does, on the photos of a project. */

import { CarafeError } from '../errors.ts';
import type { AnyTrainResult } from '../results/trainResult.ts';
import type { TrainOptions, TrainPlatform } from '../runs/options.ts';
import { train } from '../runs/train.ts';
import { imageSet } from '../sets/imageSet.ts';
import { labelOf } from './project.ts';

/** What is to be measured. */
export interface MeasureTask {
  /** Paths, `class/file`. */
  readonly photos: readonly string[];
  /** As the report names them all. */
  readonly source: string;
  readonly backbone: string;
}

/** What was measured, and the files that the command would have written. */
export interface Measured {
  readonly result: AnyTrainResult;
  readonly classifier: Uint8Array;
  readonly report: string;
}

/** What a project may say of training beside the command's defaults. */
type MeasureOptions = Pick<TrainOptions, 'signal' | 'onStage' | 'onProgress' | 'onFitting'>;

/**
 * The command's own way, at its own defaults: the same photos give the same split, figures and file. The command trains
 * on `fileOf` each path.
 * @throws CarafeError for everything that a user can mend
 */
export async function measure(
  { photos, source, backbone }: MeasureTask,
  platform: Omit<TrainPlatform, 'findImageSet' | 'ensureFolder' | 'readClassifier' | 'write' | 'append'>,
  fileOf: (path: string) => string,
  options: MeasureOptions = {},
): Promise<Measured> {
  const items = photos.map((path) => ({ path, file: fileOf(path), labels: [labelOf(path)] }));
  if (new Set(items.map(({ labels: [label] }) => label)).size < 2)
    throw new CarafeError(
      'TOO_FEW_CLASSES',
      'There is nothing to distinguish yet.',
      'Make two classes, and give each some photos.',
    );
  const set = imageSet(source, items);
  const written = new Map<string, Uint8Array | string>();
  const result = await train(
    source,
    { out: '.', balance: false, refit: false, falsePositiveRate: 0.01, backbone, ...options },
    {
      ...platform,
      findImageSet: async () => set,
      ensureFolder: async () => {},
      readClassifier: async (path) => {
        throw new CarafeError('NOT_FOUND', `There is no classifier ${path}.`, 'Train without it.');
      },
      write: async (path, content) => {
        written.set(path, content);
      },
      append: async () => {},
    },
  );
  const classifier = written.get(result.files.classifier);
  const report = written.get(result.files.report);
  if (!(classifier instanceof Uint8Array) || typeof report !== 'string') throw new TypeError('nothing was written');
  return { result, classifier, report };
}
