/** An open classifier: predict, verify. */

import { setOf } from '../metrics/predictionSets.ts';
import type { OpenSession, Pixels, Session, SessionOptions } from '../runtime/platform.ts';
import { type Card, type ClassCard, type LabelCard, requireNamedCard, setRuleOf } from './card.ts';
import { ClassifierFile, openFile } from './file.ts';
import type { Verification as FileVerification } from './selfTest.ts';

/** Difference between this runtime's results and those at training time. */
export type Verification = FileVerification<'probabilities'>;

export interface Likely {
  readonly label: string;
  readonly probability: number;
}

/** The answer for one photo. */
export interface Prediction {
  /**
   * The likeliest class, or the likeliest of `labels`; `unknown` where the photo is not known, `none` where it has no
   * label. A class may have such a name itself: `isKnown` and `labels` tell.
   */
  readonly label: string;
  /** Probability of the label; null if that is `unknown` or `none`. */
  readonly probability: number | null;
  /** All classes, the likeliest first, even if the photo is unknown. */
  readonly classes: readonly Likely[];
  /** Multi-label only: the labels the photo has, the likeliest first. */
  readonly labels?: readonly Likely[];
  /**
   * Single-label only, not in older files: the classes that the photo may be of, the likeliest first. Of photos like those
   * it learned from, the set holds the right class as often as `card.calibration.set` says.
   */
  readonly set?: readonly string[];
  /** How far the photo is from everything that was learned, and whether that is near enough; not in older files. */
  readonly unknownScore?: number | undefined;
  readonly isKnown?: boolean | undefined;
  /** Bottleneck values, [D]: an embedding of the photo. Where `features` was asked for. */
  readonly features?: Float32Array;
}

/** What a caller may ask for beside the answer. */
export interface PredictionOptions {
  /** Give the photo's bottleneck values, too. */
  readonly features?: boolean;
  readonly signal?: AbortSignal | undefined;
}

export type WithFeatures<Answer> = Answer & { readonly features: Float32Array };

/** Answers that are no class. */
const strange = { label: 'unknown', probability: null };
const none = { label: 'none', probability: null };

/** A classifier file, open and ready: names one of several classes, or gives several labels. */
export class Classifier extends ClassifierFile<ClassCard | LabelCard, 'probabilities'> {
  /**
   * Opens a classifier from its bytes; `source` names it in messages.
   * @throws CarafeError BAD_MODEL, NOT_A_CLASSIFIER
   */
  static async open<C extends Classifier>(
    this: new (
      session: Session,
      card: ClassCard | LabelCard,
      source: string,
    ) => C,
    bytes: Uint8Array,
    source: string,
    openSession: OpenSession,
    options: SessionOptions = {},
  ): Promise<C> {
    const { session, card } = await openFile(bytes, source, requireClasses, openSession, options);
    return new this(session, card, source);
  }

  /** The answer for a photo that `read` gives, and what was asked for beside it. */
  protected answerTo(read: () => Promise<Pixels>, options: PredictionOptions): Promise<Prediction> {
    return this.answering(read, options.signal, async (pixels) => {
      const { features, ...answer } = await this.predictPixels(pixels);
      return options.features ? { ...answer, features } : answer;
    });
  }

  /**
   * Names what is on one upright sRGB photo of any size.
   * @param views of the same photo, over which probabilities are averaged, too
   */
  async predictPixels(pixels: Pixels, views: readonly Pixels[] = []): Promise<WithFeatures<Prediction>> {
    return this.#answer(await this.run(pixels), views);
  }

  /** The same with the calibrated logits that the probabilities came from, [classes], where the file gives them. */
  async measurePixels(
    pixels: Pixels,
  ): Promise<WithFeatures<Prediction> & { readonly logits?: Float32Array | undefined }> {
    const outputs = await this.run(pixels);
    return { ...(await this.#answer(outputs, [])), logits: outputs.logits };
  }

  async #answer(
    { probabilities: own, unknownScore, features }: Awaited<ReturnType<Classifier['run']>>,
    views: readonly Pixels[],
  ): Promise<WithFeatures<Prediction>> {
    const probabilities = own.slice();
    for (const view of views) {
      const other = (await this.run(view)).probabilities;
      for (const label of probabilities.keys()) probabilities[label] += other[label];
    }
    for (const label of probabilities.keys()) probabilities[label] /= views.length + 1;
    const classes = this.labels
      .map((label, index) => ({ label, probability: probabilities[index] }))
      .sort((a, b) => b.probability - a.probability);
    const labels = this.#given(classes);
    const [answer = none] = labels ?? classes;
    const found = { classes, ...(labels && { labels }), ...this.#set(probabilities), features };
    const { unknown } = this.card;
    if (!unknown || !unknownScore) return { ...answer, ...found };
    const [score] = unknownScore;
    const isKnown = score <= unknown.threshold;
    return { ...(isKnown ? answer : strange), ...found, unknownScore: score, isKnown };
  }

  /** The classes that the photo may be of, where the file says which are probable enough. */
  #set(probabilities: Float32Array): Pick<Prediction, 'set'> {
    const rule = setRuleOf(this.card);
    return rule ? { set: setOf(probabilities, rule).map((label) => this.labels[label]) } : {};
  }

  /** The labels that reach their thresholds, where a photo may have several. */
  #given(classes: readonly Likely[]): Likely[] | undefined {
    if (this.card.task === 'single-label') return undefined;
    const { labels, calibration } = this.card;
    const limits = new Map(labels.map((label, index) => [label, calibration.thresholds[index]]));
    return classes.filter(({ label, probability }) => probability >= (limits.get(label) ?? 1));
  }
}

function requireClasses(card: Card, source: string): ClassCard | LabelCard {
  return requireNamedCard(card, source, 'Open it with loadDetector, or with loadFile, which opens either kind.');
}
