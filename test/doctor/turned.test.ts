import { expect, test } from 'vitest';
import { learnDirections, lyingOf, oddsOnce, turnedOdds } from '../../src/doctor/turned.ts';
import { Random } from '../../src/numerics/random.ts';
import { openSession } from '../../src/runtime/platform.node.ts';

const context = { openSession, threads: 1 };
const width = 12;
const photos = 120;

/** Features of photos in four directions, by what each lies like; a photo of turn h, turned by t more, lies at h + t. */
function drawn(turns: readonly number[], seed: string) {
  const random = new Random(seed);
  const own = turns.map(() => Array.from({ length: width }, () => random.normal()));
  const data = new Float32Array(4 * turns.length * width);
  for (let t = 0; t < 4; t++)
    for (const [photo, turn] of turns.entries())
      for (let d = 0; d < width; d++)
        data[(t * turns.length + photo) * width + d] =
          (own[photo]?.[d] ?? 0) + 0.5 * random.normal() + (d === (turn + t) % 4 ? 2.5 : 0);
  return { rows: 4 * turns.length, columns: width, data };
}

test('photos that lie turned among upright ones are found, and which way', async () => {
  const turns = Array.from({ length: photos }, (_, i) => (i === 5 ? 1 : i === 60 ? 2 : i === 99 ? 3 : 0));
  const model = await learnDirections(drawn(turns, 'learned'), 0, context);
  const lying = lyingOf(model.learned);
  const first = [...lying.keys()].sort((a, b) => (lying[b]?.odds ?? 0) - (lying[a]?.odds ?? 0)).slice(0, 3);
  expect(new Map(first.map((row) => [row, lying[row]?.turn]))).toEqual(
    new Map([
      [5, 90],
      [60, 180],
      [99, 270],
    ] as const),
  );
  for (const row of first) expect(lying[row]?.odds).toBeGreaterThan(3);
});

test('photos that it was not learned from are judged by one look, and by four', async () => {
  const model = await learnDirections(drawn(new Array(photos).fill(0), 'learned'), 0, context);
  const turns = [0, 0, 1, 0, 2];
  const others = drawn(turns, 'others');
  const lying = lyingOf(await model.four(others));
  expect(turns.map((turn, row) => (lying[row]?.odds ?? 0) > 3 === turn > 0)).toEqual([true, true, true, true, true]);
  expect(lying[2]?.turn).toBe(90);
  expect(lying[4]?.turn).toBe(180);
  const { columns, data } = others;
  const first = { rows: turns.length, columns, data: data.subarray(0, turns.length * columns) };
  const once = oddsOnce(await model.once(first));
  expect(Math.max(once[0] ?? 9, once[1] ?? 9, once[3] ?? 9)).toBeLessThan(Math.min(once[2] ?? 0, once[4] ?? 0));
});

test('the limit lies above nearly all photos, and some that lie turned do not move it', () => {
  const random = new Random('limit');
  const lying = (odds: number) => ({ turn: 90 as const, odds });
  const upright = Array.from({ length: 500 }, () => lying(4 * random.normal() + 1));
  const limit = turnedOdds(upright);
  expect(limit).toBeGreaterThan(9.5);
  expect(limit).toBeLessThan(13);
  expect(turnedOdds([...upright, ...new Array(25).fill(lying(40))])).toBeLessThan(limit + 1);
  expect(turnedOdds(new Array(100).fill(lying(-9)))).toBe(8);
});
