import type { Backbone } from './backbone/backbone.ts';
import type { Prepare } from './classifier/make.ts';
import type { ExtractionPlatform, ExtractionProgress } from './features/extract.ts';
import type { ThumbnailPlatform } from './features/thumbnails.ts';
import type { ImageSet } from './images/imageSet.ts';
import type { OpenSession } from './platform.ts';

/** What a user may choose. */
export interface TrainOptions {
  /** Folder for classifier.onnx and report.html. */
  readonly out: string;
  /** `embedded`, or the path of an .onnx file. */
  readonly backbone: string;
  /** Where to cut the backbone: `last`, `pool`, or a tensor's name; found by itself unless told. */
  readonly cut?: string | undefined;
  /** Give rare classes as much weight as frequent ones. */
  readonly balance: boolean;
  /** Cross-validate with so many folds; undefined: hold a part out where the set allows it. */
  readonly folds?: number | undefined;
  /** Photos to keep together: a column of the list, or a regular expression on the path. */
  readonly groupBy?: string | undefined;
  /** After measuring, train once more on all photos. */
  readonly refit: boolean;
  readonly seed: number;
  /** Processor cores to use; all unless told. */
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((state: ExtractionProgress) => void) | undefined;
  readonly onStage?: ((text: string) => void) | undefined;
  readonly onWarning?: ((text: string) => void) | undefined;
}

/** What training needs of the place where it runs. */
export interface TrainPlatform extends ExtractionPlatform, ThumbnailPlatform {
  readonly openSession: OpenSession;
  readonly cores: number;
  readonly findImageSet: (source: string, options: { groupBy?: string | undefined }) => Promise<ImageSet>;
  readonly resolveBackbone: (spec: string, options: { cut?: string | undefined }) => Promise<Backbone>;
  readonly prepare: Prepare;
  /** Makes sure, before the work begins, that results can be written there. */
  readonly ensureFolder: (folder: string) => Promise<void>;
  /** Writes a file whole or not at all. */
  readonly write: (path: string, content: Uint8Array | string) => Promise<void>;
}
