/** The doctor's options, what it needs, and what it knows of the photos. */

import type { Backbone } from '../backbone/backbone.ts';
import type { LabelledPhotos, Space } from '../doctor/labelScores.ts';
import type { Extraction } from '../features/extraction.ts';
import type { DoctorResult } from '../results/doctorResult.ts';
import type { ImageSet } from '../sets/imageSet.ts';
import type { Targets } from '../sets/targets.ts';
import type { GroupedPhotos } from '../split/groupPhotos.ts';
import type { SeeingOptions, TrainOptions, TrainPlatform } from './options.ts';

/** What a user may choose of the doctor; see `TrainOptions`. */
export interface DoctorOptions
  extends SeeingOptions,
    Pick<
      TrainOptions,
      | 'out'
      | 'groupBy'
      | 'asClasses'
      | 'ignoreSplit'
      | 'mergeLabels'
      | 'pathColumn'
      | 'labelColumn'
      | 'splitColumn'
      | 'encoding'
      | 'robustness'
      | 'onFitting'
      | 'onUnderstood'
    > {}

/** What the doctor's platform has besides that of training. */
export interface DoctorPlatform extends TrainPlatform {
  readonly pageScript: () => Promise<string>;
  /** The way from a folder to a file, with slashes. */
  readonly relative: (folder: string, file: string) => string;
}

/** Photos that were looked at, with their targets, as every section asks them. */
export interface Checked {
  readonly set: ImageSet;
  readonly task: DoctorResult['task'];
  readonly network: Backbone;
  readonly extraction: Extraction;
  readonly targets: Targets;
  readonly grouped: GroupedPhotos;
  readonly context: {
    readonly openSession: TrainPlatform['openSession'];
    readonly threads: number;
    readonly seed: number;
    readonly signal?: AbortSignal | undefined;
  };
  /** Identifies photos, paths and labels. */
  readonly id: string;
  /** With one label a photo and two classes at least. */
  readonly labelled: { readonly space: Space; readonly photos: LabelledPhotos } | undefined;
}
