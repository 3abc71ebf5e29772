import { afterAll, beforeAll, expect, test } from 'vitest';
import { extractionModel } from '../../src/features/network.ts';
import { Random } from '../../src/numerics/random.ts';
import { openSession } from '../../src/runtime/platform.node.ts';
import { expectTensor, type Pixels } from '../../src/runtime/platform.ts';
import { type Learned, Learner } from '../../src/studio/learner.ts';
import { tinyBackbone } from '../features/tinyBackbone.ts';

const backbone = tinyBackbone();
const colours = { red: [200, 40, 40], green: [40, 190, 60], blue: [40, 60, 210] } as const;
let photos: Learned[];

/** A noisy surface. */
function drawn([r, g, b]: readonly number[], seed: string): Pixels {
  const random = new Random(seed);
  const data = Uint8Array.from({ length: 32 * 32 * 3 }, (_, at) =>
    Math.max(0, Math.min(255, [r, g, b][at % 3] + 20 * random.normal())),
  );
  return { width: 32, height: 32, data };
}

beforeAll(async () => {
  const session = await openSession(extractionModel(backbone));
  photos = [];
  for (const [label, colour] of Object.entries(colours))
    for (let i = 0; i < 12; i++) {
      const { data } = drawn(colour, `${label} ${i}`);
      const { features } = await session.run({ image: { type: 'uint8', dims: [1, 32, 32, 3], data } });
      photos.push({ path: `${label}/${i}.png`, labels: [label], features: expectTensor(features, 'float32').data });
    }
  await session.release();
});

const network = await openSession(extractionModel(backbone, { spatial: true }));
const learner = new Learner(backbone, openSession, network);
afterAll(async () => {
  await learner.release();
  await network.release();
});

test('it answers with the class, its probabilities and the photos most alike', async () => {
  expect(await learner.answer(drawn(colours.red, 'new'), { heatmap: false })).toBeUndefined();
  await learner.fit(photos);
  for (const [label, colour] of Object.entries(colours)) {
    const answer = await learner.answer(drawn(colour, `new ${label}`), { heatmap: false });
    expect(answer?.classes[0].label).toBe(label);
    expect(answer?.classes.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 5);
    expect(answer?.nearest.map(({ path }) => path.split('/')[0])).toEqual(Array(5).fill(label));
    expect(answer?.nearest.map(({ similarity }) => similarity)).toEqual(
      answer?.nearest.map(({ similarity }) => similarity).toSorted((a, b) => b - a),
    );
  }
});

test('a photo that it learned from is known, and is its own nearest', async () => {
  await learner.fit(photos);
  const answer = await learner.answer(drawn(colours.blue, 'blue 3'), { heatmap: false });
  expect(answer).toMatchObject({ label: 'blue', known: true });
  expect(answer?.nearest[0].path).toBe('blue/3.png');
  expect(answer?.nearest[0].similarity).toBeCloseTo(1, 5);
});

test('what resembles none of the classes is unknown, whatever its probabilities are', async () => {
  await learner.fit(photos.filter(({ labels }) => labels[0] !== 'blue'));
  const strange = await Promise.all(
    Array.from({ length: 10 }, (_, i) => learner.answer(drawn(colours.blue, `strange ${i}`), { heatmap: false })),
  );
  expect(strange.map((answer) => answer?.known)).toEqual(Array(10).fill(false));
  expect(strange.map((answer) => answer?.label)).toEqual(Array(10).fill(undefined));
});

test('with one class it forgets, and says so', async () => {
  await learner.fit(photos);
  expect(learner.learned).toBeGreaterThan(0);
  await learner.fit(photos.filter(({ labels }) => labels[0] === 'red'));
  expect(learner.learned).toBe(0);
  expect(await learner.answer(drawn(colours.red, 'new'), { heatmap: false })).toBeUndefined();
});

test('of several labels each is answered for itself, from its own threshold on', async () => {
  const several = photos.map((photo, i) => ({
    ...photo,
    labels: photo.labels[0] === 'blue' ? [] : [...photo.labels, ...(i % 2 ? ['odd'] : [])],
  }));
  await learner.fit(several);
  for (const [label, colour] of Object.entries(colours)) {
    const answer = await learner.answer(drawn(colour, `new ${label}`), { heatmap: true });
    expect(answer?.classes.map((each) => each.label)).toEqual(['green', 'odd', 'red']);
    const given = answer?.classes.filter(({ probability, threshold = 2 }) => probability >= threshold);
    for (const name of ['green', 'red']) expect(given?.some((each) => each.label === name)).toBe(name === label);
    expect(answer).toMatchObject({ label: undefined, known: true });
  }
  // What all photos have, or none, cannot be learned.
  await learner.fit(several.map((photo) => ({ ...photo, labels: ['a', 'b'] })));
  expect(learner.learned).toBe(0);
});

test('answers go on while it learns again, and what they run is not taken from under them', async () => {
  await learner.fit(photos);
  const answers = Array.from({ length: 20 }, (_, i) => learner.answer(drawn(colours.red, `${i}`), { heatmap: true }));
  await Promise.all([learner.fit(photos.slice(0, 30)), ...answers]);
  expect((await Promise.all(answers)).every((answer) => answer?.classes[0].label === 'red')).toBe(true);
});
