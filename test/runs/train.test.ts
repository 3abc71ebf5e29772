import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Card, cardFromMetadata } from '../../src/classifier/card.ts';
import { learnedFrom } from '../../src/classifier/trainedPhotos.ts';
import { memoryStore } from '../../src/features/memoryStore.ts';
import { rowsIn } from '../../src/features/rowFile.node.ts';
import { heads, requireHeadName } from '../../src/heads/registry.ts';
import { readModel } from '../../src/onnx/read.ts';
import { writeModel } from '../../src/onnx/write.ts';
import type { LabelsResult, TrainResult } from '../../src/results/trainResult.ts';
import type { TrainOptions } from '../../src/runs/options.ts';
import { runStudy } from '../../src/runs/study.ts';
import { sha } from '../features/fakePlatform.ts';
import {
  copied,
  drawnPhotos,
  type MemoryOptions,
  type MemoryPhoto,
  type MemoryPlatform,
  memoryPlatform,
  normals,
  trainInMemory,
  trainOneClassInMemory,
} from '../memoryPlatform.ts';

interface Trained<Result> {
  readonly result: Result;
  readonly card: Card;
  readonly platform: MemoryPlatform;
  /** Paths of the photos that the file says it learned from. */
  readonly learned: readonly string[];
}

/** Trains, and reads the file that came out. */
async function trained(
  photos: readonly MemoryPhoto[],
  options: Partial<TrainOptions> = {},
  where: MemoryOptions = {},
): Promise<Trained<TrainResult>> {
  const platform = memoryPlatform(photos, where);
  const result = await trainInMemory(platform, options);
  if (result.task !== 'single-label') throw new TypeError('each photo has one label here');
  return { result, platform, ...fileOf(platform, photos) };
}

async function trainedLabels(
  photos: readonly MemoryPhoto[],
  options: Partial<TrainOptions> = {},
): Promise<Trained<LabelsResult>> {
  const platform = memoryPlatform(photos);
  const result = await trainInMemory(platform, options);
  if (result.task !== 'multi-label') throw new TypeError('photos have several labels here');
  return { result, platform, ...fileOf(platform, photos) };
}

function fileOf({ written }: MemoryPlatform, photos: readonly MemoryPhoto[]) {
  const bytes = written.get('out/classifier.onnx');
  if (!(bytes instanceof Uint8Array)) throw new TypeError('no file was written');
  const card = cardFromMetadata(readModel(bytes, 'out').metadata, 'out');
  const knows = learnedFrom(card.training.photos);
  return { card, learned: photos.map(({ path }) => path).filter((path) => knows(sha(path))) };
}

const judgedIn = ({ evaluation }: TrainResult | LabelsResult) => evaluation.photos.map(({ path }) => path);
const pathsOf = (photos: readonly MemoryPhoto[]) => photos.map(({ path }) => path);
const widthOf = ({ evaluation: { accuracy } }: TrainResult) => accuracy.high - accuracy.low;

/** Photos with a label of their class, and of every third a second one. */
function severalLabels(count: number): MemoryPhoto[] {
  return drawnPhotos(count).map((photo, i) => (i % 9 < 3 ? { ...photo, labels: [...photo.labels, 'many'] } : photo));
}

/** With a part of their own to test on, so that all is fitted once: where how they are judged is not the point. */
function withTest(photos: readonly MemoryPhoto[]): MemoryPhoto[] {
  return photos.map((photo, i) => ({ ...photo, split: i % 4 === 0 ? 'test' : 'train' }));
}

describe('what the file says it learned from, and what the figures are of', () => {
  const photos = drawnPhotos(120);
  const held = photos.map((photo, i): MemoryPhoto => ({ ...photo, split: i % 5 === 0 ? 'test' : 'train' }));

  test('a part that is held out is judged and not learned; with refit it is learned, and judged by the head that had not', async () => {
    const { result, learned } = await trained(held);
    const judged = judgedIn(result);
    expect(result.split.kind).toBe('holdout');
    expect(judged.length).toBe(result.split.test);
    expect([...judged, ...learned].sort()).toEqual(pathsOf(photos).sort());
    const refitted = await trained(held, { refit: true });
    expect(refitted.learned).toEqual(pathsOf(photos));
    expect(refitted.result.split.file).toBe('refitted');
    expect(refitted.result.evaluation).toEqual(result.evaluation);
  });

  test('with folds every photo is judged, and the file learned from all', async () => {
    const { result, learned } = await trained(photos, { folds: 4 });
    expect(result.split).toMatchObject({ kind: 'folds', folds: 4, file: 'refitted' });
    expect(judgedIn(result).sort()).toEqual(pathsOf(photos).sort());
    expect(learned).toEqual(pathsOf(photos));
  });

  test("the user's own split is kept", async () => {
    const given = photos.map((photo, i): MemoryPhoto => ({ ...photo, split: i % 5 < 2 ? 'test' : 'train' }));
    const { result, learned } = await trained(given);
    expect(judgedIn(result).sort()).toEqual(pathsOf(given.filter(({ split }) => split === 'test')).sort());
    expect(learned).toEqual(pathsOf(given.filter(({ split }) => split === 'train')));
  });

  test('several labels: likewise', async () => {
    const several = severalLabels(120).map((photo, i): MemoryPhoto => ({ ...photo, split: held[i].split ?? 'train' }));
    const { result, card, learned } = await trainedLabels(several);
    expect(card).toMatchObject({ task: 'multi-label', labels: ['a', 'b', 'c', 'many'] });
    expect([...judgedIn(result), ...learned].sort()).toEqual(pathsOf(several).sort());
  });

  test('one class: of the normal photos alone, the others judge', async () => {
    const set = drawnPhotos(60, { classes: ['good', 'good', 'good', 'dent'], apart: 2 });
    const platform = memoryPlatform(set);
    const result = await trainOneClassInMemory(platform, { normal: 'good' });
    const { card, learned } = fileOf(platform, set);
    const good = set.filter(({ labels: [label] }) => label === 'good');
    expect(card).toMatchObject({ task: 'one-class', training: { normal: good.length } });
    expect(learned).toEqual(pathsOf(good));
    expect(result.photos.map(({ path }) => path).sort()).toEqual(pathsOf(set).sort());
    expect(result.evaluation.detection?.perKind).toMatchObject([{ label: 'dent', count: 15 }]);
  });
});

describe("the set's own split", () => {
  test('one class: its test part alone is judged by, and none of it is learned', async () => {
    const set = drawnPhotos(120, { classes: ['good', 'good', 'good', 'dent'], apart: 2 }).map(
      (photo, i): MemoryPhoto => ({ ...photo, split: photo.labels[0] === 'dent' || i % 4 === 0 ? 'test' : 'train' }),
    );
    const platform = memoryPlatform(set);
    const result = await trainOneClassInMemory(platform, {});
    const { card, learned } = fileOf(platform, set);
    const tested = set.filter(({ split }) => split === 'test');
    const trainedOn = set.filter(({ split }) => split === 'train');
    expect(result.normal).toMatchObject({ label: 'good', count: trainedOn.length });
    expect(learned).toEqual(pathsOf(trainedOn));
    expect(card).toMatchObject({ training: { normal: trainedOn.length } });
    expect(result.photos.map(({ path }) => path).sort()).toEqual(pathsOf(tested).sort());
    expect(result.split).toMatchObject({ train: trainedOn.length, test: tested.length, leaks: 0 });
    expect(result.evaluation.method).toContain(`trained on ${trainedOn.length} normal photos, tested on the test part`);
    expect(new Set(result.photos.map(({ line }) => line))).toEqual(new Set([result.threshold.value]));
  });

  test('one class: a photo that is nearly in both parts is told', async () => {
    const set = drawnPhotos(40, { classes: ['good', 'good', 'dent'], apart: 2 }).map(
      (photo, i): MemoryPhoto => ({ ...photo, split: photo.labels[0] === 'dent' || i % 3 === 0 ? 'test' : 'train' }),
    );
    const twin = { ...set[0], path: 'twin.jpg', content: set[0].path, split: 'train' as const };
    const result = await trainOneClassInMemory(memoryPlatform([...set, twin]), {});
    expect(result.split?.leaks).toBeGreaterThan(0);
    expect(result.split?.reason).toContain('--ignore-split');
  });
});

describe('classes of too few photos', () => {
  const photos = drawnPhotos(60);
  const rare = { ...photos[0], path: 'rare/1.jpg', labels: ['rare'] };
  const same = [1, 2, 3].map((i) => ({ ...photos[1], path: `same/${i}.jpg`, labels: ['same'], content: 'same' }));

  test('are named before any photo is looked at', async () => {
    const platform = memoryPlatform([...photos, rare]);
    await expect(trainInMemory(platform, {})).rejects.toMatchObject({
      code: 'TOO_FEW_IMAGES',
      what: expect.stringContaining("have one: 'rare'".replace('have', 'has')),
      hint: expect.stringContaining('`minPhotos: 2` leaves it out'),
    });
    expect(platform.computed).toEqual([]);
  });

  test('are left out, counting equal photos once, and told', async () => {
    const told: string[] = [];
    const understood: string[] = [];
    const { result } = await trained([...photos, rare, ...same], {
      minPhotos: 2,
      folds: 3,
      onWarning: (text) => told.push(text),
      onUnderstood: (text) => understood.push(text),
    });
    const labels = result.classes.map(({ label }) => label);
    expect(labels).not.toContain('rare');
    expect(labels).not.toContain('same');
    expect(told[0]).toContain("1 photo of 'rare'");
    expect(told[1]).toContain("3 photos of 'same'");
    expect(understood[0]).toContain('same (3)');
    expect(understood[1]).not.toContain('same');
  });
});

describe('groups', () => {
  const pictures = drawnPhotos(60, { apart: 0.5 });
  const photos = copied(pictures, 5);
  const groupOf = new Map(photos.map(({ path, group }) => [path, group]));

  test('are not divided between what is learned and what is judged', async () => {
    const { result, learned } = await trained(photos, { head: 'prototype' });
    const judged = new Set(judgedIn(result).map((path) => groupOf.get(path)));
    if (result.split.kind === 'holdout') expect(learned.filter((path) => judged.has(groupOf.get(path)))).toEqual([]);
    else expect(learned).toEqual(pathsOf(photos));
  });

  test.each(['holdout', 'folds'])('count once in the interval of the accuracy, with a %s', async (kind) => {
    const sided = (set: readonly MemoryPhoto[], times: number) =>
      kind === 'folds'
        ? set
        : set.map((photo, i): MemoryPhoto => ({ ...photo, split: Math.floor(i / times) % 2 ? 'test' : 'train' }));
    const options = kind === 'folds' ? { folds: 3 } : {};
    const alone = await trained(sided(pictures, 1), options);
    const many = await trained(sided(photos, 5), options);
    expect(many.result.evaluation.accuracy.value).toBeCloseTo(alone.result.evaluation.accuracy.value, 0);
    // Five times the photos, were they separate, would make it less than half as wide.
    expect(widthOf(many.result)).toBeGreaterThan(0.65 * widthOf(alone.result));
  });

  test('several labels: count once in its interval, too', async () => {
    const several = severalLabels(60).map((photo, i): MemoryPhoto => ({ ...photo, split: i % 2 ? 'test' : 'train' }));
    const alone = await trainedLabels(several);
    const many = await trainedLabels(copied(several, 5));
    const width = ({ evaluation: { exactMatch: accuracy } }: LabelsResult) => accuracy.high - accuracy.low;
    expect(width(many.result)).toBeGreaterThan(0.65 * width(alone.result));
  });
});

test('a second run computes nothing anew and comes to the same', async () => {
  const photos = withTest(drawnPhotos(60));
  const store = memoryStore();
  const first = await trained(photos, {}, { store });
  const second = await trained(photos, {}, { store });
  expect(first.platform.computed.length).toBe(60);
  expect(second.platform.computed).toEqual([]);
  expect(second.result.images).toMatchObject({ cached: 60, computed: 0 });
  expect(second.result.evaluation).toEqual(first.result.evaluation);
  expect(second.platform.written.get('out/classifier.onnx')).toEqual(first.platform.written.get('out/classifier.onnx'));
});

describe('photos of other names give the same file', () => {
  /** The same photos, in another order by their names. */
  const renamed = (photos: readonly MemoryPhoto[]) =>
    photos.map((photo, i) => ({ ...photo, path: `${photo.labels[0]}/${1000 - i}.jpg`, content: photo.path }));
  const fileFrom = async (photos: readonly MemoryPhoto[], options: Partial<TrainOptions>) => {
    const platform = memoryPlatform(photos);
    const { evaluation } = await trainInMemory(platform, options);
    return { file: platform.written.get('out/classifier.onnx'), logLoss: evaluation.logLoss };
  };

  test.each([
    ['softmax', drawnPhotos(48)],
    ['mlp', drawnPhotos(48)],
    ['knn', copied(drawnPhotos(24), 2)],
    ['sigmoid', severalLabels(48)],
  ])('%s', async (name, photos) => {
    const head = requireHeadName(name);
    const options = { head, folds: 2 };
    expect(await fileFrom(renamed(photos), options)).toEqual(await fileFrom(photos, options));
  });

  test('one class', async () => {
    const photos = drawnPhotos(60, { classes: ['good', 'bad'] });
    const [first, second] = [photos, renamed(photos)].map((each) => memoryPlatform(each));
    for (const platform of [first, second]) await trainOneClassInMemory(platform, { normal: 'good' });
    expect(second.written.get('out/classifier.onnx')).toEqual(first.written.get('out/classifier.onnx'));
  });
});

test('the command that does it again is asked with the seed that was used', async () => {
  const again = (seed: number) => `again with ${seed}`;
  const photos = withTest(drawnPhotos(48));
  const { result } = await trained(photos, { seed: 7, again });
  expect(result.again).toBe('again with 7');
  expect((await trained(photos)).result.again).toBeUndefined();
});

test('views are computed for each photo, learned with it, and compared with doing without', async () => {
  const photos = drawnPhotos(60);
  const { result, card, platform } = await trained(photos, { views: { count: 2 }, folds: 2 });
  expect(platform.computed.filter((path) => path.endsWith('in view 2')).length).toBe(60);
  expect(result.views).toMatchObject({ count: 2, computed: 120 });
  expect(card.training).toMatchObject({ views: { count: 2 } });
  expect(judgedIn(result).length).toBe(60);
});

test('a bottleneck of a given width, or of one that is found', async () => {
  const photos = withTest(drawnPhotos(48, { width: 6 }));
  const fixed = await trained(photos, { bottleneck: 4 });
  expect(JSON.stringify(fixed.result.head)).toContain('4');
  const found = await trained(photos, { bottleneck: 'auto' });
  expect(found.result.widths?.widths.map(({ width }) => width)).toEqual([1, 2, 4, 6]);
  await expect(trained(photos, { bottleneck: 7 })).rejects.toMatchObject({ code: 'USAGE' });
});

test.each(heads.map(({ name }) => name))('head %s is trained, judged, written and proves itself', async (name) => {
  const photos = withTest(drawnPhotos(60, { width: 6, apart: 2 }));
  const { result, card } = await trained(photos, { head: requireHeadName(name) });
  expect(result.head.name).toBe(name);
  expect(card.head.name).toBe(name);
  expect(result.evaluation.accuracy.value).toBeGreaterThan(0.6);
});

test('the head that is taken among all is that of the file', async () => {
  const { result, card } = await trained(withTest(drawnPhotos(48, { width: 6 })), { head: 'auto' });
  const names = result.leaderboard?.heads.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['prototype', 'knn', 'softmax', 'svm-rbf', 'mlp']));
  expect(result.leaderboard?.chosen).toBe(card.head.name);
  expect(result.head.name).toBe(card.head.name);
  await expect(trained(drawnPhotos(60), { budget: 3 })).rejects.toMatchObject({ code: 'USAGE' });
});

describe('what changed since an earlier classifier', () => {
  const photos = drawnPhotos(120, { apart: 0.6 });
  const early = photos.slice(0, 90);
  /** Of each set, trained once. */
  const files = new Map<readonly MemoryPhoto[], Uint8Array | string>();

  /** A run, and one on the given photos that is compared with it. */
  async function comparedWith(set: readonly MemoryPhoto[], first: readonly MemoryPhoto[] = early) {
    const before =
      files.get(first) ?? (await trained(first, { folds: 3 })).platform.written.get('out/classifier.onnx') ?? '';
    files.set(first, before);
    const platform = memoryPlatform(set);
    platform.written.set('before.onnx', before);
    const result = await trainInMemory(platform, { compareWith: 'before.onnx', backbone: 'tiny.onnx', folds: 3 });
    if (result.task !== 'single-label' || !result.changes) throw new TypeError('a comparison was asked for');
    return { result, changes: result.changes };
  }

  test('the photos that it had are known by their content, and compared on all', async () => {
    const { changes } = await comparedWith(photos);
    expect(changes).toMatchObject({ known: 90, added: [], removed: [] });
    expect(changes.compared?.photos).toBe(120);
    expect(changes.compared?.before).toBeGreaterThan(0.5);
  });

  test('a head that was named is taken again; one that auto chose is chosen anew, whatever it was', async () => {
    // So little time leaves the first head alone to choose from, and no part of a second passes with others.
    const few = photos.slice(0, 48);
    const auto = { head: 'auto', budget: 1e-6, folds: 2 } as const;
    const { card, platform } = await trained(few, auto);
    expect(card.head).toMatchObject({ name: 'prototype', chosenBy: 'auto' });
    const file = platform.written.get('out/classifier.onnx');
    if (!(file instanceof Uint8Array)) throw new TypeError('no file was written');
    const model = readModel(file, 'out');
    const from = async (head: object) => {
      const metadata = new Map([...model.metadata, ['carafe.head', JSON.stringify({ settings: {}, ...head })]]);
      const next = memoryPlatform(few);
      next.written.set('before.onnx', writeModel({ ...model, metadata }));
      const { budget } = 'chosenBy' in head ? auto : { budget: undefined };
      const result = await trainInMemory(next, { compareWith: 'before.onnx', backbone: 'tiny.onnx', folds: 2, budget });
      if (result.task !== 'single-label') throw new TypeError('each photo has one label here');
      return { changes: result.changes, leaderboard: result.leaderboard?.chosen, head: result.head };
    };
    const anew = await from({ name: 'prototype', chosenBy: 'auto' });
    expect(anew).toMatchObject({ changes: { head: 'auto' }, leaderboard: 'prototype', head: { name: 'prototype' } });
    expect(await from({ name: 'knn', chosenBy: 'auto' })).toEqual(anew);
    const named = await from({ name: 'knn' });
    expect(named).toMatchObject({ changes: { head: 'knn' }, head: { name: 'knn' } });
    expect(named.leaderboard).toBeUndefined();
  });

  test('classes that came and went', async () => {
    const { changes } = await comparedWith([
      ...early.filter(({ labels: [label] }) => label !== 'c'),
      ...drawnPhotos(30, { classes: ['d'] }),
    ]);
    expect(changes).toMatchObject({ known: 60, added: ['d'], removed: ['c'] });
    expect(changes.compared?.photos).toBe(60);
  });

  test('where hardly any of its photos are there, it says so in place of a comparison', async () => {
    const { changes } = await comparedWith(photos.slice(75));
    expect(changes.known).toBe(15);
    expect(changes.compared).toBeUndefined();
    expect(changes.notCompared).toMatch(/too few/);
  });
});

test('an event file grows from the first line on', async () => {
  const { platform, result } = await trained(withTest(drawnPhotos(60)), { tensorboard: 'runs' });
  expect(result.files.tensorboard).toMatch(/^runs\//);
  const file = platform.written.get(result.files.tensorboard ?? '');
  expect(file).toBeInstanceOf(Uint8Array);
  expect(file?.length).toBeGreaterThan(500);
});

test('a run that fails has written nothing', async () => {
  const cases: [Partial<TrainOptions>, readonly MemoryPhoto[], string][] = [
    [{}, drawnPhotos(30, { classes: ['a'] }), 'TOO_FEW_CLASSES'],
    // @ts-expect-error a name that is none does not compile
    [{ head: 'no such head' }, drawnPhotos(30), 'USAGE'],
    [{ folds: 1 }, drawnPhotos(30), 'USAGE'],
    [{}, copied(drawnPhotos(3), 4), 'TOO_FEW_IMAGES'],
    [{ balance: true }, severalLabels(60), 'USAGE'],
    [{ signal: AbortSignal.abort() }, drawnPhotos(30), 'INTERRUPTED'],
  ];
  for (const [options, photos, code] of cases) {
    const platform = memoryPlatform(photos);
    await expect(trainInMemory(platform, options)).rejects.toMatchObject({ code });
    expect([...platform.written.keys()]).toEqual([]);
  }
});

test('a study goes its whole way', async () => {
  const platform = memoryPlatform(drawnPhotos(18, { width: 4 }));
  const options = { out: 'out', depth: 'quick', margin: 0.01, threads: 1 } as const;
  const result = await runStudy('photos', options, platform);
  expect(result.points.filter(({ kind }) => kind === 'all').length).toBeGreaterThan(0);
  expect(result.files.pictures.every((path) => platform.written.has(path))).toBe(true);
  expect(String(platform.written.get('out/study.html'))).toContain('</html>');
});

test('photos of one picture under two labels, and features that are all equal, come to an end', async () => {
  const same = drawnPhotos(60).map((photo): MemoryPhoto => ({ ...photo, features: normals('one', 12) }));
  const { result } = await trained(same, { folds: 3 });
  expect(result.evaluation.accuracy.value).toBeLessThan(0.6);
});

test('features in a file are trained on as those in memory, to the last figure', async () => {
  const photos = withTest(drawnPhotos(60));
  const folder = mkdtempSync(join(tmpdir(), 'carafe-test-'));
  try {
    const [here, there] = [memoryPlatform(photos), memoryPlatform(photos)];
    const { seconds: _, ...expected } = await trainInMemory(here);
    const { seconds: _s, ...found } = await trainInMemory({ ...there, openRows: rowsIn(folder, 0) });
    expect(found).toEqual(expected);
    expect(there.written.get('out/classifier.onnx')).toEqual(here.written.get('out/classifier.onnx'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
