/** A classifier to start from: its classes are made, it answers until there is something to learn from, and results are compared with it. */

import { type ClassCard, type LabelCard, requireNamedCard } from '../classifier/card.ts';
import { Classifier } from '../classifier/classifier.ts';
import { readClassifierFile } from '../classifier/file.ts';
import { CarafeError } from '../errors.ts';
import type { Preprocessing } from '../images/preprocessing.ts';
import type { OpenSession, Pixels } from '../runtime/platform.ts';
import { isMultiLabel } from '../sets/imageSet.ts';
import type { Answer, LabelledPhoto, StudioState } from './engine.ts';
import { requireName } from './names.ts';

/** Where it lies in the project's folder: among names that the command passes over. */
export const earlierFile = '.carafe-earlier/classifier.onnx';

export class Earlier {
  readonly bytes: Uint8Array;
  readonly card: ClassCard | LabelCard;
  readonly #classifier: Classifier;

  private constructor(bytes: Uint8Array, card: ClassCard | LabelCard, classifier: Classifier) {
    this.bytes = bytes;
    this.card = card;
    this.#classifier = classifier;
  }

  /** @throws CarafeError BAD_MODEL, NOT_A_CLASSIFIER; also for one of normal photos alone */
  static async open(bytes: Uint8Array, source: string, openSession: OpenSession): Promise<Earlier> {
    const { card } = readClassifierFile(bytes, source, (any, named) => requireNamedCard(any, named));
    return new Earlier(bytes, card, await Classifier.open(bytes, source, openSession));
  }

  /** The same of a file that somebody chose. @throws CarafeError which says what to choose */
  static async choose(bytes: Uint8Array, source: string, openSession: OpenSession): Promise<Earlier> {
    try {
      const earlier = await Earlier.open(bytes, source, openSession);
      // They become the names of folders.
      for (const label of earlier.card.labels) requireName(label);
      return earlier;
    } catch (error) {
      if (!(error instanceof CarafeError && error.code === 'NOT_A_CLASSIFIER')) throw error;
      const { code, said, cause } = error;
      throw new CarafeError(code, said.what, 'Choose a classifier.onnx that Carafe wrote.', { cause });
    }
  }

  get preprocessing(): Preprocessing {
    return this.card.preprocessing;
  }

  /** Whether it gives a photo any number of labels. */
  get several(): boolean {
    return this.card.task === 'multi-label';
  }

  /** The file where photos ask the same of it, so that it is trained again and compared with; undefined elsewhere. */
  fitting(photos: readonly LabelledPhoto[]): Uint8Array | undefined {
    return this.#fits(photos) ? this.bytes : undefined;
  }

  shown(photos: readonly LabelledPhoto[]): StudioState['earlier'] {
    const { card, several } = this;
    const { value } = card.task === 'multi-label' ? card.evaluation.meanAveragePrecision : card.evaluation.accuracy;
    return { several, figure: value, fits: photos.length === 0 || this.#fits(photos) };
  }

  #fits(photos: readonly LabelledPhoto[]): boolean {
    return this.several === isMultiLabel({ items: photos });
  }

  async answer(pixels: Pixels): Promise<Answer> {
    const { classes, label, isKnown = true } = await this.#classifier.predictPixels(pixels);
    const same = { known: isKnown, nearest: [], learned: 0 };
    const { card } = this;
    if (card.task !== 'multi-label') return { label: isKnown ? label : undefined, classes, ...same };
    const found = new Map(classes.map((each) => [each.label, each.probability]));
    const inOrder = card.labels.map((each, at) => ({
      label: each,
      probability: found.get(each) ?? 0,
      threshold: card.calibration.thresholds[at],
    }));
    return { label: undefined, classes: inOrder, ...same };
  }

  release(): Promise<void> {
    return this.#classifier.release();
  }
}
