/** Live answers of a classifier of normal photos alone. */

import { Detector } from '../classifier/detector.ts';
import type { Preprocessing } from '../images/preprocessing.ts';
import type { OpenSession, Pixels } from '../runtime/platform.ts';
import type { Answer } from './engine.ts';

/** The measured file itself: its threshold was set by photos that it had not seen. */
export class Normality {
  readonly #detector: Detector;
  /** What normal photos are called. */
  readonly label: string;
  readonly #number: number;

  private constructor(detector: Detector, label: string, number: number) {
    this.#detector = detector;
    this.label = label;
    this.#number = number;
  }

  static async open(
    classifier: Uint8Array,
    label: string,
    number: number,
    openSession: OpenSession,
  ): Promise<Normality> {
    return new Normality(await Detector.open(classifier, 'the new classifier', openSession), label, number);
  }

  get preprocessing(): Preprocessing {
    return this.#detector.card.preprocessing;
  }

  async answer(pixels: Pixels, options: { readonly heatmap: boolean }): Promise<Answer> {
    const { score, isNormal, heatmap } = await this.#detector.detectPixels(pixels);
    const { threshold, heatmap: scale } = this.#detector.card;
    return {
      label: isNormal ? this.label : undefined,
      classes: [],
      known: isNormal,
      normal: { score, threshold: threshold.value },
      nearest: [],
      heatmap:
        options.heatmap && heatmap && scale
          ? {
              height: heatmap.height,
              width: heatmap.width,
              data: Array.from(heatmap.data, (value) =>
                Math.min(1, Math.max(0, (value - scale.usual) / (scale.high - scale.usual || 1))),
              ),
            }
          : undefined,
      learned: this.#number,
    };
  }

  release(): Promise<void> {
    return this.#detector.release();
  }
}
