import { GraphBuilder } from '../onnx/builder.ts';
import { expectTensor, float32, type Matrix } from '../platform.ts';
import type { FitContext, Head } from './head.ts';

/** Photos in one run: what lies between features and logits (distances to many photos, say) stays small. */
const runRows = 4096;

type DecideContext = Pick<FitContext, 'openSession' | 'threads' | 'signal'>;
type Decider<Fitted> = Pick<Head<never, Fitted>, 'toGraph' | 'stack'>;

/**
 * Logits [N, classes] of each fitted head for all photos. It runs the very graph that is exported, so a head in the
 * process and a head in the file cannot differ. The features are fed where they lie.
 */
export async function decide<Fitted>(
  head: Decider<Fitted>,
  fitted: readonly Fitted[],
  features: Matrix,
  context: DecideContext,
): Promise<Matrix[]> {
  const answers: Matrix[] = [];
  await decideBlocks(head, fitted, features, context, (from, { rows, columns, data }) => {
    const classes = columns / fitted.length;
    for (let k = 0; k < fitted.length; k++) {
      answers[k] ??= { rows: features.rows, columns: classes, data: new Float32Array(features.rows * classes) };
      for (let row = 0; row < rows; row++) {
        const at = row * columns + k * classes;
        answers[k].data.set(data.subarray(at, at + classes), (from + row) * classes);
      }
    }
  });
  return answers;
}

/**
 * As `decide`, block of photos by block, without keeping them: `visit` gets the number of the block's first photo and
 * [n, heads * classes], the heads' logits side by side. All heads must have the same number of classes.
 */
export async function decideBlocks<Fitted>(
  head: Decider<Fitted>,
  fitted: readonly Fitted[],
  features: Matrix,
  context: DecideContext,
  visit: (from: number, logits: Matrix) => void,
): Promise<void> {
  if (fitted.length === 0) return;
  const { rows, columns, data } = features;
  const session = await context.openSession(decisionGraph(head, fitted, columns), { threads: context.threads });
  try {
    for (let from = 0; from < rows; from += runRows) {
      context.signal?.throwIfAborted();
      const n = Math.min(runRows, rows - from);
      const results = await session.run({
        features: float32(data.subarray(from * columns, (from + n) * columns), n, columns),
      });
      const logits = expectTensor(results.logits, 'float32');
      visit(from, { rows: n, columns: logits.dims[1], data: logits.data });
    }
  } finally {
    await session.release();
  }
}

function decisionGraph<Fitted>(head: Decider<Fitted>, fitted: readonly Fitted[], width: number): Uint8Array {
  const builder = new GraphBuilder();
  builder.input('features', 'float32', ['n', width]);
  const stacked = fitted.length > 1 ? head.stack?.(fitted) : undefined;
  const parts = (stacked ? [stacked] : fitted).map((one) => head.toGraph(one, builder, 'features'));
  const logits = parts.length > 1 ? builder.node('Concat', parts, { axis: 1 }) : parts[0];
  builder.output(logits, 'float32', ['n', 'logits'], 'logits');
  return builder.bytes();
}
