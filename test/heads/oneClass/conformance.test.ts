import { describe, expect, test } from 'vitest';
import type { Inputs } from '../../../src/features/mapTable.ts';
import { mapRows } from '../../../src/features/mapTable.ts';
import { type AnyOneClassHead, oneClassHeads } from '../../../src/heads/oneClass/registry.ts';
import { mapInputs, scoreEach, scoresOf } from '../../../src/heads/oneClass/score.ts';
import { auroc } from '../../../src/metrics/ranking.ts';
import { rowsAt } from '../../../src/numerics/rows.ts';
import { GraphBuilder } from '../../../src/onnx/builder.ts';
import { expectTensor, float32 } from '../../../src/runtime/platform.ts';
import { stored } from '../drawn.ts';
import { chosenPhotos, drawnPhotos, oneClassContext } from './drawn.ts';

const normal = 40;
const abnormal = 12;
const photos = await drawnPhotos(normal, abnormal);
const all = range(normal + abnormal);
/** Photos to learn from; the other normal ones are met for the first time. */
const learned = range(30);

// What every registered one-class head must do. A new head is tested because it is registered.
describe.each(oneClassHeads.map((head) => [head.name, head] as const))('%s', (_, head) => {
  const scored = async (inputs: Inputs, rows: Int32Array, asked: Int32Array, context = oneClassContext) =>
    scoresOf(head, await head.fit(inputs, rows, head.defaults, context), inputs, asked, context);

  test('tells abnormal photos from normal ones that it has not seen', async () => {
    const scores = await scored(photos, learned, all);
    const unseen = scores.subarray(30);
    const truth = Uint8Array.from(unseen, (_, i) => Number(i >= 10));
    expect(auroc(unseen, truth)).toBeGreaterThan(0.95);
  });

  test('gives the same numbers, bit for bit, again and on two threads', async () => {
    const scores = await scored(photos, learned, all);
    expect(await scored(photos, learned, all)).toEqual(scores);
    expect(await scored(photos, learned, all, { ...oneClassContext, threads: 2 })).toEqual(scores);
  });

  test('gives the same numbers, bit for bit, for features that are read when they are needed', async () => {
    const elsewhere = { ...photos, features: stored(photos.features) };
    expect(await scored(elsewhere, learned, all)).toEqual(await scored(photos, learned, all));
  });

  test('looks at no other photo than the ones it is fitted on', async () => {
    const rows = [...range(30)];
    const alone = await head.fit(await chosenPhotos(photos, rows), learned, head.defaults, oneClassContext);
    const among = await head.fit(photos, learned, head.defaults, oneClassContext);
    expect(alone).toEqual(among);
  });

  test('a fitted head is plain data that can be stored and read again', async () => {
    const fitted = await head.fit(photos, learned, head.defaults, oneClassContext);
    const again = await scoresOf(head, structuredClone(fitted), photos, all, oneClassContext);
    expect(again).toEqual(await scoresOf(head, fitted, photos, all, oneClassContext));
  });

  test('the exported graph gives the same, one photo at a time, in every opset that it may meet', async () => {
    const fitted = await head.fit(photos, learned, head.defaults, oneClassContext);
    const expected = await scoresOf(head, fitted, photos, all, oneClassContext);
    const builder = headGraph(head, fitted, photos);
    for (const opset of [13, 17, 18, 20]) {
      const session = await oneClassContext.openSession(builder.bytes({ opsets: new Map([['', opset]]) }));
      for (const row of [0, 35, 45]) {
        const { score } = await session.run(await feedsOf(head, photos, row));
        expect(score.dims).toEqual([1]);
        expect(expectTensor(score, 'float32').data[0]).toBeCloseTo(expected[row], 4);
      }
      await session.release();
    }
  });

  test.runIf(head.needs === 'maps')('the heatmap is highest where the photo is abnormal', async () => {
    const fitted = await head.fit(photos, learned, head.defaults, oneClassContext);
    const abnormalRows = all.subarray(normal);
    await scoreEach(head, fitted, photos, abnormalRows, oneClassContext, (k, score, heatmap) => {
      if (!heatmap) throw new Error('no heatmap');
      const top = heatmap.data.indexOf(Math.max(...heatmap.data));
      const [y, x] = [Math.floor(top / heatmap.width) / heatmap.height, (top % heatmap.width) / heatmap.width];
      // Averaging over neighbours may put the peak one place beside the spot.
      expect(Math.abs(y - photos.spots[k].y / 12)).toBeLessThanOrEqual(1 / 6 + 1e-9);
      expect(Math.abs(x - photos.spots[k].x / 8)).toBeLessThanOrEqual(1 / 4 + 1e-9);
      expect(score).toBeLessThanOrEqual(Math.max(...heatmap.data) + 1e-6);
    });
  });

  test('one photo is enough to be fitted, and photos that are all equal too', async () => {
    for (const rows of [[0], [0, 0, 0, 0], [3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3]]) {
      const inputs = await chosenPhotos(photos, [...rows, 1, 45]);
      const scores = await scored(inputs, range(rows.length), range(rows.length + 2));
      expect(scores.every(Number.isFinite)).toBe(true);
      const [known, , far] = scores.subarray(rows.length - 1);
      expect(known).toBeLessThan(far);
    }
  });

  test('a photo that is scored beside others scores as alone', async () => {
    const fitted = await head.fit(photos, learned, head.defaults, oneClassContext);
    const together = await scoresOf(head, fitted, photos, all, oneClassContext);
    const alone = await scoresOf(head, fitted, photos, Int32Array.of(41), oneClassContext);
    expect(alone[0]).toBeCloseTo(together[41], 5);
  });

  test('an aborted fit stops', async () => {
    const context = { ...oneClassContext, signal: AbortSignal.abort() };
    await expect(scored(photos, learned, all, context)).rejects.toThrow('aborted');
  });
});

function headGraph(head: AnyOneClassHead, fitted: unknown, inputs: Inputs): GraphBuilder {
  const builder = new GraphBuilder('head_');
  const { columns } = inputs.features;
  const tensors =
    head.needs === 'pooled'
      ? [builder.input('input', 'float32', ['n', columns])]
      : mapInputs(inputs.maps ?? [], builder);
  builder.output(head.toGraph(fitted, builder, tensors).score, 'float32', ['n'], 'score');
  return builder;
}

async function feedsOf(head: AnyOneClassHead, { features, maps = [] }: Inputs, row: number) {
  if (head.needs === 'pooled') return { input: float32(rowsAt(features, row, 1), 1, features.columns) };
  const rows = await Promise.all(maps.map((table) => mapRows(table, [row])));
  return Object.fromEntries(rows.map((map, depth) => [`map${depth}`, map]));
}

function range(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => i);
}
