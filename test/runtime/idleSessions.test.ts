import type { InferenceSession } from 'onnxruntime-common';
import * as ort from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { GraphBuilder } from '../../src/onnx/builder.ts';
import { sessionOpener } from '../../src/runtime/session.ts';

/** x [n, 2] -> x^T . x, with so many weights that are not used. */
function graph(weights = 0): Uint8Array {
  const g = new GraphBuilder();
  g.input('x', 'float32', ['n', 2]);
  const padded =
    weights > 0 ? g.node('Add', ['x', g.node('ReduceMax', [g.floats(new Float32Array(weights), [weights])])]) : 'x';
  g.output(g.node('Gemm', [padded, 'x'], { transA: 1 }), 'float32', [2, 2], 'y');
  return g.bytes();
}

/** The real runtime, which counts what it is asked for. */
function counting() {
  const count = { created: 0, released: 0 };
  const create = async (...args: Parameters<typeof ort.InferenceSession.create>) => {
    const session: InferenceSession = await ort.InferenceSession.create(...args);
    count.created++;
    const { release } = session;
    session.release = () => {
      count.released++;
      return release.call(session);
    };
    return session;
  };
  return {
    count,
    open: sessionOpener({ Tensor: ort.Tensor, InferenceSession: { create } as typeof ort.InferenceSession }),
  };
}

const x = (rows: number) => ({ type: 'float32' as const, dims: [rows, 2], data: new Float32Array(2 * rows).fill(1) });

test('what was closed is opened again as it is, and answers anew', async () => {
  const { count, open } = counting();
  for (const rows of [1, 3, 2]) {
    const session = await open(graph());
    const { y } = await session.run({ x: x(rows) });
    expect(y.data).toEqual(new Float32Array(4).fill(rows));
    await session.release();
    // Twice is once: it may be another's by then.
    await session.release();
  }
  expect(count).toEqual({ created: 1, released: 0 });
});

test('two that are open at once are two, and other threads or another graph are others', async () => {
  const { count, open } = counting();
  const both = [await open(graph()), await open(graph())];
  expect(count.created).toBe(2);
  for (const session of both) await session.release();
  await (await open(graph(), { threads: 2 })).release();
  await (await open(graph(1))).release();
  expect(count.created).toBe(4);
  const again = [await open(graph()), await open(graph()), await open(graph())];
  expect(count.created).toBe(5);
  for (const session of again) await session.release();
});

test('what is large, had large inputs or failed is let go, and many are not kept', async () => {
  const { count, open } = counting();
  await (await open(graph(10_000))).release();
  expect(count).toEqual({ created: 1, released: 1 });
  const fed = await open(graph());
  await fed.run({ x: x(200_000) });
  await fed.release();
  expect(count).toEqual({ created: 2, released: 2 });
  const failing = await open(graph());
  await expect(failing.run({})).rejects.toThrow();
  await failing.release();
  expect(count).toEqual({ created: 3, released: 3 });
  for (let weights = 1; weights <= 60; weights++) await (await open(graph(weights))).release();
  expect(count.created).toBe(63);
  expect(count.released).toBeGreaterThan(30);
});
