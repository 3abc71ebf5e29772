/** A network of any form, run on photos of any size, as its user would run it. */

import type { Card } from '../classifier/card.ts';
import { openFile } from '../classifier/file.ts';
import { type Compared, comparedOutputs, type Outputs } from '../classifier/selfTest.ts';
import type { Preprocessing } from '../images/preprocessing.ts';
import { addFrames } from '../images/preprocessingGraph.ts';
import { GraphBuilder } from '../onnx/builder.ts';
import { type AnyTensor, expectTensor, type OpenSession, type Pixels, type Session } from '../runtime/platform.ts';
import type { Form } from './forms.ts';

/** Answers for photos until it is released. */
export interface Runner {
  run(pixels: Pixels): Promise<Outputs>;
  release(): Promise<void>;
}

/**
 * Opens a network: one that takes whole photos as any classifier's file, so that it must be one; others with the resizing
 * and the crop, which their users do, in front.
 * @throws CarafeError BAD_MODEL, NOT_A_CLASSIFIER
 */
export async function openRunner(
  bytes: Uint8Array,
  form: Form,
  { card, source }: { readonly card: Card; readonly source: string },
  openSession: OpenSession,
): Promise<Runner> {
  if (form === 'photo') {
    const { session } = await openFile(bytes, source, (any) => any, openSession, {});
    return runnerOf(session, async ({ height, width, data }) => ({ type: 'uint8', dims: [1, height, width, 3], data }));
  }
  const [session, frame] = [await openSession(bytes), await openSession(framing(card.preprocessing, form))];
  const runner = runnerOf(session, async ({ height, width, data }) => {
    const { framed } = await frame.run({ image: { type: 'uint8', dims: [1, height, width, 3], data } });
    return framed;
  });
  return {
    ...runner,
    async release() {
      await frame.release();
      await runner.release();
    },
  };
}

function runnerOf(session: Session, feed: (pixels: Pixels) => Promise<AnyTensor>): Runner {
  const names = comparedOutputs.filter((name) => session.outputs.some((output) => output.name === name));
  return {
    async run(pixels) {
      const results = await session.run({ image: await feed(pixels) }, names);
      const value = (name: Compared) => expectTensor(results[name], 'float32').data;
      return { features: value('features'), ...Object.fromEntries(names.map((name) => [name, value(name)])) };
    },
    release: () => session.release(),
  };
}

/** uint8 [1, H, W, 3] -> `framed`, what a network of that form is given. */
function framing({ looks: _, mirror: __, ...preprocessing }: Preprocessing, form: Exclude<Form, 'photo'>): Uint8Array {
  const builder = new GraphBuilder();
  const { height, width } = preprocessing.crop;
  const seen = addFrames(builder, builder.input('image', 'uint8', [1, 'height', 'width', 3]), preprocessing);
  if (form === 'bytes')
    builder.output(builder.node('Cast', [seen], { to: 2 }), 'uint8', [1, height, width, 3], 'framed');
  else
    builder.output(
      builder.node('Transpose', [seen], { perm: [0, 3, 1, 2] }),
      'float32',
      [1, 3, height, width],
      'framed',
    );
  return builder.bytes();
}
