/** An open one-class classifier. */

import { CarafeError } from '../errors.ts';
import type { OpenSession, Pixels, Session, SessionOptions } from '../runtime/platform.ts';
import type { Card, OneClassCard } from './card.ts';
import type { PredictionOptions, WithFeatures } from './classifier.ts';
import { ClassifierFile, openFile } from './file.ts';

/** The answer of a one-class classifier for one photo. */
export interface Detection {
  /** The higher, the less normal. */
  readonly score: number;
  /** Whether the score is at most the threshold in the card. */
  readonly isNormal: boolean;
  /**
   * Where, for heads that look at patches: [height, width], lying evenly over the whole photo. Where `heatmap` was asked
   * for.
   */
  readonly heatmap?: Heatmap | undefined;
  /** Bottleneck values, [D]: an embedding of the photo. Where `features` was asked for. */
  readonly features?: Float32Array;
}

export interface Heatmap {
  readonly height: number;
  readonly width: number;
  readonly data: Float32Array;
}

/** What a caller may ask for beside the answer. */
export interface DetectionOptions extends PredictionOptions {
  /** Also return the heatmap, if the head looks at patches. */
  readonly heatmap?: boolean;
}

/** An open one-class classifier file: separates normal photos from all others (anomaly detection). */
export class Detector extends ClassifierFile<OneClassCard, 'score'> {
  /**
   * Opens a one-class classifier from its bytes; `source` names it in messages.
   * @throws CarafeError BAD_MODEL, NOT_A_CLASSIFIER
   */
  static async open<D extends Detector>(
    this: new (
      session: Session,
      card: OneClassCard,
      source: string,
    ) => D,
    bytes: Uint8Array,
    source: string,
    openSession: OpenSession,
    options: SessionOptions = {},
  ): Promise<D> {
    const { session, card } = await openFile(bytes, source, requireOneClassCard, openSession, options);
    return new this(session, card, source);
  }

  /** The answer for a photo that `read` gives, and what was asked for beside it. */
  protected answerTo(read: () => Promise<Pixels>, options: DetectionOptions): Promise<Detection> {
    return this.answering(read, options.signal, async (pixels) => {
      const { score, isNormal, heatmap, features } = await this.detectPixels(pixels);
      return { score, isNormal, ...(options.heatmap && { heatmap }), ...(options.features && { features }) };
    });
  }

  /** Says how normal one upright sRGB photo of any size is. */
  async detectPixels(pixels: Pixels): Promise<WithFeatures<Detection>> {
    const {
      score: [score],
      heatmap,
      features,
    } = await this.run(pixels);
    const { heatmap: size, threshold } = this.card;
    return {
      score,
      isNormal: score <= threshold.value,
      heatmap: heatmap && size && { ...size, data: heatmap },
      features,
    };
  }
}

/** @throws CarafeError NOT_A_CLASSIFIER */
export function requireOneClassCard(card: Card, source: string): OneClassCard {
  if (card.task === 'one-class') return card;
  throw new CarafeError(
    'NOT_A_CLASSIFIER',
    `${source} has classes: it was not trained with \`trainOneClass\`.`,
    'Open it with loadClassifier, or with loadFile, which opens either kind.',
  );
}
