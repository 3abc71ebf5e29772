/** What every classifier file has: card, outputs, self-test. */
/// <reference lib="esnext.disposable" preserve="true" />

import { abortable, CarafeError } from '../errors.ts';
import { requirePixels } from '../images/pixels.ts';
import { message, messageOf } from '../message.ts';
import { loopOf } from '../onnx/limits.ts';
import type { Graph, Model } from '../onnx/model.ts';
import { readModel } from '../onnx/read.ts';
import { producers } from '../onnx/walk.ts';
import { writeModel } from '../onnx/write.ts';
import type { OpenSession, Pixels, Session, SessionOptions } from '../runtime/platform.ts';
import { expectTensor } from '../runtime/platform.ts';
import { answering, damagedHint } from './answering.ts';
import type { Card } from './card.ts';
import { cardFromMetadata, setRuleOf } from './card.ts';
import { withFramedPhotos } from './framedPhotos.ts';
import { type Compared, comparedOutputs, type Outputs, type Verification, verifySelfTest } from './selfTest.ts';

/** The session's name for what becomes probabilities; files have no such output. */
const logitsName = 'carafe/calibrated logits' as const;

/** What every file has that Carafe made: the card, the outputs that its task has, the self-test. */
export abstract class ClassifierFile<C extends Card, Sure extends Compared> {
  readonly #session: Session;
  readonly #outputs: readonly (Compared | typeof logitsName)[];
  #released = false;

  constructor(
    session: Session,
    readonly card: C,
    /** The file, as it was named when it was opened. */
    readonly source: string,
  ) {
    this.#session = session;
    this.#outputs = [...comparedOutputs, logitsName].filter((name) =>
      session.outputs.some((output) => output.name === name),
    );
  }

  /** How many runs may go on at once. */
  get parallel(): number {
    return this.#session.parallel ?? 1;
  }

  /** Whether the caller's thread stays free meanwhile. */
  get isInThreads(): boolean {
    return this.#session.parallel !== undefined;
  }

  get labels(): readonly string[] {
    return this.card.labels;
  }

  /**
   * Runs the file on one upright sRGB photo of any size; `logits`, calibrated, are not in edited files.
   * @throws CarafeError USAGE for pixels that are none, or after `release`; BAD_MODEL where the file gives no numbers
   */
  async run(pixels: Pixels): Promise<Outputs<Sure> & { readonly logits?: Float32Array }> {
    const { width, height, data } = requirePixels(pixels);
    if (this.#released)
      throw new CarafeError(
        'USAGE',
        message`${this.source} has been released.`,
        'Open it again, or release it after the last photo.',
      );
    const image = { type: 'uint8', dims: [1, height, width, 3], data } as const;
    return answering(this.source, async () => {
      const results = await this.#session.run({ image }, this.#outputs);
      const values = this.#outputs.map(
        (name) => [name === logitsName ? 'logits' : name, expectTensor(results[name], 'float32').data] as const,
      );
      for (const [name, data] of values) requireAnswer(name, data, this.card);
      // Opening the file made sure of the outputs of its task.
      return Object.fromEntries(values) as Outputs<Sure>;
    });
  }

  /**
   * Runs the self-test that is in the file: does this runtime give what the training run gave?
   * @throws CarafeError UNAVAILABLE where a newer Carafe drew its images by another formula
   */
  async verify(): Promise<Verification<Sure>> {
    const verification = await verifySelfTest(this.card, this.source, (pixels) => this.run(pixels));
    // The card's schema made sure that these are among what is expected.
    return verification as Verification<Sure>;
  }

  /** Reads a photo and answers for it, unless the signal is aborted before or between. */
  protected answering<Answer>(
    read: () => Promise<Pixels>,
    signal: AbortSignal | undefined,
    answer: (pixels: Pixels) => Promise<Answer>,
  ): Promise<Answer> {
    return abortable(signal, async () => {
      const pixels = await read();
      signal?.throwIfAborted();
      return answer(pixels);
    });
  }

  /** For `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }

  /** Frees the session's memory. */
  async release(): Promise<void> {
    if (this.#released) return;
    this.#released = true;
    await this.#session.release();
  }
}

/** Answers are finite, and there is a probability for each label. */
function requireAnswer(name: Compared | 'logits', data: Float32Array, { labels }: Card): void {
  if (name === 'features' || name === 'heatmap' || name === 'logits') return;
  const count = name === 'probabilities' ? labels.length : 1;
  if (data.length !== count || !data.every(Number.isFinite))
    throw new TypeError(
      `its output '${name}' is ${data.length === count ? 'not a finite number' : `${data.length} values`}`,
    );
}

/**
 * Reads a file from its bytes, and makes sure that it is whole before anything is run.
 * `narrow` takes the cards that are wanted; `source` names the file in messages.
 * @throws CarafeError BAD_MODEL, NOT_A_CLASSIFIER
 */
export function readClassifierFile<C extends Card>(
  bytes: Uint8Array,
  source: string,
  narrow: (card: Card, source: string) => C,
): { model: Model; card: C } {
  const model = readModel(bytes, source);
  const card = narrow(cardFromMetadata(model.metadata, source), source);
  requireForm(model, card, source);
  return { model, card };
}

/**
 * Opens a file from its bytes; `source` names it in messages. `narrow` takes the cards that are wanted.
 * @throws CarafeError BAD_MODEL, NOT_A_CLASSIFIER
 */
export async function openFile<C extends Card>(
  bytes: Uint8Array,
  source: string,
  narrow: (card: Card, source: string) => C,
  openSession: OpenSession,
  options: SessionOptions,
): Promise<{ session: Session; card: C }> {
  const { model, card } = readClassifierFile(bytes, source, narrow);
  // Integers are multiplied as such only where the runtime may rewrite the network: it would answer otherwise, if only a little.
  const rounds = model.graph.nodes.some(({ op }) => op === 'QuantizeLinear' || op === 'DynamicQuantizeLinear');
  const how = rounds ? { ...options, optimize: true } : options;
  const session = await answering(source, async () => openSession(asRun(model, card) ?? bytes, how));
  return { session, card };
}

/** The network as it is run: with logits, and quick for photos that are framed. Undefined where that changes nothing. */
function asRun(model: Model, { preprocessing }: Card): Uint8Array | undefined {
  const measured = withLogits(model);
  const run = withFramedPhotos(measured ?? model, preprocessing) ?? measured;
  return run && writeModel(run);
}

/**
 * The network with one more output: what goes into the softmax, or the sigmoid, at its end. Only it says how sure a wrong
 * answer was; as a probability it is rounded to nothing. Undefined for a network that does not end so.
 */
function withLogits(model: Model): Model | undefined {
  const { nodes, outputs } = model.graph;
  const made = producers(nodes);
  const named = made.get('probabilities');
  // Files of Carafe's own give the output its name by an Identity.
  const last = named?.op === 'Identity' ? made.get(named.inputs[0]) : named;
  const probabilities = outputs.find(({ name }) => name === 'probabilities');
  if (!probabilities || !last || !['Softmax', 'Sigmoid'].includes(last.op) || last.domain !== '') return undefined;
  const identity = {
    ...last,
    name: logitsName,
    op: 'Identity',
    inputs: [last.inputs[0]],
    outputs: [logitsName],
    attributes: new Map(),
  };
  const graph = {
    ...model.graph,
    nodes: [...nodes, identity],
    outputs: [...outputs, { ...probabilities, name: logitsName }],
  };
  return { ...model, graph };
}

/**
 * Graph and card must belong together: the one input, the outputs of the task, and a probability for each label. All
 * weights lie inside, and no node repeats a body: a file that someone sent is read and run within bounds.
 */
function requireForm({ graph, functions }: Model, card: Card, source: string): void {
  const fault = formFault(graph, card) ?? boundsFault(graph, functions);
  const classes = graph.outputs.find(({ name }) => name === 'probabilities')?.shape?.at(-1) ?? 'none';
  if (!fault && (card.task === 'one-class' || classes === card.labels.length)) return;
  throw new CarafeError(
    'NOT_A_CLASSIFIER',
    fault
      ? message`${source} has the metadata of a classifier, but ${messageOf(fault)}.`
      : message`The metadata of ${source} names ${card.labels.length} classes, but its network has ${classes}.`,
    damagedHint,
  );
}

function formFault({ inputs, outputs, initializers }: Graph, card: Card): string | undefined {
  const values = new Map(outputs.map((value) => [value.name, value]));
  const wanted = card.task === 'one-class' ? ['score', 'isNormal'] : ['probabilities'];
  if (card.task !== 'one-class' && card.unknown) wanted.push('unknownScore', 'isKnown');
  if (setRuleOf(card)) wanted.push('set');
  const stored = new Set(initializers.map(({ name }) => name));
  const [image, ...others] = inputs.filter(({ name }) => !stored.has(name));
  const missing = image?.name === 'image' ? [...wanted, 'features'].find((name) => !values.has(name)) : 'image';
  if (missing) return `no '${missing}'`;
  const [, height, width, channels] = image?.shape ?? [];
  if (others.length > 0 || image?.type !== 'uint8' || channels !== 3 || [height, width].some(Number.isFinite))
    return 'its input is not one photo of any size';
  return undefined;
}

function boundsFault(graph: Graph, functions: Model['functions']): string | undefined {
  const external = graph.initializers.find((tensor) => tensor.external);
  if (external) return `its weights '${external.name}' are in another file`;
  const loop = loopOf({ graph, functions });
  return loop && `its network has a ${loop}`;
}
