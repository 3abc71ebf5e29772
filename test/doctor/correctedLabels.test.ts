import { expect, test } from 'vitest';
import { gainOf } from '../../src/doctor/correctedLabels.ts';
import { labelSpace } from '../../src/doctor/labelScores.ts';
import { Random } from '../../src/numerics/random.ts';
import { openSession } from '../../src/runtime/platform.node.ts';

const [photos, width] = [300, 12];

/** Two overlapping classes; a third of class 1 is labelled 0. */
async function drawn() {
  const random = new Random('corrections');
  const truth = Int32Array.from({ length: photos }, (_, row) => row % 2);
  const data = Float32Array.from(
    { length: photos * width },
    (_, at) => random.normal() + (at % width === 0 ? 2.4 * (truth[Math.floor(at / width)] ?? 0) : 0),
  );
  const wrong = [...truth.keys()].filter((row) => truth[row] === 1 && row % 3 === 0);
  const labels = truth.map((label, row) => (wrong.includes(row) ? 0 : label));
  const space = await labelSpace({ rows: photos, columns: width, data }, 0, { openSession, threads: 1 });
  const input = {
    labels,
    classes: ['a', 'b'],
    groups: Int32Array.from(truth.keys()),
    ids: Array.from(truth, (_, row) => row.toString(16).padStart(64, '0')),
    seed: 0,
  };
  return { space, input, wrong };
}

test('right corrections gain on photos that were not in question; wrong ones cost', async () => {
  const { space, input, wrong } = await drawn();
  const right = gainOf(space, input, new Map(wrong.map((row) => [row, 1])), new Set(wrong));
  expect(right).toMatchObject({ changed: wrong.length, dropped: 0, tested: photos - wrong.length });
  expect(right?.gain.value).toBeGreaterThan(0);
  expect(right?.gain.low).toBeLessThan(right?.gain.value ?? 0);
  const clean = { ...input, labels: input.labels.map((_, row) => row % 2) };
  const others = [...clean.labels.keys()].filter((row) => clean.labels[row] === 1).slice(0, 60);
  const bad = gainOf(space, clean, new Map(others.map((row) => [row, 0])), new Set(others));
  expect(bad?.gain.value).toBeLessThan(0);
});

test('to leave the wrong ones out gains too; to change nothing is no correction', async () => {
  const { space, input, wrong } = await drawn();
  const dropped = gainOf(space, input, new Map(wrong.map((row) => [row, undefined])), new Set(wrong));
  expect(dropped).toMatchObject({ changed: 0, dropped: wrong.length });
  expect(dropped?.after).toBeGreaterThan(dropped?.before ?? 1);
  expect(gainOf(space, input, new Map(), new Set(wrong))).toBeNull();
  expect(gainOf(space, input, new Map([[0, 0]]), new Set([0]))).toBeNull();
});
