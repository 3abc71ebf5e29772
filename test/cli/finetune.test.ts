import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cardFromMetadata } from '../../src/classifier/card.ts';
import { readModel } from '../../src/onnx/read.ts';
import { explainResult } from '../../src/results/explainResult.ts';
import { predictResult, verifyResult } from '../../src/results/predictResult.ts';
import { type TrainResult, trainResult } from '../../src/results/trainResult.ts';
import { drawImageSet } from '../drawn.ts';
import { onTinyNetwork, temporaryFolder } from './carafe.ts';

const { carafe, start } = onTinyNetwork();
const folder = temporaryFolder();
const photos = join(folder, 'photos');
const cache = join(folder, 'cache');
const out = join(folder, 'out');
const train = ['train', photos, '--folds', '2'];
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let result: TrainResult;
let stderr: string;

beforeAll(async () => {
  await drawImageSet(photos, 24);
  const ended = await carafe([...train, '--finetune', 'last', '--out', out, '--json'], cache);
  ({ stderr } = ended);
  result = trainResult.strict().parse(JSON.parse(ended.stdout));
});

describe('train --finetune last', () => {
  test('says before it begins what it keeps and how long it takes', () => {
    expect(stderr).toMatch(/keeps what enters the network's last stage, of 72 photos and their mirror images: \d+ MB/);
    expect(stderr).not.toMatch(/warning|error/);
  });

  test('has trained the stage in every part, and says what it was compared with', () => {
    const { finetuning, head } = result;
    expect(head.name).toBe('finetuned');
    expect(finetuning).toMatchObject({ chosen: true, inParts: [{ chosen: true, parts: 2 }] });
    expect(finetuning?.photos).toBeGreaterThan(10);
    expect(result.evaluation.accuracy.value).toBeGreaterThan(0.4);
  });

  test('writes one file that proves itself, and names where its last stage begins', async () => {
    const card = cardFromMetadata(
      readModel(new Uint8Array(readFileSync(join(out, 'classifier.onnx'))), out).metadata,
      out,
    );
    expect(card.head).toMatchObject({ name: 'finetuned', settings: { schedule: 8 } });
    expect(card.backbone.stage?.channels).toBe(16);
    const verified = await carafe(['verify', out, '--json'], cache);
    expect(verifyResult.parse(JSON.parse(verified.stdout)).passed).toBe(true);
  });

  test('the file predicts as it was judged, and explains by places', async () => {
    const [name] = readdirSync(join(photos, 'circle'));
    const photo = join(photos, 'circle', name);
    const predicted = await carafe(['predict', out, photo, '--json'], cache);
    const [answer] = predictResult.parse(JSON.parse(predicted.stdout)).predictions;
    if (!('classes' in answer)) throw new TypeError('it could not be read');
    const [first] = answer.classes;
    const page = join(folder, 'why.html');
    const explained = await carafe(['explain', out, photo, '--html', page, '--json'], cache);
    const [likeliest] = explainResult.parse(JSON.parse(explained.stdout)).classes;
    expect(likeliest.label).toBe(first.label);
    expect(likeliest.probability).toBeCloseTo(first.probability, 4);
    expect(likeliest.units).toEqual([]);
    expect(likeliest.map).toMatchObject({ height: 24, width: 24 });
    expect(new Set(likeliest.map?.values).size).toBeGreaterThan(10);
  });

  test('the report and the terminal show the choice', async () => {
    expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('Frozen or fine-tuned?');
    const shown = await carafe([...train, '--finetune', 'last', '--out', out], cache);
    expect(shown.stdout).toMatch(/The network's last stage is fine-tuned, for \d epochs?: compared on \d+ photos/);
    expect(shown.stdout).toMatch(/> fine-tuned +\d\.\d+ +\d+\.\d%/);
    // The same photos and seed give the same file.
    expect(shown.stdout).toContain(`Accuracy ${(100 * result.evaluation.accuracy.value).toFixed(1)}%`);
  });

  test('the next run can be compared with it', async () => {
    const again = await carafe([...train, '--compare-with', out, '--out', join(folder, 'next'), '--json'], cache);
    const next = trainResult.parse(JSON.parse(again.stdout));
    expect(next.head.name).toBe('softmax');
    expect(next.changes).toMatchObject({ head: 'softmax' });
  });
});

test('it starts from the framing that is taken', async () => {
  const own = join(folder, 'framed');
  const args = ['--finetune', 'last', '--framing', 'squash', '--out', own, '--json'];
  const ended = await carafe([...train, ...args], cache);
  const { head, finetuning } = trainResult.parse(JSON.parse(ended.stdout));
  expect(head.name).toBe('finetuned');
  expect(finetuning?.frozen).toEqual({ head: 'softmax' });
  const card = cardFromMetadata(
    readModel(new Uint8Array(readFileSync(join(own, 'classifier.onnx'))), own).metadata,
    own,
  );
  expect(card.preprocessing.resize.rule).toBe('squash');
  expect((await carafe(['verify', own], cache)).code).toBe(0);
});

test('auto leaves few photos alone, and looks at no mirror image', async () => {
  const ended = await carafe([...train, '--finetune', 'auto', '--out', join(folder, 'auto'), '--json'], cache);
  const { head, finetuning } = trainResult.parse(JSON.parse(ended.stdout));
  expect(head.name).toBe('softmax');
  expect(finetuning).toBeUndefined();
  expect(ended.stderr).not.toContain('mirror');
});

test('what does not go with it is refused', async () => {
  for (const other of [['--bottleneck', '8'], ['--looks', '2'], ['--robustness'], ['--one-class']]) {
    const ended = await carafe(['train', photos, '--finetune', 'last', ...other], cache);
    expect(ended).toMatchObject({ code: 2, stderr: expect.stringContaining('--finetune') });
  }
});

test('Ctrl-C ends fine-tuning and keeps the best so far', async () => {
  const own = join(folder, 'stopped');
  mkdirSync(own);
  const args = [...train, '--finetune', 'last', '--head', 'prototype', '--out', own, '--json'];
  const { child, ended } = start(args, cache);
  child.stderr?.on('data', (text: string) => {
    // Printed before the first step.
    if (/mirror images/.test(text)) setTimeout(() => child.kill('SIGINT'), 1500);
  });
  const { code, stdout } = await ended;
  // Slow machines are still reading photos then: that ends the run.
  if (code === 130) return;
  const { head, finetuning } = trainResult.parse(JSON.parse(stdout));
  expect(['prototype', 'finetuned']).toContain(head.name);
  expect(finetuning).toBeDefined();
});
