/** Trains and measures as the command does, on the photos of a project. */

import { CarafeError } from '../errors.ts';
import { message } from '../message.ts';
import type { OneClassResult } from '../results/oneClassResult.ts';
import type { AnyTrainResult } from '../results/trainResult.ts';
import type { OneClassPlatform, TrainOptions } from '../runs/options.ts';
import { train } from '../runs/train.ts';
import { trainOneClass } from '../runs/trainOneClass.ts';
import { imageSet, isMultiLabel } from '../sets/imageSet.ts';
import type { LabelledPhoto } from './engine.ts';

/** What is to be measured. */
export interface MeasureTask {
  readonly photos: readonly LabelledPhoto[];
  /** As the report names them all. */
  readonly source: string;
  readonly backbone: string;
  /** The classifier that the project started from: its head, settings and network are used, and it is compared with. */
  readonly earlier?: Uint8Array | undefined;
}

/** What was measured, and the files that the command would have written. */
export interface Measured {
  readonly result: AnyTrainResult | OneClassResult;
  readonly classifier: Uint8Array;
  readonly report: string;
}

/** What a project may say of training beside the command's defaults. */
type MeasureOptions = Pick<TrainOptions, 'signal' | 'onStage' | 'onProgress' | 'onFitting'>;

/**
 * The command's own way, at its own defaults: the same photos give the same split, figures and file. Photos of one class alone
 * are normal ones, which are told from all others (`--one-class`).
 * @param fileOf what opens a photo
 * @throws CarafeError for everything that a user can mend
 */
export async function measure(
  { photos, source, backbone, earlier }: MeasureTask,
  platform: Omit<OneClassPlatform, 'findImageSet' | 'ensureFolder' | 'readClassifier' | 'write' | 'append'>,
  fileOf: (path: string) => string,
  options: MeasureOptions = {},
): Promise<Measured> {
  const items = photos.map(({ path, labels }) => ({ path, file: fileOf(path), labels }));
  const set = imageSet(source, items);
  const written = new Map<string, Uint8Array | string>();
  const given = { out: '.', falsePositiveRate: 0.01, backbone, ...options };
  const place = {
    ...platform,
    findImageSet: async () => set,
    ensureFolder: async () => {},
    readClassifier: async (path: string) => {
      if (!earlier) throw new CarafeError('NOT_FOUND', message`There is no classifier ${path}.`, 'Train without it.');
      return { file: path, bytes: earlier };
    },
    write: async (path: string, content: Uint8Array | string) => {
      written.set(path, content);
    },
    append: async () => {},
  };
  const result =
    set.classes.length === 1 && !isMultiLabel(set)
      ? await trainOneClass(source, given, place)
      : await train(
          source,
          {
            ...given,
            ...(earlier && { backbone: undefined, compareWith: 'the classifier that this project started from' }),
            balance: false,
            refit: false,
          },
          place,
        );
  const classifier = written.get(result.files.classifier);
  const report = written.get(result.files.report);
  if (!(classifier instanceof Uint8Array) || typeof report !== 'string') throw new TypeError('nothing was written');
  return { result, classifier, report };
}
