/** Runs fitted heads; the same graph as the file's. */

import { featureTensor, type Inputs, mapRows } from '../features/mapTable.ts';
import { GraphBuilder } from '../onnx/builder.ts';
import { dataTypes } from '../onnx/model.ts';
import { type AnyTensor, expectTensor, type Matrix } from '../runtime/platform.ts';
import { type FitContext, type Head, readBy, type VisitLogits } from './head.ts';

/** Photos in one run, and numbers of all of them between features and logits, such as cosines with many photos: 64 MB. */
const runRows = 2048;
const betweenNumbers = 2 ** 24;
/** Numbers in one run's maps. */
const runNumbers = 4e6;

type DecideContext = Pick<FitContext, 'openSession' | 'threads' | 'signal'>;
type Decider<Fitted> = Pick<
  Head<never, Fitted>,
  'needs' | 'beside' | 'reads' | 'model' | 'toGraph' | 'stack' | 'numbersBetween'
>;

/**
 * Logits [N, classes] of each fitted head for all photos. It runs the very graph that is exported, so a head in the
 * process and a head in the file cannot differ. Features are fed where they lie.
 */
export async function predictLogits<Fitted>(
  head: Decider<Fitted>,
  fitted: readonly Fitted[],
  inputs: Inputs,
  context: DecideContext,
): Promise<Matrix[]> {
  const answers: Matrix[] = [];
  const { rows } = inputs.features;
  await predictEachLogits(head, fitted, inputs, context, (k, row, logits) => {
    const columns = logits.length;
    answers[k] ??= { rows, columns, data: new Float32Array(rows * columns) };
    answers[k].data.set(logits, row * columns);
  });
  return answers;
}

/** As `decide`, without keeping the answers: `visit` gets head number k's logits [classes] for each photo. */
export async function predictEachLogits<Fitted>(
  anyHead: Decider<Fitted>,
  fitted: readonly Fitted[],
  all: Inputs,
  context: DecideContext,
  visit: VisitLogits,
): Promise<void> {
  const [head, inputs] = readBy(anyHead, all);
  const stacked = fitted.length > 1 ? head.stack?.(fitted) : undefined;
  // Heads that do not stack go one after the other: together their weights may be more than a graph can hold.
  if (stacked) await runHead(head, stacked, fitted.length, inputs, context, visit);
  else
    for (const [k, one] of fitted.entries())
      await runHead(head, one, 1, inputs, context, (_, row, logits) => visit(k, row, logits));
}

/** Runs one graph, whose logits are those of `heads` heads side by side. */
async function runHead<Fitted>(
  head: Decider<Fitted>,
  fitted: Fitted,
  heads: number,
  inputs: Inputs,
  { openSession, threads, signal }: DecideContext,
  visit: VisitLogits,
): Promise<void> {
  const builder = new GraphBuilder();
  const input = headInput('input', head.needs, inputs, builder);
  const beside = head.beside && headInput('beside', head.beside, inputs, builder);
  builder.output(head.toGraph(fitted, builder, input.tensor, beside?.tensor), 'float32', ['n', 'logits'], 'logits');
  const between = head.numbersBetween?.(fitted) ?? 1;
  const size = Math.min(input.size, beside?.size ?? input.size, Math.ceil(betweenNumbers / between));
  const session = await openSession(builder.bytes(head.model), { threads });
  try {
    const { rows } = inputs.features;
    for (let from = 0; from < rows; from += size) {
      signal?.throwIfAborted();
      const n = Math.min(size, rows - from);
      const fed: Record<string, AnyTensor> = { input: await input.block(from, n) };
      if (beside) fed.beside = await beside.block(from, n);
      const logits = expectTensor((await session.run(fed)).logits, 'float32');
      const classes = logits.dims[1] / heads;
      for (let row = 0, at = 0; row < n; row++)
        for (let k = 0; k < heads; k++, at += classes) visit(k, from + row, logits.data.subarray(at, at + classes));
    }
  } finally {
    await session.release();
  }
}

/** The input that a head needs, as float32 in the graph, and what feeds it: blocks of `size` photos. */
function headInput(name: string, needs: Decider<unknown>['needs'], inputs: Inputs, builder: GraphBuilder) {
  const { features } = inputs;
  if (needs === 'pooled') {
    const tensor = builder.input(name, 'float32', ['n', features.columns]);
    return { tensor, size: runRows, block: async (from: number, n: number) => featureTensor(features, from, n) };
  }
  const table = inputs[needs];
  if (!table)
    throw new TypeError(
      `this head needs ${needs === 'spatial' ? 'spatial features' : 'the maps that enter the last stage'}`,
    );
  const { height, width, channels } = table;
  const stored = builder.input(name, 'float16', ['n', height, width, channels]);
  const block = (from: number, n: number) =>
    mapRows(
      table,
      Int32Array.from({ length: n }, (_, i) => from + i),
    );
  const size = Math.max(1, Math.floor(runNumbers / (height * width * channels)));
  return { tensor: builder.node('Cast', [stored], { to: dataTypes.float32 }), size, block };
}
