import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { learnedFrom } from '../../src/classifier/trainedPhotos.ts';
import { requireHeadName } from '../../src/heads/registry.ts';
import {
  editClassifier,
  loadClassifier,
  type PhotoClassifier,
  type PhotoEdits,
  predictPhotos,
} from '../../src/index.ts';
import { readModel } from '../../src/onnx/read.ts';
import { storedFloats } from '../../src/onnx/storedFloats.ts';
import { editResult } from '../../src/results/editResult.ts';
import { drawImageSet } from '../drawn.ts';
import { tinyNetworkFile } from '../tinyNetwork.ts';
import { drawnFolder, drawnSet, trainDrawn } from '../trained.ts';

const backbone = tinyNetworkFile();
let folder: string;
let squares: string;

beforeAll(async () => {
  folder = await drawnFolder(16);
  rmSync(join(folder, drawnSet, 'square'), { recursive: true });
  await drawImageSet(join(folder, 'more'), 24);
  squares = join(folder, 'more/square');
});

describe.each(['knn', 'prototype'])('a classifier with the head %s', (head) => {
  const to = () => join(folder, head, 'edited.onnx');
  const edit = (edits: PhotoEdits, from = join(folder, head, 'classifier.onnx'), file = to()) =>
    editClassifier(from, edits, file);
  const few = () => ['0', '1', '2', '3', '4', '5'].map((name) => join(squares, `${name}.jpg`));

  /** Shares of the added photos that get their class, and that are known. */
  const answers = async (classifier: PhotoClassifier) => {
    const { predictions } = await predictPhotos(classifier, few());
    const share = (wanted: (answer: object) => boolean) => predictions.filter(wanted).length / predictions.length;
    return {
      named: share((answer) => 'label' in answer && answer.label === 'square'),
      known: share((answer) => 'isKnown' in answer && answer.isKnown === true),
    };
  };

  beforeAll(() => trainDrawn(folder, { backbone, head: requireHeadName(head), out: join(folder, head) }));

  test('a class is added by its photos alone: they are named by it and known, and the file proves itself', async () => {
    const result = await edit({ add: new Map([['square', few()]]) });
    expect(editResult.strict().parse(result)).toEqual(result);
    expect(result.labels).toEqual(['circle', 'cross', 'square']);
    expect(result.added).toEqual([
      { label: 'square', isNew: true, photos: 6, alreadyLearned: 0, unknownAtMost: 1 / 7 },
    ]);
    const classifier = await loadClassifier(to());
    expect((await classifier.verify()).passed).toBe(true);
    expect(classifier.card.training.classes).toContainEqual({ label: 'square', count: 6 });
    const learned = learnedFrom(classifier.card.training.photos);
    const isLearned = (file: string) => learned(createHash('sha256').update(readFileSync(file)).digest('hex'));
    expect(few().every(isLearned)).toBe(true);
    expect(isLearned(join(squares, '7.jpg'))).toBe(false);
    expect(Array.from({ length: 16 }, (_, i) => join(folder, drawnSet, `cross/${i}.jpg`)).some(isLearned)).toBe(true);
    expect(classifier.card.evaluation.method).toContain('before its classes were edited');
    expect(await answers(classifier)).toEqual({ named: expect.closeTo(1, 0), known: 1 });
    await classifier.release();
  });

  test('more photos of a class go to it, and edits follow one another', async () => {
    await edit({ add: new Map([['square', few()]]) });
    const more = await edit({ add: new Map([['square', [join(squares, '7.jpg')]]]) }, to());
    expect(more.added).toEqual([{ label: 'square', isNew: false, photos: 1, alreadyLearned: 0, unknownAtMost: 1 }]);
    const last = await edit({ merge: [{ labels: ['circle', 'square'], into: 'shape' }] }, to());
    expect(last.labels).toEqual(['shape', 'cross']);
    const classifier = await loadClassifier(to());
    expect(classifier.card.training.classes).toEqual([
      { label: 'shape', count: 23 },
      { label: 'cross', count: 16 },
    ]);
    expect(await answers(classifier)).toMatchObject({ known: 1 });
    await classifier.release();
  });

  test('what is added and removed again leaves the answers of before', async () => {
    await edit({ add: new Map([['square', few()]]) });
    const { removed } = await edit({ remove: ['square'] }, to());
    expect(removed).toEqual({
      labels: ['square'],
      note: expect.stringContaining(`the ${head} head forgets the class`),
    });
    const photo = join(folder, drawnSet, 'cross/3.jpg');
    const probabilities = [];
    for (const file of [join(folder, head, 'classifier.onnx'), to()]) {
      const classifier = await loadClassifier(file);
      probabilities.push((await classifier.predict(photo)).classes[0].probability);
      await classifier.release();
    }
    expect(probabilities[1]).toBeCloseTo(probabilities[0], 5);
  });
});

test('a file may be edited as often as one likes', async () => {
  const to = join(folder, 'often.onnx');
  await editClassifier(join(folder, 'knn/classifier.onnx'), { rename: new Map([['cross', 'a0']]) }, to);
  for (let i = 0; i < 4; i++) {
    const { labels } = await editClassifier(to, { rename: new Map([[`a${i}`, `a${i + 1}`]]) }, to);
    expect(labels).toEqual(['circle', `a${i + 1}`]);
  }
});

test('equal photos count once, until their class is forgotten', async () => {
  const [from, to] = [join(folder, 'knn/classifier.onnx'), join(folder, 'knn/twice.onnx')];
  const copy = join(folder, 'copy.jpg');
  copyFileSync(join(squares, '3.jpg'), copy);
  const add = async (label: string, paths: string[], file = to) => {
    const { added } = await editClassifier(file, { add: new Map([[label, paths]]) }, to);
    const classifier = await loadClassifier(to);
    await classifier.release();
    const count = classifier.card.training.classes.find((one) => one.label === label)?.count;
    return { photos: added[0].photos, alreadyLearned: added[0].alreadyLearned, count };
  };
  expect(await add('square', [squares, copy], from)).toEqual({ photos: 24, alreadyLearned: 1, count: 24 });
  expect(await add('square', [squares])).toEqual({ photos: 0, alreadyLearned: 24, count: 24 });
  await expect(add('block', [copy])).rejects.toMatchObject({ code: 'USAGE', what: expect.stringContaining('block') });
  await editClassifier(to, { remove: ['square'] }, to);
  expect(await add('square', [squares])).toEqual({ photos: 24, alreadyLearned: 0, count: 24 });
  const back = { remove: ['square'], add: new Map([['square', [copy]]]) };
  expect((await editClassifier(to, back, to)).added[0]).toMatchObject({ photos: 1, isNew: true });
});

test('a class that is taken out of a knn head leaves none of its photos in the file', async () => {
  const rows = (file: string) => {
    const [directions] = storedFloats(readModel(readFileSync(file), file).graph)('knn_directions');
    return directions.dims[0];
  };
  const [from, to] = [join(folder, 'knn/classifier.onnx'), join(folder, 'knn/grown.onnx')];
  await editClassifier(from, { add: new Map([['square', [squares]]]) }, to);
  expect(rows(to)).toBe(rows(from) + 24);
  await editClassifier(to, { remove: ['square'] }, to);
  expect(rows(to)).toBe(rows(from));
});

test('mistakes are told', async () => {
  const from = join(folder, 'knn/classifier.onnx');
  const add = (path: string, file = from) =>
    editClassifier(file, { add: new Map([['square', [path]]]) }, join(folder, 'x.onnx'));
  mkdirSync(join(folder, 'empty'));
  writeFileSync(join(folder, 'broken.jpg'), 'no photo');
  await expect(add(join(folder, 'empty'))).rejects.toMatchObject({ code: 'NO_IMAGES' });
  await expect(add(join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(add(join(folder, 'broken.jpg'))).rejects.toMatchObject({ code: 'ALL_IMAGES_FAILED' });
  await trainDrawn(folder, { backbone });
  await expect(add(squares, join(folder, 'out/classifier.onnx'))).rejects.toMatchObject({
    code: 'USAGE',
    hint: expect.stringContaining('--compare-with'),
  });
  writeFileSync(join(squares, 'broken.jpg'), 'no photo');
  const { added, failed } = await add(squares);
  rmSync(join(squares, 'broken.jpg'));
  expect(added[0].photos).toBe(24);
  expect(failed.map(({ path }) => path)).toEqual([join(squares, 'broken.jpg')]);
});
