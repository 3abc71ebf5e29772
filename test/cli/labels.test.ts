import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cardFromMetadata, type LabelCard, requireTask } from '../../src/classifier/card.ts';
import { labelEvaluation } from '../../src/metrics/labelEvaluation.ts';
import { readModel } from '../../src/onnx/read.ts';
import { evaluateResult, predictResult, verifyResult } from '../../src/results/predictResult.ts';
import { type LabelsResult, labelsResult } from '../../src/results/trainResult.ts';
import { drawLabelledPhotos } from '../drawn.ts';
import { readEvents } from '../report/eventFile.ts';
import { type Ended, onTinyNetwork, temporaryFolder } from './carafe.ts';

/** Where figures are not the point, two folds tell as much as five. */
const twice = ['--folds', '2'];

const { carafe } = onTinyNetwork();
const folder = temporaryFolder();
const photos = join(folder, 'photos');
const cache = join(folder, 'cache');
const out = join(folder, 'out');
const classifier = join(out, 'classifier.onnx');
let list: string;
let first: Ended;
let result: LabelsResult;
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeAll(async () => {
  list = await drawLabelledPhotos(photos, 160);
  first = await carafe(['train', list, '--out', out, ...twice, '--json'], cache);
  result = labelsResult.parse(JSON.parse(first.stdout));
});

describe('photos of several labels', () => {
  test('train gives one object that fits its schema, and nothing that is not in it', () => {
    expect(first.code).toBe(0);
    expect(labelsResult.strict().parse(JSON.parse(first.stdout))).toEqual(JSON.parse(first.stdout));
    const drawn = readFileSync(list, 'utf8')
      .split('\n')
      .map((line) => JSON.parse(line).labels);
    expect(result.unlabelled).toBe(drawn.filter((labels) => labels.length === 0).length);
    expect(result.classes).toEqual(
      ['circle', 'cross', 'square'].map((label) => ({
        label,
        count: drawn.filter((labels) => labels.includes(label)).length,
      })),
    );
  });

  test('it does clearly better than chance', () => {
    const { meanAveragePrecision, baseline } = result.evaluation;
    expect(meanAveragePrecision.low).toBeGreaterThan(baseline);
  });

  test('the same photos give the same file, byte for byte, and the text names every label', async () => {
    const again = join(folder, 'again');
    const curves = join(folder, 'curves');
    const ended = await carafe(['train', list, '--out', again, '--tensorboard', curves, ...twice], cache);
    expect(ended.code).toBe(0);
    const events = readEvents(readFileSync(join(curves, 'events.out.tfevents.carafe')));
    const of = (tag: string) => events.filter((event) => event.tag === tag).map(({ value }) => value);
    expect(of('held-out/mean-average-precision')).toEqual([Math.fround(result.evaluation.meanAveragePrecision.value)]);
    expect(of('learning-curve/mean-average-precision')).toEqual(
      result.learningCurve?.points.map(({ score }) => Math.fround(score.value)),
    );
    expect(ended.stdout).toMatch(/twice as many.* mean average precision would rise by (about )?\d/);
    expect(readFileSync(join(again, 'report.html'), 'utf8')).toContain('Would more photos help?');
    expect(readFileSync(join(again, 'classifier.onnx')).equals(readFileSync(classifier))).toBe(true);
    for (const label of ['circle', 'cross', 'square']) expect(ended.stdout).toContain(label);
    expect(ended.stdout).toMatch(/Mean average precision \d+\.\d%/);
  });

  test('predict names every label from its threshold on, in JSON, text and CSV', async () => {
    const files = Array.from({ length: 12 }, (_, i) => join(photos, `${i}.jpg`));
    const { predictions } = predictResult.parse(
      JSON.parse((await carafe(['predict', classifier, ...files, '--top', '3', '--json'], cache)).stdout),
    );
    const thresholds = new Map(result.evaluation.perLabel.map(({ label, threshold }) => [label, threshold]));
    const text = (await carafe(['predict', classifier, ...files], cache)).stdout.split('\n');
    const csv = (await carafe(['predict', classifier, ...files, '--csv'], cache)).stdout.split('\n');
    expect(csv[0]).toBe('path,labels,probabilities,error,known,unknown_score,nearest,nearest_probability');
    const counts = new Set<number>();
    for (const [i, prediction] of predictions.entries()) {
      if ('code' in prediction) throw new Error(prediction.reason);
      const own = prediction.labels?.map(({ label }) => label) ?? [];
      const over = prediction.classes.filter(({ label, probability }) => probability >= (thresholds.get(label) ?? 2));
      expect(own).toEqual(over.map(({ label }) => label));
      expect(csv[i + 1].split(',')[1]).toBe(prediction.isKnown ? own.join('|') : 'unknown');
      expect(csv[i + 1].split(',')[6]).toBe(own.join('|'));
      expect(prediction.label).toBe(prediction.isKnown ? (own[0] ?? 'none') : 'unknown');
      for (const label of own) expect(text[i]).toContain(label);
      if (own.length === 0) expect(text[i]).toMatch(/ (none|unknown)$/);
      counts.add(own.length);
    }
    // The photos drawn are of such kinds.
    expect(counts.size).toBeGreaterThan(1);
  });

  test('a photo that is unlike the others is called unknown, at the rate that was asked for, with its labels beside', async () => {
    const strict = join(folder, 'strict');
    const args = ['train', list, '--out', strict, '--false-positive-rate', '40%', ...twice, '--json'];
    const { unknown } = labelsResult.parse(JSON.parse((await carafe(args, cache)).stdout));
    expect(unknown.falsePositiveRate).toEqual({ target: 0.4, guaranteed: 0.4, estimated: false });
    expect(unknown.leaveOneClassOut.map(({ label }) => label)).toEqual(['circle', 'cross', 'square']);
    const file = join(strict, 'classifier.onnx');
    // Of these the first 160 were learned from.
    const fresh = await drawLabelledPhotos(join(folder, 'fresh'), 190);
    const entries = readFileSync(fresh, 'utf8').split('\n').slice(160);
    writeFileSync(fresh, entries.join('\n'));
    const files = entries.map((_, i) => join(folder, 'fresh', `${160 + i}.jpg`));
    const lines = (await carafe(['predict', file, ...files], cache)).stdout.split('\n');
    const rows = (await carafe(['predict', file, ...files, '--csv'], cache)).stdout.split('\n').slice(1);
    const { predictions } = predictResult.parse(
      JSON.parse((await carafe(['predict', file, ...files, '--json'], cache)).stdout),
    );
    const known = predictions.map((answer) => 'isKnown' in answer && answer.isKnown);
    expect(new Set(known)).toEqual(new Set([true, false]));
    for (const [i, answer] of predictions.entries()) {
      if ('code' in answer) throw new Error(answer.reason);
      expect(answer.isKnown).toBe((answer.unknownScore ?? Number.NaN) <= unknown.threshold);
      expect(answer.labels).toBeDefined();
      expect(lines[i].includes('  unknown')).toBe(!answer.isKnown);
      expect(rows[i]).toContain(`,${answer.isKnown},`);
      expect(rows[i].split(',')[1] === 'unknown').toBe(!answer.isKnown);
      expect(answer.label === 'unknown').toBe(!answer.isKnown);
    }
    const evaluated = evaluateResult.parse(
      JSON.parse((await carafe(['evaluate', file, fresh, '--json'], cache)).stdout),
    );
    expect(evaluated.calledUnknown?.value).toBe(known.filter((one) => !one).length / 30);
    const page = readFileSync(join(strict, 'report.html'), 'utf8');
    for (const text of ['None of these', 'label left out']) expect(page).toContain(text);
  });

  test('verify passes, and evaluate measures', async () => {
    const verified = await carafe(['verify', classifier, '--json'], cache);
    expect(verifyResult.parse(JSON.parse(verified.stdout)).passed).toBe(true);
    const evaluated = await carafe(['evaluate', classifier, list, '--json'], cache);
    const { evaluation } = evaluateResult.parse(JSON.parse(evaluated.stdout));
    const { meanAveragePrecision } = labelEvaluation.parse(evaluation);
    // It has seen most of these photos.
    expect(meanAveragePrecision.value).toBeGreaterThan(result.evaluation.meanAveragePrecision.value);
    expect((await carafe(['evaluate', classifier, list], cache)).stdout).toMatch(/Mean average precision[\s\S]*cross/);
  });

  test('the report shows the labels, and --assert-accuracy is of photos with every label right', async () => {
    const page = readFileSync(join(out, 'report.html'), 'utf8');
    for (const text of ['Label by label', 'circle', 'every label right']) expect(page).toContain(text);
    const ended = await carafe(['train', list, '--out', out, '--assert-accuracy', '99%', ...twice], cache);
    expect(ended.code).toBe(3);
  });
});

/** Labels of eight photos, and what the message must say. */
const mistakes: [string, string[][], RegExp][] = [
  ['a label on one photo', [['a'], ['a', 'b'], [], ['c'], ['c'], [], [], []], /'b' is on one photo only/],
  [
    'a label on every photo',
    Array.from({ length: 8 }, (_, i) => (i % 2 ? ['a'] : ['a', 'b'])),
    /'a' is on every photo/,
  ],
  ['no label at all', Array.from({ length: 8 }, () => []), /has no labels/],
];

test.each(mistakes)('a mistake: %s', async (_, labels, message) => {
  const bad = join(photos, 'bad.jsonl');
  writeFileSync(bad, labels.map((own, i) => JSON.stringify({ path: `${i}.jpg`, labels: own })).join('\n'));
  const ended = await carafe(['train', bad, '--out', join(folder, 'bad')], cache);
  expect(ended.code).toBe(2);
  expect(ended.stderr).toMatch(message);
});

test.each([
  ['study', []],
  ['train', ['--one-class', '--normal', 'circle']],
] as const)('one label a photo is needed: %s', async (command, flags) => {
  const ended = await carafe([command, list, '--out', join(folder, 'bad'), ...flags], cache);
  expect(ended.code).toBe(2);
  expect(ended.stderr).toMatch(/here each photo must have exactly one/);
});

test.each([['--head', 'softmax'], ['--balance'], ['--bottleneck', '8'], ['--budget', '5s']])(
  'what has no meaning there is refused: %s',
  async (...flags) => {
    const ended = await carafe(['train', list, '--out', join(folder, 'bad'), ...flags], cache);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain(flags[0]);
  },
);

test('views are trained on and never judged, computed once, and the gain is told with its interval', async () => {
  const words = [
    'train',
    list,
    '--out',
    join(folder, 'views'),
    '--views',
    '2',
    '--flip',
    '--rotate',
    '5',
    ...twice,
    '--json',
  ];
  const one = labelsResult.parse(JSON.parse((await carafe(words, cache)).stdout));
  expect(one.images).toMatchObject({ cached: 160, computed: 0 });
  expect(one.views).toMatchObject({ count: 2, flip: true, rotate: 5, crop: 0, cached: 0, computed: 320 });
  expect(one.split).toEqual(result.split);
  expect(one.evaluation.photos.map(({ path }) => path)).toEqual(result.evaluation.photos.map(({ path }) => path));
  const { value, low, high } = one.views?.gain ?? { value: 9, low: 9, high: -9 };
  // The file of the plain run is the one that they are compared with.
  const gained = one.evaluation.meanAveragePrecision.value - result.evaluation.meanAveragePrecision.value;
  expect(Math.abs(value - gained)).toBeLessThan(one.split.kind === 'holdout' ? 1e-6 : 0.05);
  expect(low).toBeLessThanOrEqual(value);
  expect(high).toBeGreaterThanOrEqual(value);
  const two = await carafe(words.slice(0, -1), cache);
  expect(two.stdout).toMatch(/2 views of each photo: a (gain|loss|tie), .*\(320 cached, 0 computed\)/);
  const page = readFileSync(join(folder, 'views', 'report.html'), 'utf8');
  expect(page).toMatch(/What did the views do\?[\s\S]*mean average precision (rose|changed) by/);

  const predict = ['predict', join(folder, 'views', 'classifier.onnx'), join(photos, '1.jpg'), '--top', '3', '--json'];
  const answers = [await carafe(predict, cache), await carafe([...predict, '--average-views'], cache)].map((ended) => {
    const [answer] = predictResult.parse(JSON.parse(ended.stdout)).predictions;
    return 'classes' in answer ? answer.classes : [];
  });
  expect(answers[1]).not.toEqual(answers[0]);
  expect(answers[1].length).toBe(3);
  const without = await carafe(['predict', classifier, join(photos, '1.jpg'), '--average-views'], cache);
  expect(without).toMatchObject({ code: 2, stderr: expect.stringContaining('trained without views') });
});

test('an earlier classifier is a start: photos and a label are new, and what changed is told', async () => {
  const lines = readFileSync(list, 'utf8')
    .split('\n')
    .map((line) => JSON.parse(line))
    .slice(0, 110)
    .map(({ path, labels }) => JSON.stringify({ path, labels: labels.filter((label: string) => label !== 'cross') }));
  const earlier = join(photos, 'earlier.jsonl');
  writeFileSync(earlier, lines.join('\n'));
  const old = join(folder, 'old');
  await carafe(['train', earlier, '--out', old, '--head', 'svm', '--seed', '5', ...twice], cache);
  const words = [
    'train',
    list,
    '--compare-with',
    join(old, 'classifier.onnx'),
    '--out',
    join(folder, 'new'),
    '--refit',
    ...twice,
  ];
  const { head, split, changes, images, again, evaluation } = labelsResult.parse(
    JSON.parse((await carafe([...words, '--json'], cache)).stdout),
  );
  expect(images.computed).toBe(0);
  expect(head.name).toBe('svm');
  expect(split.seed).toBe(5);
  expect(again).toContain('--compare-with');
  const learned = labelCard(join(old, 'classifier.onnx')).training.photos?.length ?? 0;
  expect(changes).toMatchObject({ added: ['cross'], removed: [], known: learned / 12 });
  const { compared } = changes ?? {};
  if (!compared) throw new Error('nothing was compared');
  expect(compared.photos).toBe(evaluation.photos.length);
  expect(compared.before).toBeGreaterThan(0.4);
  // Trained on every photo that it is judged on, it would rank them without a fault.
  expect(compared.before).toBeLessThan(1);
  expect(compared.difference.value).toBeCloseTo(compared.after - compared.before, 6);
  const shared = evaluation.perLabel.filter(({ label }) => label !== 'cross');
  if (split.kind === 'holdout')
    expect(compared.after).toBeCloseTo(
      shared.reduce((sum, { averagePrecision }) => sum + (averagePrecision?.value ?? 0), 0) / 2,
      6,
    );
  const judged = new Map(evaluation.photos.map((photo) => [photo.path, photo]));
  expect(compared.flipped.length).toBeGreaterThan(0);
  for (const { path, labels, before, after, became } of compared.flipped) {
    const known = (own: readonly string[] = []) => own.filter((label) => label !== 'cross').toSorted();
    const photo = judged.get(path);
    expect(labels).toEqual(known(photo?.labels));
    expect(after).toEqual(known(photo?.predicted.map(({ label }) => label)));
    expect(before).not.toEqual(after);
    expect(became === 'right').toBe(after.join() === labels.join());
    expect(became === 'wrong').toBe(before.join() === labels.join());
  }
  const shown = await carafe(words, cache);
  expect(shown.stdout).toMatch(
    /New labels: cross\nCompared with the earlier classifier.*mean average precision: \d+\.\d% before/,
  );
  expect(readFileSync(join(folder, 'new', 'report.html'), 'utf8')).toContain('over the labels that both know');
  // A set of which it has learned a few photos only.
  const rest = readFileSync(list, 'utf8').split('\n').slice(85);
  writeFileSync(earlier, rest.join('\n'));
  const few = await carafe(['train', earlier, ...words.slice(2)], cache);
  expect(few.stdout).toMatch(/cannot be compared .*: (none|only \d+) of the photos it learned from (is|are) known/);
  const single = await carafe(['train', earlier, '--compare-with', classifier, '--backbone', 'nowhere.onnx'], cache);
  expect(single.code).toBe(2);
});

/** The card of a classifier of several labels. */
function labelCard(file: string): LabelCard {
  return requireTask(cardFromMetadata(readModel(readFileSync(file), file).metadata, file), file, 'multi-label');
}

test('a CSV with labels joined by |; a classifier of one class a photo does not fit it', async () => {
  const lines = readFileSync(list, 'utf8')
    .split('\n')
    .map((line) => JSON.parse(line))
    .map(({ path, labels }) => `${path},${labels.join('|')}`);
  const csv = join(photos, 'photos.csv');
  writeFileSync(csv, `path,labels\n${lines.join('\n')}\n`);
  const ended = await carafe(['train', csv, '--out', join(folder, 'csv'), ...twice, '--json'], cache);
  expect(labelsResult.parse(JSON.parse(ended.stdout)).evaluation).toEqual(result.evaluation);
  const single = join(photos, 'single.csv');
  mkdirSync(join(folder, 'single'));
  const one = lines.map((line, i) => `${line.split(',')[0]},${i % 2 ? 'circle' : 'square'}`);
  writeFileSync(single, `path,label\n${one.join('\n')}\n`);
  const other = await carafe(['train', single, '--out', join(folder, 'single'), ...twice], cache);
  expect(other.code).toBe(0);
  const mixed = await carafe(
    ['train', csv, '--compare-with', join(folder, 'single', 'classifier.onnx'), '--out', out],
    cache,
  );
  expect(mixed).toMatchObject({ code: 2, stderr: expect.stringContaining('gives each photo one class') });
  writeFileSync(csv, 'path,labels\n1.jpg,circle|square\n2.jpg,circle\n');
  const evaluated = await carafe(['evaluate', join(folder, 'single', 'classifier.onnx'), csv], cache);
  expect(evaluated.code).toBe(2);
  expect(evaluated.stderr).toContain('several labels');
});
