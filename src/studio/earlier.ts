/** A classifier to start from: its classes are made, it answers until there is something to learn from, and results are compared with it. */

import { type ClassCard, requireTask } from '../classifier/card.ts';
import { Classifier } from '../classifier/classifier.ts';
import { readClassifierFile } from '../classifier/file.ts';
import type { Preprocessing } from '../images/preprocessing.ts';
import type { OpenSession, Pixels } from '../runtime/platform.ts';
import type { Answer } from './engine.ts';

/** Where it lies in the project's folder: among names that the command passes over. */
export const earlierFile = '.carafe-earlier/classifier.onnx';

export class Earlier {
  readonly bytes: Uint8Array;
  readonly card: ClassCard;
  readonly #classifier: Classifier;

  private constructor(bytes: Uint8Array, card: ClassCard, classifier: Classifier) {
    this.bytes = bytes;
    this.card = card;
    this.#classifier = classifier;
  }

  /** @throws CarafeError BAD_MODEL, NOT_A_CLASSIFIER; USAGE for one of several labels, or of one class */
  static async open(bytes: Uint8Array, source: string, openSession: OpenSession): Promise<Earlier> {
    const { card } = readClassifierFile(bytes, source, (any, named) => requireTask(any, named, 'single-label'));
    return new Earlier(bytes, card, await Classifier.open(bytes, source, openSession));
  }

  get preprocessing(): Preprocessing {
    return this.card.preprocessing;
  }

  async answer(pixels: Pixels): Promise<Answer> {
    const { classes, label, isKnown = true } = await this.#classifier.predictPixels(pixels);
    return { label: isKnown ? label : undefined, classes, known: isKnown, nearest: [], learned: 0 };
  }

  release(): Promise<void> {
    return this.#classifier.release();
  }
}
