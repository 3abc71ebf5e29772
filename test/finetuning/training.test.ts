import { describe, expect, test } from 'vitest';
import { type Choose, type Choosing, only, type Taken } from '../../src/evaluation/choose.ts';
import { withFinetuning } from '../../src/evaluation/chooseFinetuned.ts';
import { fitChosen } from '../../src/evaluation/fitChosen.ts';
import { besideSettings, type Finetuned, finetunedHead } from '../../src/heads/finetuning/finetuned.ts';
import { StageTrainer, type StageTraining, shiftMap } from '../../src/heads/finetuning/stageTrainer.ts';
import { type FitContext, type Problem, reading } from '../../src/heads/head.ts';
import { predictLogits } from '../../src/heads/predictLogits.ts';
import { headNamed } from '../../src/heads/registry.ts';
import { resident } from '../../src/numerics/rows.ts';
import { accuracy, context, drawnFolds, ones } from '../heads/drawn.ts';
import { lines, mapsOf, stagedBackbone, stageOf } from './stage.ts';

const stage = await stageOf(stagedBackbone());
const softmax = headNamed('softmax');

function training(problem: Problem, innerFolds = 4): Choosing {
  const folds = drawnFolds(problem, innerFolds);
  return { folds, innerFolds, weights: ones(problem.labels.length), groups: Int32Array.from(folds.keys()) };
}

/** All photos the network's own way: features that tell nothing, beside maps that do. */
async function taken(
  problem: Problem,
  options: Partial<Parameters<typeof withFinetuning>[2]> = {},
  on: FitContext = context,
): Promise<Taken<unknown, unknown>> {
  const [one] = await withFinetuning(softmax, stage, { wanted: 'auto', ...options })(problem, [training(problem)], on);
  return one;
}

/** The stage beside a frozen head that has no say. */
const tuned = finetunedHead(stage, softmax);
const settingsOf = (epochs: number) => ({
  epochs,
  schedule: epochs,
  stageScale: 1,
  frozenScale: 0,
  ...besideSettings(softmax.defaults),
});

async function fitted(problem: Problem, epochs: number, on: FitContext = context): Promise<Finetuned> {
  const settings = settingsOf(epochs);
  const [one] = await fitChosen(tuned, problem, [{ settings, weights: ones(problem.labels.length) }], on);
  return one;
}

describe('training the last stage', () => {
  const learned = lines(256);
  const others = lines(128, 8, 'others');

  test('finds what the frozen features cannot show, and answers for photos that it has not seen', async () => {
    const [logits] = await predictLogits(tuned, [await fitted(learned, 24)], others, context);
    expect(accuracy(logits.data, others)).toBeGreaterThan(0.8);
  });

  test('gives the same weights, bit for bit, again; and others for another seed', async () => {
    const first = await fitted(learned, 1);
    expect(await fitted(learned, 1)).toEqual(first);
    expect(await fitted(learned, 1, { ...context, seed: 1 })).not.toEqual(first);
  });

  test('depends on no photo without weight', async () => {
    const settings = settingsOf(1);
    const weights = ones(learned.labels.length).fill(0, 128);
    const changed = { ...learned, labels: learned.labels.map((label, row) => (row < 128 ? label : 1 - label)) };
    const [one] = await fitChosen(tuned, learned, [{ settings, weights }], context);
    const [two] = await fitChosen(tuned, changed, [{ settings, weights }], context);
    expect(two).toEqual(one);
  });

  test('goes on from what was trained, whatever the scale of the features', async () => {
    const trainer = new StageTrainer(stage, learned, context);
    const trainedOn = async (schedule: number, rows: number, start?: StageTraining['start']) => {
      let end = new Map<string, Float32Array>();
      await trainer.train({
        rows: [...Array(rows).keys()],
        weights: ones(256),
        schedule,
        start,
        onEpoch: async (_, weights) => {
          end = new Map(Array.from(weights, ([name, values]) => [name, values.slice()]));
          return true;
        },
      });
      return end;
    };
    const first = await trainedOn(2, 128);
    const still = await trainedOn(1, 256, { weights: first, pace: 0 });
    await trainer.release();
    expect([...still.keys()]).toEqual([...first.keys()]);
    for (const [name, values] of first)
      for (const [at, value] of values.entries())
        expect(Math.abs((still.get(name)?.[at] ?? Number.NaN) - value)).toBeLessThan(1e-4 * (1 + Math.abs(value)));
  });

  test('a loss that is no number takes it back to the epoch before, at half the rate, and says so', async () => {
    const problem = lines(64);
    // Of one photo the loss is no number: no rate helps.
    const weights = ones(64).fill(Number.NaN, 5, 6);
    const trainer = new StageTrainer(stage, problem, context);
    const told: string[] = [];
    const run = trainer.train({
      rows: [...Array(64).keys()],
      weights,
      schedule: 2,
      onEpoch: async () => true,
      onWarning: (text) => told.push(text),
    });
    await expect(run).rejects.toThrow('no finite loss');
    await trainer.release();
    expect(told.length).toBeGreaterThan(1);
    expect(told[0]).toContain('half the rate');
  });

  test('the signal ends it', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(fitted(learned, 2, { ...context, signal })).rejects.toThrow('enough');
  });
});

describe('the choice between frozen and fine-tuned', () => {
  const problem = lines(320);

  test('takes what is better on the photos of an inner fold, with the epochs that were best', async () => {
    const { head, finetuning, selection } = await taken(problem);
    expect(head.name).toBe('finetuned');
    expect(finetuning).toMatchObject({ chosen: true, photos: 80 });
    expect(finetuning?.logLoss?.finetuned).toBeLessThan(finetuning?.logLoss?.frozen ?? 0);
    const losses = selection.scores.map(({ logLoss }) => logLoss);
    expect(selection.settings).toMatchObject({ epochs: losses.indexOf(Math.min(...losses)) + 1 });
    expect([...selection.validated].every((row) => training(problem).folds[row] === 0)).toBe(true);
  });

  test('leaves the network frozen where that is no better', async () => {
    // The features tell the class; the maps are all alike.
    const data = Float32Array.from(
      resident(problem.features).data,
      (value, at) => value + 3 * problem.labels[Math.floor(at / 8)],
    );
    const told = {
      ...problem,
      features: { ...problem.features, data },
      stage: mapsOf(320, new Float32Array(320 * 256).fill(1)),
    };
    const { head, finetuning } = await taken(told);
    expect(head.name).toBe('softmax');
    expect(finetuning).toMatchObject({ chosen: false });
    expect((await taken(told, { wanted: 'last' })).head.name).toBe('finetuned');
  });

  test('trains on the framing that the frozen head reads, whose depths have no stage', async () => {
    // In their own framing the photos are all alike.
    const { features, stage: maps } = problem;
    const flat = mapsOf(320, new Float32Array(320 * 256).fill(1));
    const deep = { features };
    const squash = { features, stage: maps, representations: new Map([['all', deep]]) };
    const both = { ...problem, stage: flat, representations: new Map([['squash', squash]]) };
    const how: Choose<unknown, unknown> = async (...given) => {
      const plain = await only(reading(reading(softmax, 'all'), 'squash'))(...given);
      const choice = { photos: 320, candidates: [] };
      const representations = [
        { ...choice, kind: 'framing' as const, chosen: 'squash' },
        { ...choice, kind: 'depths' as const, chosen: 'all' },
      ];
      return plain.map((one) => ({ ...one, representations }));
    };
    const [{ head, finetuning, representations }] = await withFinetuning(how, stage, { wanted: 'auto' })(
      both,
      [training(problem)],
      context,
    );
    expect(head).toMatchObject({ name: 'finetuned', needs: 'stage', beside: 'pooled', reads: ['squash', 'all'] });
    expect(finetuning?.frozen).toEqual({ head: 'softmax', depths: 'all' });
    expect(finetuning?.accuracy?.finetuned).toBeGreaterThan(0.7);
    expect(representations?.map(({ kind }) => kind)).toEqual(['framing', 'depths']);
  });

  test('too small a budget leaves it frozen, and says so', async () => {
    const { head, finetuning } = await taken(problem, { budget: 1e-9 });
    expect(head.name).toBe('softmax');
    expect(finetuning).toEqual({ chosen: false, reason: 'the budget is too small' });
  });

  test('where it is stopped, the best so far stays: nothing before the first epoch, later what was trained without the fold', async () => {
    let stop: (() => void) | undefined;
    const ended: boolean[] = [];
    const onFinetuning = (end: (() => void) | undefined) => {
      stop = end;
      ended.push(end === undefined);
    };
    const at = (step: number) => ({ ...context, progress: (done: number) => done === step && stop?.() });
    const early = await taken(problem, { wanted: 'last', onFinetuning }, at(1));
    expect(early.head.name).toBe('softmax');
    expect(early.finetuning?.reason).toBe('it was stopped');
    const later = await taken(problem, { wanted: 'last', onFinetuning }, at(20));
    expect(later.head.name).toBe('finetuned');
    expect(later.selection.scores.map(({ settings }) => settings)).toEqual(
      [1, 2].map((epochs) => ({ epochs, schedule: 8 })),
    );
    expect(ended).toEqual([false, true, false, true]);
  });

  test('a loss that is no number at any rate leaves it frozen, and says so', async () => {
    const told: string[] = [];
    // In float16 the maps are infinite.
    const infinite = { ...problem, stage: mapsOf(320, new Float32Array(320 * 256).fill(1e6)) };
    const { head, finetuning } = await taken(infinite, { wanted: 'last', onWarning: (text) => told.push(text) });
    expect(head.name).toBe('softmax');
    expect(finetuning?.reason).toMatch(/no finite loss, however low the rate/);
    expect(told.at(-1)).toContain('half the rate');
  });

  test('says how long it takes before it begins', async () => {
    const told: string[] = [];
    await taken(problem, { onStage: (text) => told.push(text) });
    expect(told).toEqual([
      expect.stringMatching(/^Fine-tuning the last stage: one training of at most 12 epochs, about \d+ s$/),
    ]);
  });
});

test('a map is moved, with zeros behind it', () => {
  const map = Uint16Array.from({ length: 12 }, (_, at) => at + 1);
  shiftMap(map, 3, 2, 2, 1, -1);
  expect([...map]).toEqual([0, 0, 0, 0, 3, 4, 0, 0, 7, 8, 0, 0]);
  shiftMap(map, 3, 2, 2, -2, 1);
  expect([...map]).toEqual([0, 0, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0]);
});
