/** The options of training, and what it needs from the platform. */

import type { Backbone } from '../backbone/backbone.ts';
import type { Prepare } from '../classifier/make.ts';
import type { ExtractionPlatform, ExtractionProgress } from '../features/extraction.ts';
import type { ThumbnailPlatform } from '../features/thumbnails.ts';
import type { OneClassHeadName } from '../heads/oneClass/registry.ts';
import type { HeadName } from '../heads/registry.ts';
import type { Overlay } from '../images/heatmapColours.ts';
import type { Limits } from '../images/limits.ts';
import type { ViewOptions } from '../images/view.ts';
import type { Device, OpenSession } from '../runtime/platform.ts';
import type { FindOptions, ImageSet } from '../sets/imageSet.ts';
import type { SetOptions } from '../sets/refineSet.ts';

/** What a user may choose of the backbone. */
export type BackboneOptions = Pick<TrainOptions, 'cut' | 'preprocessing' | 'onDownload' | 'signal'>;

/** What a user may choose. */
export interface TrainOptions extends SetOptions {
  /** Folder for classifier.onnx and report.html. */
  readonly out: string;
  /** Folder for a TensorBoard event file, which grows while training goes on; a folder for each run. */
  readonly tensorboard?: string | undefined;
  /** An earlier classifier.onnx to start from: network, head and seed are its own unless told, and what changed is measured. */
  readonly compareWith?: string | undefined;
  /**
   * `embedded` (unless told), a catalogue name, `hf:owner/repo[@revision][:file.onnx]`, an https address, or an .onnx
   * file.
   */
  readonly backbone?: string | undefined;
  /** How photos become its input, parsed from a preprocessor_config.json; what the network brings unless told. */
  readonly preprocessing?: unknown;
  /** Where the backbone runs over the photos: an execution provider of ONNX Runtime, `cpu` unless told. */
  readonly device?: Device | undefined;
  /** Where to cut the backbone: `last`, `pool`, or a tensor's name; found by itself unless told. */
  readonly cut?: string | undefined;
  /** `softmax` unless told, or `sigmoid` where photos have several labels; `auto` compares them all. */
  readonly head?: HeadName | undefined;
  /** A layer of so many principal components before the head; `auto`: as few as lose nothing. */
  readonly bottleneck?: number | 'auto' | undefined;
  /** Seconds that comparing heads may take. */
  readonly budget?: number | undefined;
  /** Train on distorted views of the photos, too. */
  readonly views?: ViewOptions | undefined;
  /** Give rare classes as much weight as frequent ones. */
  readonly balance: boolean;
  /** Cross-validate with so many folds; undefined: hold a part out where the set allows it. */
  readonly folds?: number | undefined;
  /** After measuring, train once more on all photos. */
  readonly refit: boolean;
  /** Share of known (with one class: normal) photos that may be called unknown (abnormal), at which thresholds are set. */
  readonly falsePositiveRate: number;
  /** Of the split and of the training; 0 unless told. */
  readonly seed?: number | undefined;
  /** Processor cores to use; unless told all that this machine or container gives, at most 16. */
  readonly threads?: number | undefined;
  /** How large a photo may be: `{ maxBytes: 512e6, maxPixels: 16383 ** 2 }` unless told. */
  readonly limits?: Partial<Limits> | undefined;
  /** The command line that makes the same file again, for the report: given the seed that was used. */
  readonly again?: ((seed: number) => string) | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((state: ExtractionProgress) => void) | undefined;
  /** Of a download: file, bytes so far, and of how many where that is known. */
  readonly onDownload?: ((file: string, done: number, total: number | undefined) => void) | undefined;
  readonly onStage?: ((text: string) => void) | undefined;
  /** What was understood of the photos, in a sentence, before long work begins. */
  readonly onUnderstood?: ((text: string) => void) | undefined;
  /** While a head is fitted: the share that is done, from 0 to 1; in each stage it begins anew. */
  readonly onFitting?: ((share: number) => void) | undefined;
  readonly onWarning?: ((text: string) => void) | undefined;
}

/** What a user may choose of a one-class classifier. */
export interface OneClassOptions
  extends Omit<TrainOptions, 'head' | 'compareWith' | 'views' | 'balance' | 'folds' | 'refit'> {
  /** `padim` unless told with the embedded backbone, `patchcore` with others. */
  readonly head?: OneClassHeadName | undefined;
  /** The class that is normal, of a set with several; unless told, all photos of a folder without sub-folders. */
  readonly normal?: string | undefined;
  /** Bytes that fitting may take beside the features. */
  readonly memoryLimit?: number | undefined;
  /** Train on fewer than ten normal photos. */
  readonly force?: boolean | undefined;
}

/** What training needs of the place where it runs. */
export interface TrainPlatform extends ExtractionPlatform, ThumbnailPlatform {
  readonly openSession: OpenSession;
  readonly cores: number;
  readonly findImageSet: (source: string, options: FindOptions) => Promise<ImageSet>;
  readonly resolveBackbone: (spec: string, options: BackboneOptions) => Promise<Backbone>;
  readonly prepare: Prepare;
  /** Makes sure, before the work begins, that results can be written there. */
  readonly ensureFolder: (folder: string) => Promise<void>;
  /**
   * Reads a classifier, named as its file or as its folder; `named` is how messages name it.
   * @throws CarafeError NOT_FOUND, UNREADABLE
   */
  readonly readClassifier: (
    path: string,
    named: string,
  ) => Promise<{ readonly file: string; readonly bytes: Uint8Array }>;
  /** Writes a file whole or not at all. */
  readonly write: (path: string, content: Uint8Array | string) => Promise<void>;
  /** Adds bytes to the end of a file that was written. */
  readonly append: (path: string, content: Uint8Array) => Promise<void>;
}

/** What training on normal photos needs besides. */
export interface OneClassPlatform extends TrainPlatform {
  /** A WebP of a photo for the report, with its heatmap over it; undefined where it cannot be read any more. */
  readonly photograph: (file: string, overlay: Overlay | undefined) => Promise<Uint8Array | undefined>;
}
