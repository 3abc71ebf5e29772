/** The options of training, and what it needs from the platform. */

import type { Backbone } from '../backbone/backbone.ts';
import type { Prepare } from '../classifier/make.ts';
import type { ExtractionPlatform, ExtractionProgress } from '../features/extraction.ts';
import type { ThumbnailPlatform } from '../features/thumbnails.ts';
import type { OneClassHeadName } from '../heads/oneClass/registry.ts';
import type { HeadName } from '../heads/registry.ts';
import type { Framing, Looks } from '../images/framing.ts';
import type { Overlay } from '../images/heatmapColours.ts';
import type { Limits } from '../images/limits.ts';
import type { ViewOptions } from '../images/view.ts';
import type { Message } from '../message.ts';
import type { Device, OpenSession } from '../runtime/platform.ts';
import type { FindOptions, ImageSet } from '../sets/imageSet.ts';
import type { SetOptions } from '../sets/refineSet.ts';

/** The network's features alone, those of all depths, or whichever is chosen inside each training part. */
export type Depths = 'last' | 'all' | 'auto';

/** What a user may choose of the backbone. */
export type BackboneOptions = Pick<TrainOptions, 'cut' | 'preprocessing' | 'onDownload' | 'signal'>;

/** What a user may choose. */
export interface TrainOptions extends SetOptions {
  /** Folder for classifier.onnx and report.html. */
  readonly out: string;
  /** Folder for a TensorBoard event file, which grows while training goes on; a folder for each run. */
  readonly tensorboard?: string | undefined;
  /** A previous classifier.onnx to compare with: its network, head and seed are the defaults, and the changes are measured. */
  readonly compareWith?: string | undefined;
  /**
   * `embedded` (the default), a catalogue name, `hf:owner/repo[@revision][:file.onnx]`, an https address, or an .onnx
   * file.
   */
  readonly backbone?: string | undefined;
  /** Preprocessing, parsed from a preprocessor_config.json; by default the network's own. */
  readonly preprocessing?: unknown;
  /** Execution provider of ONNX Runtime on which the backbone runs (`cpu` by default). */
  readonly device?: Device | undefined;
  /** Feature layer at which the backbone is cut: `last`, `pool`, or a tensor's name; found automatically by default. */
  readonly cut?: string | undefined;
  /**
   * What of a photo the network sees: the centre that it was trained on, the whole photo squashed, or the whole photo
   * padded with black. `auto` (the default; with `compareWith` as the earlier classifier) chooses between crop and squash
   * by a quarter of the photos, in each training part; one class: squash.
   */
  readonly framing?: Framing | 'auto' | undefined;
  /** Looks at each photo over which features are averaged: 1 (the default), 2 (its mirror image, too), or 4 (the other framing and a close-up, too). */
  readonly looks?: Looks | undefined;
  /**
   * At which depths the network is read: `last`, its features alone; `all`, with statistics of earlier feature maps beside
   * them; `auto` (the default) takes what is better on these photos, inside the training part.
   */
  readonly depths?: Depths | undefined;
  /** `softmax` by default, or `sigmoid` if photos have several labels; `auto` compares all heads. */
  readonly head?: HeadName | undefined;
  /** Width of a layer of principal components before the head; `auto`: the narrowest that loses nothing. */
  readonly bottleneck?: number | 'auto' | undefined;
  /**
   * Train the network's last stage, too: `last`, or `auto`, where that is measurably better inside the training part (of a
   * thousand photos or more). `off` by default, since it takes minutes.
   */
  readonly finetune?: 'auto' | 'last' | 'off' | undefined;
  /** Time limit for comparing heads, and for fine-tuning, in seconds. */
  readonly budget?: number | undefined;
  /** Train on distorted views of the photos, too. */
  readonly views?: ViewOptions | undefined;
  /** Give rare classes as much weight as frequent ones. */
  readonly balance: boolean;
  /** Number of cross-validation folds; undefined: hold out a test part if the set is large enough. */
  readonly folds?: number | undefined;
  /** After measuring, train once more on all photos. */
  readonly refit: boolean;
  /** Target false-positive rate: share of known (one class: normal) photos that may be called unknown (abnormal). */
  readonly falsePositiveRate: number;
  /** Share of photos whose set of classes is to hold the right one (0.95 by default); one class per photo only. */
  readonly coverage?: number | undefined;
  /** Measure what bad photos cost (blurred, dark, turned ...), on up to 300 held-out photos; one class per photo only. */
  readonly robustness?: boolean | undefined;
  /** Random seed of split and training (0 by default). */
  readonly seed?: number | undefined;
  /** Processor cores to use; by default all that this machine or container has, at most 16. */
  readonly threads?: number | undefined;
  /** Limits on the size of a photo (`{ maxBytes: 512e6, maxPixels: 16383 ** 2 }` by default). */
  readonly limits?: Partial<Limits> | undefined;
  /** The command line that makes the same file again, for the report: given the seed that was used. */
  readonly again?: ((seed: number) => string) | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((state: ExtractionProgress) => void) | undefined;
  /** Called during a download with the file, the bytes so far, and the total if known. */
  readonly onDownload?: ((file: string, done: number, total: number | undefined) => void) | undefined;
  /** Called where a stage begins, with what it is; with its values apart where it has some. */
  readonly onStage?: ((text: string, said?: Message) => void) | undefined;
  /** Called before long work begins, with a sentence on how the photos were understood. */
  readonly onUnderstood?: ((text: string) => void) | undefined;
  /** Called while a head is fitted, with the share done, 0 to 1; each stage starts again at 0. */
  readonly onFitting?: ((share: number) => void) | undefined;
  /**
   * Called when fine-tuning begins, with a function that ends it early: the best so far is kept and the run goes on. Called
   * again with undefined when fine-tuning has ended.
   */
  readonly onFinetuning?: ((stop: (() => void) | undefined) => void) | undefined;
  readonly onWarning?: ((text: string) => void) | undefined;
}

/** What every run over photos takes: the network that looks at them, the machine, and who is told. */
export interface SeeingOptions
  extends Pick<
    TrainOptions,
    | 'backbone'
    | 'cut'
    | 'preprocessing'
    | 'device'
    | 'seed'
    | 'threads'
    | 'limits'
    | 'signal'
    | 'onProgress'
    | 'onDownload'
    | 'onStage'
    | 'onWarning'
  > {}

/** What a user may choose of a one-class classifier. */
export interface OneClassOptions
  extends Omit<
    TrainOptions,
    | 'head'
    | 'compareWith'
    | 'views'
    | 'balance'
    | 'folds'
    | 'refit'
    | 'coverage'
    | 'robustness'
    | 'finetune'
    | 'onFinetuning'
  > {
  /** An earlier one-class classifier of the same network to compare with: its file or its folder. */
  readonly compareWith?: string | undefined;
  /** By default `padim` with the embedded backbone, `patchcore` with others. */
  readonly head?: OneClassHeadName | undefined;
  /** The normal class of a set with several; by default all photos of a folder without sub-folders. */
  readonly normal?: string | undefined;
  /** Memory in bytes that fitting may use besides the features. */
  readonly memoryLimit?: number | undefined;
  /** Train on fewer than ten normal photos. */
  readonly force?: boolean | undefined;
}

/** The platform that training needs. */
export interface TrainPlatform extends ExtractionPlatform, ThumbnailPlatform {
  readonly openSession: OpenSession;
  readonly cores: number;
  /** Bytes that the cache has room for; absent: unknown. */
  readonly freeBytes?: () => Promise<number>;
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
  /** Reads a file that an earlier run may have written; undefined where there is none. Absent where nothing is kept. */
  readonly readOwn?: (path: string) => Promise<string | undefined>;
  /** Writes a file whole or not at all. */
  readonly write: (path: string, content: Uint8Array | string) => Promise<void>;
  /** Adds bytes to the end of a file that was written. */
  readonly append: (path: string, content: Uint8Array) => Promise<void>;
}

/** The platform that one-class training needs. */
export interface OneClassPlatform extends TrainPlatform {
  /** A WebP of a photo for the report, with its heatmap over it; undefined where it cannot be read any more. */
  readonly photograph: (file: string, overlay: Overlay | undefined) => Promise<Uint8Array | undefined>;
}
