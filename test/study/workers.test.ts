import { expect, test } from 'vitest';
import { CarafeError } from '../../src/errors.ts';
import { mapRows } from '../../src/features/mapTable.ts';
import { expectTensor } from '../../src/runtime/platform.ts';
import { studyTrainings } from '../../src/study/measure.ts';
import { precisions } from '../../src/study/quantise.ts';
import { perform, type Task } from '../../src/study/task.ts';
import { openMeasurers } from '../../src/study/workers.node.ts';
import { context, drawnProblem, withMaps } from '../heads/drawn.ts';
import { foldsOf } from './folds.ts';

const { features, spatial, labels, classes } = withMaps(drawnProblem(30, 6, 3));
const maps = expectTensor(await mapRows(spatial, [...labels.keys()]), 'float16');
const known = { features, labels, classes, trainings: studyTrainings(foldsOf(labels, 2), 30).flat(), kept: precisions };
const tasks: Task[] = [
  { way: 'softmax', ...known },
  { way: 'dense', width: 4, activation: 'relu', ...known },
  { way: 'conv', width: 2, maps, ...known },
];

test('threads give what this thread gives, however many there are', async () => {
  const expected = await Promise.all(tasks.map((task) => perform(task, { ...context, threads: 1 })));
  for (const count of [1, 3]) {
    const { measure, close } = openMeasurers(count, context.seed, undefined);
    try {
      expect(await Promise.all(tasks.map(measure))).toEqual(expected);
    } finally {
      await close();
    }
  }
});

test('stops when it is told to, and says why', async () => {
  const stop = new AbortController();
  const { measure, close } = openMeasurers(1, 0, stop.signal);
  try {
    const all = tasks.map(measure);
    stop.abort(new CarafeError('INTERRUPTED', 'Stopped.', 'Start it again.'));
    await Promise.all(all.map((one) => expect(one).rejects.toThrow('Stopped.')));
  } finally {
    await close();
  }
});

test('a task that breaks fails alone', async () => {
  const { measure, close } = openMeasurers(1, 0, undefined);
  try {
    const broken = { ...tasks[0], labels: labels.subarray(0, 3) };
    const all = await Promise.allSettled([measure(broken), measure(tasks[0])]);
    expect(all.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  } finally {
    await close();
  }
});
