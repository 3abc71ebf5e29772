import { GraphBuilder } from '../onnx/builder.ts';
import { expectTensor, float32, type Matrix } from '../platform.ts';
import type { FitContext, Head } from './head.ts';

/** Photos in one run: what lies between features and logits (distances to many photos, say) stays small. */
const runRows = 2048;

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
  await decideEach(head, fitted, features, context, (k, row, logits) => {
    const columns = logits.length;
    answers[k] ??= { rows: features.rows, columns, data: new Float32Array(features.rows * columns) };
    answers[k].data.set(logits, row * columns);
  });
  return answers;
}

/** As `decide`, without keeping the answers: `visit` gets head number k's logits [classes] for each photo. */
export async function decideEach<Fitted>(
  head: Decider<Fitted>,
  fitted: readonly Fitted[],
  features: Matrix,
  context: DecideContext,
  visit: (k: number, row: number, logits: Float32Array) => void,
): Promise<void> {
  const stacked = fitted.length > 1 ? head.stack?.(fitted) : undefined;
  // Heads that do not stack go one after the other: together their weights may be more than a graph can hold.
  if (stacked) await runHead(head, stacked, fitted.length, features, context, visit);
  else
    for (const [k, one] of fitted.entries())
      await runHead(head, one, 1, features, context, (_, row, logits) => visit(k, row, logits));
}

/** Runs one graph, whose logits are those of `heads` heads side by side. */
async function runHead<Fitted>(
  head: Decider<Fitted>,
  fitted: Fitted,
  heads: number,
  { rows, columns, data }: Matrix,
  { openSession, threads, signal }: DecideContext,
  visit: (k: number, row: number, logits: Float32Array) => void,
): Promise<void> {
  const builder = new GraphBuilder();
  builder.input('features', 'float32', ['n', columns]);
  builder.output(head.toGraph(fitted, builder, 'features'), 'float32', ['n', 'logits'], 'logits');
  const session = await openSession(builder.bytes(), { threads });
  try {
    for (let from = 0; from < rows; from += runRows) {
      signal?.throwIfAborted();
      const n = Math.min(runRows, rows - from);
      const block = float32(data.subarray(from * columns, (from + n) * columns), n, columns);
      const logits = expectTensor((await session.run({ features: block })).logits, 'float32');
      const classes = logits.dims[1] / heads;
      for (let row = 0, at = 0; row < n; row++)
        for (let k = 0; k < heads; k++, at += classes) visit(k, from + row, logits.data.subarray(at, at + classes));
    }
  } finally {
    await session.release();
  }
}
