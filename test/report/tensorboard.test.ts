import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { TrainResult } from '../../src/index.ts';
import { eventFileHead, resultRecords, scoreRecords } from '../../src/report/tensorboard.ts';
import { drawImageSet } from '../drawn.ts';
import { tinyNetworkFile } from '../tinyNetwork.ts';
import { drawnFolder, drawnSet, trainDrawn } from '../trained.ts';
import { readEvents } from './eventFile.ts';

const wallTime = 1_700_000_000.25;

test('a file begins with its version', () => {
  expect(readEvents(eventFileHead(wallTime))).toEqual([{ wallTime, step: 0, version: 'brain.Event:2' }]);
});

test('a score is two values and the name of its setting', () => {
  const score = { settings: { width: 64, epochs: 300 }, logLoss: 0.5, accuracy: 0.75 };
  expect(readEvents(scoreRecords(300, score, wallTime))).toEqual([
    { wallTime, step: 300, tag: 'selection/log-loss', value: 0.5 },
    { wallTime, step: 300, tag: 'selection/accuracy', value: 0.75 },
    { wallTime, step: 300, tag: 'selection/settings', text: 'width 64, epochs 300', plugin: 'text' },
  ]);
});

test('a changed bit is found', () => {
  const bytes = eventFileHead(wallTime);
  for (const place of bytes.keys()) {
    const changed = bytes.slice();
    changed[place] ^= 4;
    expect(() => readEvents(changed)).toThrow();
  }
});

describe.each(['folds', 'holdout'] as const)('a run with %s', (kind) => {
  let result: TrainResult;
  let before: number;
  let file: Uint8Array;

  beforeAll(async () => {
    const folder = await drawnFolder(kind === 'folds' ? 12 : 0);
    const tensorboard = join(folder, 'logs', 'run');
    const options = { tensorboard, folds: kind === 'folds' ? 2 : undefined, backbone: tinyNetworkFile() };
    if (kind === 'holdout') {
      rmSync(join(folder, drawnSet), { recursive: true });
      await drawImageSet(join(folder, drawnSet, 'train'), 40);
      await drawImageSet(join(folder, drawnSet, 'test'), 12, 40);
    }
    before = Date.now() / 1000;
    await trainDrawn(folder, options);
    // A second run takes the place of the first.
    result = await trainDrawn(folder, options);
    file = readFileSync(join(tensorboard, 'events.out.tfevents.carafe'));
  });

  test('the settings tried come in order, the chosen one among them', () => {
    const events = readEvents(file);
    const of = (name: string) => events.filter(({ tag }) => tag === name);
    expect(result.split.kind).toBe(kind);
    expect(events.filter(({ version }) => version)).toHaveLength(1);
    const losses = of('selection/log-loss');
    expect(losses.length).toBeGreaterThan(1);
    expect(losses.map(({ step }) => step)).toEqual(losses.map((_, i) => i + 1));
    expect(of('selection/accuracy')).toHaveLength(losses.length);
    const [[name, value]] = Object.entries(result.head.settings);
    expect(of('selection/settings').map(({ text }) => text)).toContain(`${name} ${value}`);
    const times = events.map((event) => event.wallTime);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times[0]).toBeGreaterThanOrEqual(before);
  });

  test('the figures and the learning curve are those of the result, against the number of photos trained on', () => {
    const points = readEvents(file).map(({ tag, step, value }) => ({ tag, step, value }));
    const { evaluation, learningCurve, split } = result;
    const step = kind === 'folds' ? 18 : split.train;
    expect(learningCurve).toBeDefined();
    const { value, low, high } = evaluation.accuracy;
    const expected = { accuracy: value, 'accuracy-low': low, 'accuracy-high': high, 'log-loss': evaluation.logLoss };
    for (const [name, figure] of Object.entries(expected))
      expect(points).toContainEqual({ tag: `held-out/${name}`, step, value: Math.fround(figure) });
    expect(points.filter(({ tag }) => tag === 'learning-curve/accuracy')).toEqual(
      learningCurve?.points.map(({ photos, score }) => ({
        tag: 'learning-curve/accuracy',
        step: photos,
        value: Math.fround(score.value),
      })),
    );
    expect(readEvents(file).find(({ tag }) => tag === 'learning-curve/head')?.text).toBe(learningCurve?.head);
    expect(result.files.tensorboard).toMatch(/events\.out\.tfevents\.carafe$/);
  });

  test('without a learning curve there are only the figures', () => {
    const events = readEvents(resultRecords({ ...result, learningCurve: undefined }, wallTime));
    expect(events.map(({ tag }) => tag?.split('/')[0])).toEqual(Array(4).fill('held-out'));
  });
});
