import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { embedded } from '../../src/backbone/embedded.ts';
import { padim } from '../../src/heads/oneClass/padim.ts';
import { patchcore } from '../../src/heads/oneClass/patchcore.ts';
import { usualOneClassHead } from '../../src/heads/oneClass/registry.ts';
import { type OneClassResult, oneClassEvaluateResult, oneClassResult } from '../../src/results/oneClassResult.ts';
import { detectResult, verifyResult } from '../../src/results/predictResult.ts';
import { drawImageSet } from '../drawn.ts';
import { type Ended, onTinyNetwork, temporaryFolder } from './carafe.ts';

const { carafe } = onTinyNetwork();
const folder = temporaryFolder();
const cache = join(folder, 'cache');
const photos = join(folder, 'photos');
const out = join(folder, 'out');
const classifier = join(out, 'classifier.onnx');
let result: OneClassResult;

beforeAll(async () => {
  await drawImageSet(photos, 24);
  const ended = await carafe(['train', photos, '--one-class', '--normal', 'circle', '--out', out, '--json'], cache);
  result = oneClassResult.parse(json(ended));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('train --one-class', () => {
  test('learns from the normal class and is judged by the others', () => {
    expect(result.normal).toMatchObject({ label: 'circle', count: 24 });
    expect(result.abnormal).toEqual([
      { label: 'cross', count: 24 },
      { label: 'square', count: 24 },
    ]);
    expect(result.head.name).toBe('patchcore');
    expect(result.photos).toHaveLength(72);
    expect(result.evaluation.detection?.perKind.map(({ label }) => label)).toEqual(['cross', 'square']);
    expect(result.threshold.falsePositiveRate).toEqual({ target: 0.01, guaranteed: 1 / 25 });
    const report = readFileSync(result.files.report, 'utf8');
    expect(report).toContain('The threshold');
    expect(report).toContain('data:image/webp');
    const apart = result.photos.map(({ score, line }) => score - line);
    expect(apart).toEqual(apart.toSorted((a, b) => b - a));
    for (const { score, line, isNormal } of result.photos) expect(isNormal).toBe(score <= line);
    // The plain photo stands beside its heatmap.
    expect(report).toMatch(/class="twin"><img [^>]+><img [^>]+><\/span>/);
  });

  test('the file says where, and proves itself', async () => {
    const heatmaps = join(folder, 'heatmaps');
    const ended = await carafe(['predict', classifier, 'square', '--heatmaps', heatmaps, '--json'], cache, photos);
    const { predictions } = detectResult.parse(json(ended));
    expect(predictions).toHaveLength(24);
    expect(readdirSync(heatmaps)).toHaveLength(24);
    const [first] = predictions;
    if ('code' in first) throw new Error(first.reason);
    expect(first.isNormal).toBe(first.score <= result.threshold.value);
    const { width = 0, height = 0 } = await sharp(join(photos, first.path)).metadata();
    expect(await sharp(first.heatmap).metadata()).toMatchObject({ format: 'png', width, height });
    const verified = verifyResult.parse(json(await carafe(['verify', classifier, '--json'], cache)));
    expect(verified.passed).toBe(true);
    expect(verified.images.every(({ score, heatmap }) => score !== undefined && heatmap !== undefined)).toBe(true);
  });

  test('compared with itself nothing changed; what is not there is told', async () => {
    const again = [
      'train',
      photos,
      '--one-class',
      '--normal',
      'circle',
      '--out',
      join(folder, 'again'),
      '--compare-with',
    ];
    const { stdout } = await carafe([...again, classifier], cache);
    expect(stdout).toMatch(/Compared with the earlier classifier, [^\n]+; 0 now right, 0 now wrong\n/);
    expect(stdout).toMatch(/AUROC +[\d.]+% before +[\d.]+% now +a tie/);
    const refused = await carafe([...again, 'nowhere.onnx'], cache);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('nowhere.onnx');
  });

  test('predict writes text and CSV, evaluate measures', async () => {
    const text = await carafe(['predict', classifier, 'circle/0.jpg', 'none.txt'].slice(0, 3), cache, photos);
    expect(text.stdout).toMatch(/^circle\/0\.jpg {2}(ab)?normal \(score [\d.]+\)\n$/);
    const csv = await carafe(['predict', classifier, 'circle/0.jpg', '--csv'], cache, photos);
    expect(csv.stdout).toMatch(/^path,label,score,heatmap,error\ncircle\/0\.jpg,(ab)?normal,[\d.]+,,\n$/);
    const ended = await carafe(['evaluate', classifier, photos, '--normal', 'circle', '--json'], cache);
    const { evaluation } = oneClassEvaluateResult.parse(json(ended));
    // Its own training photos are nearer to it than any other.
    expect(evaluation.detection?.auroc.value).toBeGreaterThan(0.9);
  });
});

test('where no head is named, it is the one that was measured best with the network', () => {
  expect(usualOneClassHead(embedded)).toBe(padim);
  expect(usualOneClassHead({ name: 'tiny' })).toBe(patchcore);
});

describe('mistakes', () => {
  const few = join(folder, 'few');
  const six = join(folder, 'six');
  beforeAll(() => {
    mkdirSync(few);
    for (const name of 'abcdef') {
      mkdirSync(join(six, name), { recursive: true });
      copyFileSync(join(photos, 'circle/0.jpg'), join(six, name, '0.jpg'));
    }
    writeFileSync(join(folder, 'list.csv'), 'path,label\nphotos/circle/0.jpg,circle\n');
    writeFileSync(join(folder, 'note.txt'), 'no photo');
    for (let i = 0; i < 5; i++) copyFileSync(join(photos, `circle/${i}.jpg`), join(few, `${i}.jpg`));
  });

  test.each([
    [['train', photos, '--one-class'], /has folders inside.*not clear which photos are normal/],
    [['train', photos, '--one-class', '--normal', 'oval'], /has no such class/],
    [['train', photos, '--normal', 'circle'], /--normal only works with --one-class/],
    [['train', few, '--one-class', '--head', 'softmax'], /is not a one-class head/],
    [['train', few, '--one-class', '--balance'], /--balance cannot be used with --one-class/],
    [['train', few, '--one-class', '--bottleneck', '4'], /--bottleneck cannot be used with --one-class/],
    [['train', few, '--one-class', '--tensorboard', 'curves'], /--tensorboard cannot be used with --one-class/],
    [['train', few, '--one-class', '--flip'], /--flip cannot be used with --one-class/],
    [['train', few, '--one-class', '--head', 'subspace'], /one of patchcore, padim, gaussian, knn, svm\./],
    [['train', six, '--one-class'], /\(a, b, c, d, e and 1 more\)/],
    [['train', join(folder, 'list.csv'), '--one-class'], /list\.csv is a list.*--normal/s],
    [['train', join(folder, 'note.txt'), '--one-class'], /note\.txt/],
    [['predict', classifier, photos, '--top', '3'], /--top: .*has no classes/],
    [['predict', classifier, photos, '--average-views'], /--average-views: .*has no classes/],
    [
      ['evaluate', classifier, photos, '--normal', 'circle', '--assert-accuracy', '0.9'],
      /--assert-accuracy: .*no accuracy/,
    ],
    [['predict', classifier, photos, '--json', '--csv'], /--json and --csv/],
    [['train', few, '--one-class', '--memory-limit', '5'], /a size is expected/],
    [['train', few, '--one-class'], /'few' has only 5 readable normal photos; at least 10/],
  ])('%j', async (args, message) => {
    const out = args[0] === 'train' ? ['--out', join(folder, 'never')] : [];
    const ended = await carafe([...args, ...out], cache);
    expect(ended.code).toBe(2);
    expect(ended.stdout + ended.stderr).toMatch(message);
  });

  test('photos that cannot be used are told with the reason: normal ones, and all abnormal ones', async () => {
    const broken = join(folder, 'broken');
    for (const [label, good, bad] of [
      ['ok', 4, 8],
      ['scratched', 0, 2],
    ] as const) {
      mkdirSync(join(broken, label), { recursive: true });
      for (let i = 0; i < good; i++) copyFileSync(join(photos, `circle/${i}.jpg`), join(broken, label, `good${i}.jpg`));
      for (let i = 0; i < bad; i++) writeFileSync(join(broken, label, `bad${i}.jpg`), 'no photo');
    }
    const args = ['train', broken, '--one-class', '--normal', 'ok', '--out', join(folder, 'never')];
    const { code, stderr } = await carafe(args, cache);
    expect(code).toBe(2);
    expect(stderr).toMatch(/only 4 readable normal photos.* 8 could not be used; .*ok.bad0\.jpg: /s);
    expect(stderr).toMatch(/No abnormal photo can be used.*scratched.bad0\.jpg: /s);
  });

  test('copies of one photo: nothing is kept out, and nothing is promised', async () => {
    const same = join(folder, 'same');
    mkdirSync(same);
    for (let i = 0; i < 10; i++) copyFileSync(join(photos, 'circle/0.jpg'), join(same, `${i}.jpg`));
    const args = ['train', same, '--one-class', '--head', 'gaussian', '--false-positive-rate', '0.01%'];
    const { code, stdout, stderr } = await carafe([...args, '--out', join(folder, 'copies')], cache);
    expect(code).toBe(0);
    expect(stderr).toContain('The 10 normal photos are all equal or nearly equal');
    expect(stdout).toContain('learned from, so it guarantees nothing');
    expect(stdout).not.toContain('kept out');
  });

  test('--force trains on few, without promising what they cannot', async () => {
    const args = [
      'train',
      few,
      '--one-class',
      '--force',
      '--head',
      'gaussian',
      '--out',
      join(folder, 'forced'),
      '--json',
    ];
    const { threshold, evaluation } = oneClassResult.parse(json(await carafe(args, cache)));
    expect(threshold.falsePositiveRate.guaranteed).toBeCloseTo(1 / 6);
    expect(evaluation.detection).toBeNull();
  });
});

function json({ code, stdout, stderr }: Ended): unknown {
  if (code !== 0) throw new Error(`${stdout}\n${stderr}`);
  return JSON.parse(stdout);
}
