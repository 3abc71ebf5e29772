import { copyFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { heads } from '../../src/heads/registry.ts';
import { evaluateResult, predictResult, verifyResult } from '../../src/results/predictResult.ts';
import type { TrainResult } from '../../src/results/trainResult.ts';
import { trainResult } from '../../src/results/trainResult.ts';
import { drawImageSet } from '../drawn.ts';
import type { Ended } from './carafe.ts';
import { onTinyNetwork, temporaryFolder } from './carafe.ts';

/** Photos of each of the three classes, and of all. */
const perClass = 30;
const count = 3 * perClass;

/** Where figures are not the point, two folds, dealt as often as few photos ask for, tell as much as five. */
const twice = ['--folds', '2'];

const { carafe } = onTinyNetwork();
const folder = temporaryFolder();
const photos = join(folder, 'photos');
/** For what takes long and is no different with more: with a part of their own to test on, each is fitted once. */
const few = join(folder, 'few');
const cache = join(folder, 'cache');
const out = join(folder, 'out');
const classifier = join(out, 'classifier.onnx');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let first: Ended;
let result: TrainResult;

function json(ended: Ended): unknown {
  expect(ended.stdout.trim().split('\n')).toHaveLength(1);
  return JSON.parse(ended.stdout);
}

beforeAll(async () => {
  await drawImageSet(photos, perClass);
  await drawImageSet(join(few, 'train'), 8);
  await drawImageSet(join(few, 'test'), 4, 12);
  first = await carafe(['train', photos, '--out', out, '--json'], cache);
  result = trainResult.parse(json(first));
});

describe('train', () => {
  test('gives one object that fits its schema, and nothing that is not in it', () => {
    expect(first.code).toBe(0);
    expect(trainResult.strict().parse(json(first))).toEqual(json(first));
    expect(first.stderr).not.toMatch(/error|warning|Error/);
  });

  test('counts what it found and computed', () => {
    expect(result.images).toMatchObject({ found: count, cached: 0, computed: count, failed: [] });
    expect(result.classes).toEqual(['circle', 'cross', 'square'].map((label) => ({ label, count: perClass })));
  });

  test('does clearly better than chance, and says how sure it is', () => {
    const { value, low, high } = result.evaluation.accuracy;
    expect(value).toBeGreaterThan(0.5);
    expect(low).toBeLessThan(value);
    expect(high).toBeGreaterThanOrEqual(value);
  });

  test('a second run computes nothing, writes the same bytes and says so', async () => {
    const before = readFileSync(classifier);
    const again = await carafe(['train', photos, '--out', out], cache);
    expect(again).toMatchObject({ code: 0 });
    expect(again.stdout).toContain(`${count} images: ${count} cached, 0 computed, 0 failed`);
    expect(readFileSync(classifier).equals(before)).toBe(true);
  });

  test('views are computed once, gain is told with its interval, and distortions alone are refused', async () => {
    const set = join(folder, 'set');
    await drawImageSet(set, 12);
    const flags = ['--views', '2', '--flip', '--rotate', '5'];
    const words = ['train', set, '--out', join(folder, 'views'), ...flags, ...twice, '--json'];
    const one = trainResult.parse(json(await carafe(words, cache)));
    expect(one.images).toMatchObject({ cached: 36, computed: 0 });
    expect(one.views).toMatchObject({ count: 2, flip: true, rotate: 5, crop: 0, cached: 0, computed: 72 });
    const two = trainResult.parse(json(await carafe(words, cache)));
    expect(two.views).toMatchObject({ cached: 72, computed: 0, gain: one.views?.gain, p: one.views?.p });
    expect(two.again).toContain('--views 2 --flip --rotate 5');
    const circle = join(photos, 'circle', '1.jpg');
    const predict = ['predict', join(folder, 'views', 'classifier.onnx'), circle, '--top', '3', '--json'];
    const [once, averaged] = await Promise.all([
      carafe(predict, cache),
      carafe([...predict, '--average-views'], cache),
    ]);
    const classesOf = (ended: Ended) => {
      const [answer] = predictResult.parse(json(ended)).predictions;
      return 'classes' in answer ? answer.classes : [];
    };
    expect(classesOf(averaged).reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 4);
    expect(classesOf(averaged)).not.toEqual(classesOf(once));
    const without = await carafe(['predict', classifier, circle, '--average-views'], cache);
    expect(without).toMatchObject({ code: 2, stderr: expect.stringContaining('trained without views') });
    const refused = await carafe(['train', photos, '--out', join(folder, 'views'), '--flip', '--crop', '10%'], cache);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('--flip, --crop') });
  });

  test('says whether more photos would help', () => {
    const sizes = result.learningCurve?.points.map((point) => point.photos) ?? [];
    expect(sizes.length).toBeGreaterThanOrEqual(3);
    // So few are judged by folds: the largest part is what a fold leaves.
    expect(result.split.kind).toBe('folds');
    expect(sizes.at(-1)).toBe(Math.floor(count * (1 - 1 / (result.split.folds ?? 1))));
    expect(result.learningCurve?.expected.photos).toBe(2 * count);
  });

  test('ten new photos compute ten; a renamed photo costs nothing', async () => {
    const more = join(folder, 'more');
    mkdirSync(join(more, 'circle'), { recursive: true });
    await drawImageSet(more, perClass);
    await drawImageSet(join(folder, 'extra'), 10, perClass);
    for (let i = perClass; i < perClass + 10; i++)
      copyFileSync(join(folder, 'extra', 'cross', `${i}.jpg`), join(more, 'cross', `x${i}.jpg`));
    const { images } = trainResult.parse(
      json(await carafe(['train', more, '--out', join(folder, 'o2'), ...twice, '--json'], cache)),
    );
    expect(images).toMatchObject({ found: count + 10, cached: count, computed: 10 });
  });

  test('an earlier classifier is a start: only new photos are computed, and what changed is told', async () => {
    const two = join(folder, 'two');
    await drawImageSet(two, perClass);
    rmSync(join(two, 'square'), { recursive: true });
    const old = join(folder, 'old');
    await carafe(['train', two, '--out', old, '--head', 'svm', '--seed', '5', ...twice], cache);
    const words = [
      'train',
      photos,
      '--compare-with',
      join(old, 'classifier.onnx'),
      '--out',
      join(folder, 'new'),
      ...twice,
      '--json',
    ];
    const { head, split, changes, images } = trainResult.parse(json(await carafe(words, cache)));
    expect(images.computed).toBe(0);
    expect(head.name).toBe('svm');
    expect(split.seed).toBe(5);
    expect(changes).toMatchObject({ added: ['square'], removed: [], known: 2 * perClass });
    const { before = 0, after = 1, photos: compared = 0, flipped = [] } = changes?.compared ?? {};
    expect(before).toBeGreaterThan(0.5);
    // Trained on every photo that it is judged on, it would be right on all.
    expect(before).toBeLessThan(1);
    expect(Math.abs(after - before)).toBeLessThan(0.3);
    expect(compared).toBeGreaterThan(10);
    for (const flip of flipped) expect(flip.before).not.toEqual(flip.after);
    const report = readFileSync(join(folder, 'new', 'report.html'), 'utf8');
    expect(report).toContain('What changed?');
    const other = await carafe(['train', photos, '--compare-with', classifier, '--backbone', 'nowhere.onnx'], cache);
    expect(other.code).toBe(2);
  });

  test('--head auto compares heads within its budget, and says what it left out', async () => {
    const words = ['train', few, '--out', join(folder, 'auto'), '--head', 'auto', '--budget', '20s'];
    const { head, leaderboard, again } = trainResult.parse(json(await carafe([...words, '--json'], cache)));
    expect(leaderboard?.chosen).toBe(head.name);
    expect(leaderboard?.heads.length).toBeGreaterThanOrEqual(4);
    // Every head has its turn, as far as the budget reaches.
    const names = [...(leaderboard?.heads ?? []), ...(leaderboard?.leftOut ?? [])].map(({ name }) => name);
    expect(names.toSorted()).toEqual(heads.map(({ name }) => name).sort());
    for (const { reason } of leaderboard?.leftOut ?? []) expect(reason).toMatch(/budget/);
    expect(again).toContain('--head auto --budget 20s');
    const brief = await carafe(
      ['train', few, '--out', join(folder, 'auto'), '--head', 'auto', '--budget', '1s'],
      cache,
    );
    expect(brief.stdout).toMatch(/Heads, compared inside the training part/);
    const wrong = await carafe(['train', few, '--budget', 'soon', '--head', 'auto'], cache);
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('--budget soon') });
  });

  test('--bottleneck puts a narrow layer before the head, into the file and onto its card', async () => {
    const place = join(folder, 'narrow');
    const words = ['train', few, '--out', place, '--bottleneck', '6', '--json'];
    const { head, again } = trainResult.parse(json(await carafe(words, cache)));
    expect(head.settings.bottleneck).toBe(6);
    expect(again).toContain('--bottleneck 6');
    expect((await carafe(['verify', join(place, 'classifier.onnx')], cache)).code).toBe(0);
    const auto = await carafe(['train', few, '--out', place, '--bottleneck', 'auto', '--json'], cache);
    const { head: narrow, widths } = trainResult.parse(json(auto));
    expect(widths?.widths.map(({ width }) => width)).toEqual([1, 2, 4, 8, 16, 32, 48]);
    expect(narrow.settings.bottleneck ?? null).toBe(widths?.chosen);
    expect(readFileSync(join(place, 'report.html'), 'utf8')).toContain('How narrow a bottleneck?');
    const wide = await carafe(['train', few, '--out', place, '--bottleneck', '5000'], cache);
    expect(wide).toMatchObject({ code: 2, stderr: expect.stringContaining('only 48 numbers') });
    const conv = await carafe(['train', few, '--out', place, '--bottleneck', '5', '--head', 'conv'], cache);
    expect(conv).toMatchObject({ code: 2, stderr: expect.stringContaining('conv reads feature maps') });
  });

  test('an accuracy that is not reached ends with 3', async () => {
    const words = ['train', photos, '--out', join(folder, 'asserted'), ...twice, '--assert-accuracy'];
    const { code, stderr } = await carafe([...words, '0.999'], cache);
    expect(code).toBe(3);
    expect(stderr).toMatch(/--assert-accuracy 0.999: the lower end of the accuracy interval is \d/);
    expect((await carafe([...words, '10%'], cache)).code).toBe(0);
  });

  test('folds, balance and refit can be asked for', async () => {
    const ended = await carafe(
      ['train', photos, '--out', join(folder, 'o3'), '--folds', '4', '--balance', '--json'],
      cache,
    );
    const { split, again } = trainResult.parse(json(ended));
    expect(split).toMatchObject({ kind: 'folds', folds: 4, file: 'refitted' });
    expect(again).toContain('--balance --folds 4');
    const refit = await carafe(['train', photos, '--out', join(folder, 'o4'), '--refit', '--json'], cache);
    expect(trainResult.parse(json(refit)).split).toMatchObject({ kind: 'folds', file: 'refitted' });
  });

  test('the report is there, whole, and names every class', () => {
    const html = readFileSync(join(out, 'report.html'), 'utf8');
    expect(html).toMatch(/<\/html>\s*$/);
    for (const label of ['circle', 'cross', 'square']) expect(html).toContain(label);
  });
});

describe('the other commands', () => {
  test('predict names photos as the evaluation did', async () => {
    // With a part of its own to test on, the file is what was judged; after folds it has learned from all photos.
    const own = join(folder, 'own');
    await drawImageSet(join(own, 'train'), 30);
    await drawImageSet(join(own, 'test'), 6, 60);
    const { evaluation, split, files } = trainResult.parse(
      json(await carafe(['train', own, '--out', join(folder, 'own out'), '--json'], cache)),
    );
    expect(split).toMatchObject({ kind: 'holdout', test: 18 });
    const judged = evaluation.photos.slice(0, 6);
    const ended = await carafe(
      ['predict', files.classifier, ...judged.map(({ path }) => join(own, path)), '--top', '3', '--json'],
      cache,
    );
    const { predictions } = predictResult.parse(json(ended));
    expect(predictions).toHaveLength(6);
    predictions.forEach((prediction, i) => {
      if ('code' in prediction) throw new Error(prediction.reason);
      const [first] = prediction.classes;
      expect(first.label).toBe(judged[i].predicted);
      expect(first.probability).toBeCloseTo(judged[i].probability, 2);
      expect(prediction.label).toBe(prediction.isKnown ? first.label : 'unknown');
      expect(prediction.classes).toHaveLength(3);
    });
  });

  test('predict takes folders and patterns, and writes CSV', async () => {
    const ended = await carafe(
      ['predict', classifier, 'circle', 'square/1*.jpg', '--csv', '--top', '2'],
      cache,
      photos,
    );
    const lines = ended.stdout.trimEnd().split('\n');
    expect(ended.code).toBe(0);
    expect(lines[0]).toBe(
      'path,label,probability,label2,probability2,error,known,unknown_score,nearest,nearest_probability,set',
    );
    expect(lines).toHaveLength(1 + perClass + 11);
    for (const line of lines.slice(1)) {
      const [, label, probability, , , , known, , nearest, likeliest] = line.split(',');
      expect(line).toMatch(/^(circle|square)\/\d+\.jpg,\w+,([01]\.\d{6})?,(circle|cross|square),0\.\d{6},,/);
      expect(line).toMatch(
        /,(true|false),\d+\.\d{4},(circle|cross|square),[01]\.\d{6},(circle|cross|square)(\|(circle|cross|square)){0,2}$/,
      );
      expect([label, probability]).toEqual(known === 'true' ? [nearest, likeliest] : ['unknown', '']);
    }
  });

  test('evaluate measures on other photos', async () => {
    const other = join(folder, 'other');
    await drawImageSet(other, 12, 100);
    const ended = await carafe(['evaluate', classifier, other, '--json'], cache);
    const { images, evaluation } = evaluateResult.parse(json(ended));
    expect(images).toMatchObject({ found: 36, failed: [], learned: 0 });
    expect(evaluation.method).not.toContain('held-out');
    const same = evaluateResult.parse(json(await carafe(['evaluate', classifier, photos, '--json'], cache)));
    expect(same.images.learned).toBe(result.split.train);
    if (!('accuracy' in evaluation)) throw new TypeError('each photo has one label here');
    expect(evaluation.accuracy.value).toBeGreaterThan(0.4);
    expect(evaluation.photos).toHaveLength(36);
  });

  test('verify proves the file', async () => {
    const ended = await carafe(['verify', classifier, '--json'], cache);
    const { passed, images } = verifyResult.parse(json(ended));
    expect(ended.code).toBe(0);
    expect(passed).toBe(true);
    expect(images[0].features).toBeLessThan(1e-4);
  });

  test('cache shows what it holds', async () => {
    const { stdout, code } = await carafe(['cache'], cache);
    expect(code).toBe(0);
    expect(stdout).toContain('tiny');
  });
});
