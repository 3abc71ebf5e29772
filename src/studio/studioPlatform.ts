/** What the studio's engine needs of the place where it runs. */

import type { Backbone } from '../backbone/backbone.ts';
import type { ExtractionPlatform } from '../features/extraction.ts';
import type { ThumbnailPlatform } from '../features/thumbnails.ts';
import type { Resizing } from '../images/targetSize.ts';
import type { OpenSession, Pixels, Session } from '../runtime/platform.ts';
import type { StudioExport, Work } from './engine.ts';
import type { ExportTask } from './exportOne.ts';
import type { Measured, MeasureTask } from './measure.ts';
import type { PhotoFolder } from './photoFolder.ts';

/** What the engine needs of the place where it runs. */
export interface StudioPlatform {
  readonly folder: PhotoFolder;
  readonly extraction: ExtractionPlatform & ThumbnailPlatform;
  readonly openSession: OpenSession;
  /** What looks at live photos: it gives `features` and, where the backbone has one, its map `spatial`. */
  readonly network: Session;
  /** Opens a whole classifier that looks at live photos. */
  readonly openNetwork: OpenSession;
  readonly backbone: Backbone;
  /** What opens a photo, by its path. */
  readonly fileOf: (path: string) => string;
  /** @throws ImageError */
  readonly decode: (photo: Blob | Pixels, resizing: Resizing) => Promise<Pixels>;
  /** Trains and measures where nothing else waits for it; the signal ends it at once. */
  readonly measure: (task: MeasureTask, say: (work: Work) => void, signal: AbortSignal) => Promise<Measured>;
  /** Makes a file of a classifier. */
  readonly exportOne: (task: ExportTask) => Promise<StudioExport>;
  /** How the backbone is named where photos are measured. */
  readonly backboneAddress: string;
  readonly close: () => Promise<void>;
}
