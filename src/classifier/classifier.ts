import { CarafeError } from '../errors.ts';
import type { Graph } from '../onnx/model.ts';
import { readModel } from '../onnx/read.ts';
import type { OpenSession, Pixels, Session, SessionOptions } from '../platform.ts';
import { expectTensor } from '../platform.ts';
import type { Card } from './card.ts';
import { cardFromMetadata } from './card.ts';
import type { Deviation, Outputs } from './selfTest.ts';
import { deviation, drawSelfTest, selfTestFormula } from './selfTest.ts';

/** The answer for one photo. */
export interface Prediction {
  readonly label: string;
  readonly probability: number;
  /** All classes, the likeliest first. */
  readonly classes: readonly { readonly label: string; readonly probability: number }[];
  /** Bottleneck values, [D]. */
  readonly features: Float32Array;
}

/** One self-test image and how far this runtime lies from the run that made the file. */
export interface Verification {
  readonly images: readonly ({ readonly height: number; readonly width: number } & Deviation)[];
  readonly tolerance: Deviation;
  readonly passed: boolean;
}

/** A classifier file, open and ready. */
export class Classifier {
  readonly #session: Session;

  constructor(
    session: Session,
    readonly card: Card,
    /** The file, as it was named when it was opened. */
    readonly source: string,
  ) {
    this.#session = session;
  }

  /**
   * Opens a classifier from its bytes; `source` names it in messages.
   * @throws CarafeError BAD_MODEL, NOT_A_CLASSIFIER
   */
  static async open<C extends Classifier>(
    this: new (
      session: Session,
      card: Card,
      source: string,
    ) => C,
    bytes: Uint8Array,
    source: string,
    openSession: OpenSession,
    options: SessionOptions = {},
  ): Promise<C> {
    const { metadata, graph } = readModel(bytes, source);
    const card = cardFromMetadata(metadata, source);
    requireForm(graph, card, source);
    return new this(await openSession(bytes, options), card, source);
  }

  get labels(): readonly string[] {
    return this.card.labels;
  }

  /** Runs the file on one upright sRGB photo of any size. */
  async run(pixels: Pixels): Promise<Outputs> {
    const { width, height, data } = pixels;
    const results = await this.#session.run({ image: { type: 'uint8', dims: [1, height, width, 3], data } }, [
      'probabilities',
      'features',
    ]);
    return {
      probabilities: expectTensor(results.probabilities, 'float32').data,
      features: expectTensor(results.features, 'float32').data,
    };
  }

  /** Names what is on one upright sRGB photo of any size. */
  async predictPixels(pixels: Pixels): Promise<Prediction> {
    const { probabilities, features } = await this.run(pixels);
    const classes = this.labels
      .map((label, index) => ({ label, probability: probabilities[index] }))
      .sort((a, b) => b.probability - a.probability);
    return { ...classes[0], classes, features };
  }

  /**
   * Runs the self-test that is in the file: does this runtime give what the training run gave?
   * @throws CarafeError UNAVAILABLE where a newer Carafe drew its images by another formula
   */
  async verify(): Promise<Verification> {
    const { images, tolerance, formula } = this.card.selfTest;
    if (formula !== selfTestFormula)
      throw new CarafeError(
        'UNAVAILABLE',
        `The self-test of ${this.source} is drawn in a way that this Carafe does not know: ${formula}`,
        `It was made by Carafe ${this.card.version}. Update Carafe.`,
      );
    const measured = [];
    for (const image of images) {
      const { height, width } = image;
      measured.push({ height, width, ...deviation(image, await this.run(drawSelfTest(height, width))) });
    }
    const passed = measured.every(
      (image) => image.features <= tolerance.features && image.probabilities <= tolerance.probabilities,
    );
    return { images: measured, tolerance, passed };
  }

  /** Frees the session's memory. */
  release(): Promise<void> {
    return this.#session.release();
  }
}

/** Graph and card must belong together: the one input, both outputs, and a probability for each label. */
function requireForm({ inputs, outputs }: Graph, { labels }: Card, source: string): void {
  const values = new Map([...inputs, ...outputs].map((value) => [value.name, value]));
  const missing = ['image', 'probabilities', 'features'].find((name) => !values.has(name));
  const classes = values.get('probabilities')?.shape?.at(-1);
  if (!missing && classes === labels.length) return;
  throw new CarafeError(
    'NOT_A_CLASSIFIER',
    missing
      ? `${source} has a classifier's card, but no '${missing}'.`
      : `The card of ${source} names ${labels.length} classes, its network ${classes ?? 'none'}.`,
    'The file was changed after it was made. Train it again.',
  );
}
