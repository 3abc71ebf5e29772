import { describe, expect, test } from 'vitest';
import { timesTaken } from '../../src/evaluation/choose.ts';
import { withBottleneck } from '../../src/evaluation/chooseBottleneck.ts';
import { amongHeads } from '../../src/evaluation/chooseHead.ts';
import {
  type Among,
  amongRepresentations,
  chooseOnSample,
  onChosen,
} from '../../src/evaluation/chooseRepresentation.ts';
import type { Inputs } from '../../src/features/mapTable.ts';
import { inputsOf, type Problem, problemOf } from '../../src/heads/head.ts';
import { headNamed } from '../../src/heads/registry.ts';
import { Random } from '../../src/numerics/random.ts';
import { resident } from '../../src/numerics/rows.ts';
import { makeSplit } from '../../src/split/makeSplit.ts';
import { fittedParts } from '../../src/split/split.ts';
import { context, drawnProblem, ones } from '../heads/drawn.ts';
import { judge, targetsOf } from '../judging.ts';

const softmax = headNamed('softmax');
const among: Among = { kind: 'framing', names: ['crop', 'squash', 'pad'], by: softmax, standardErrors: 1 };

/** Features with so much noise over them. */
function noisy({ features }: Inputs, noise: number, seed: string): Inputs {
  const random = new Random(seed);
  return { features: { ...features, data: resident(features).data.map((value) => value + noise * random.normal()) } };
}

/** Photos of which the usual representation, and the others, are blurred by so much. */
function seen(usual: number, others: Readonly<Record<string, number>>, photos = 240): Problem {
  const { features, labels, classes } = drawnProblem(photos);
  const own = noisy({ features }, usual, 'usual');
  const representations = new Map(
    Object.entries(others).map(([name, noise]) => [name, noisy({ features }, noise, name)]),
  );
  return { ...own, labels, classes, representations };
}

function splitOf(problem: Problem, folds = 4) {
  const { labels, classes } = targetsOf(problem);
  const ids = Array.from(labels, (_, i) => i.toString(16).padStart(64, '0'));
  const groups = Int32Array.from(labels.keys());
  return makeSplit({ labels, classes, groups, ids, given: ids.map(() => undefined), seed: 0, folds, repeats: 1 });
}

const judged = (how: Parameters<typeof judge>[0], problem: Problem) =>
  judge(
    how,
    problem,
    splitOf(problem),
    { photoWeights: ones(targetsOf(problem).labels.length), refit: false },
    context,
  );

describe('a representation is chosen in each training part', () => {
  test('the one that the classes are clearer in, and its answers are those of a head on it alone', async () => {
    const problem = seen(4, { squash: 0, pad: 4 });
    const { parts, file, logits } = await judged(amongRepresentations(among, softmax), problem);
    const names = parts.map(({ representations }) => representations?.[0].chosen);
    expect(timesTaken(names)).toEqual([{ value: 'squash', parts: 4 }]);
    expect(file.head.reads).toEqual(['squash']);
    const [choice] = file.representations ?? [];
    expect(choice.photos).toBe(240);
    const [crop, squash, pad] = choice.candidates;
    expect(squash.logLoss).toBeLessThan(Math.min(crop.logLoss, pad.logLoss));
    expect(squash.difference.value).toBeCloseTo(squash.accuracy.value - crop.accuracy.value, 9);
    expect(crop.difference.value).toBe(0);
    const alone = await judged(softmax, inputsOf({ reads: ['squash'] }, problem));
    expect(logits).toEqual(alone.logits);
  });

  test('the usual one where nothing is clearly better', async () => {
    const { file, logits } = await judged(amongRepresentations(among, softmax), seen(0, { squash: 0, pad: 0.1 }));
    expect(file.representations?.[0].chosen).toBe('crop');
    expect(file.head.reads).toBeUndefined();
    expect(logits).toEqual((await judged(softmax, seen(0, {}))).logits);
  });

  test('with views behind the photos, too', async () => {
    const { representations, ...photos } = seen(4, { squash: 0, pad: 4 }, 120);
    const twice = ({ features }: Inputs): Inputs => ({
      features: {
        ...features,
        rows: 240,
        data: Float32Array.from([...resident(features).data, ...resident(features).data]),
      },
    });
    const all = new Map(Array.from(representations ?? [], ([name, one]) => [name, twice(one)]));
    const problem = problemOf({ ...twice(photos), representations: all }, targetsOf(photos));
    const { file } = await judged(amongRepresentations(among, softmax), problem);
    expect(file.head.reads).toEqual(['squash']);
  });

  test('heads, bottlenecks and further representations are chosen on the one that was taken', async () => {
    const problem = seen(4, { squash: 1 });
    const inner = problem.representations?.get('squash');
    if (!inner) throw new TypeError('it was drawn above');
    const depths = new Map([['all', seen(0, {})]]);
    const both = { ...problem, representations: new Map([['squash', { ...inner, representations: depths }]]) };
    const names = ['last', 'all'] as const;
    const how = amongRepresentations(
      { ...among, names: ['crop', 'squash'] },
      amongRepresentations(
        { ...among, kind: 'depths', names },
        withBottleneck(amongHeads(['prototype', 'softmax'].map(headNamed), softmax), 'auto'),
      ),
    );
    const { file, logits } = await judged(how, both);
    expect(file.head.reads).toEqual(['squash', 'all']);
    expect(file.representations?.map(({ kind, chosen }) => [kind, chosen])).toEqual([
      ['framing', 'squash'],
      ['depths', 'all'],
    ]);
    expect(file.leaderboard?.heads.length).toBe(2);
    expect(file.widths).toBeDefined();
    expect(logits.rows).toBe(240);
  });
});

describe('a sample decides', () => {
  const rowsOf = (problem: Problem) => Int32Array.from(problem.labels.keys()).filter((row) => row % 4 === 1);
  const sampled = (problem: Problem, rows: Int32Array) =>
    new Map(
      Array.from(problem.representations ?? [], ([name, { features }]): [string, Inputs] => [
        name,
        {
          features: {
            rows: rows.length,
            columns: features.columns,
            data: Float32Array.from(
              Array.from(rows).flatMap((row) => [
                ...resident(features).data.subarray(row * features.columns, (row + 1) * features.columns),
              ]),
            ),
          },
        },
      ]),
    );

  test('nothing but the sample of the others is looked at, and all heads then read what was taken', async () => {
    const problem = seen(4, { squash: 0, pad: 4 });
    const rows = rowsOf(problem);
    const trainings = fittedParts(splitOf(problem)).map(({ inner: folds, innerFolds }) => ({
      ...{ folds, innerFolds, weights: ones(240), groups: Int32Array.from(folds.keys()) },
    }));
    const unknown = { ...problem, representations: undefined };
    const choices = await chooseOnSample(among, unknown, trainings, rows, sampled(problem, rows), context);
    expect(choices?.map(({ chosen }) => chosen)).toEqual(Array.from(trainings, () => 'squash'));
    expect(choices?.at(-1)?.photos).toBe(60);
    const { file, parts } = await judged(onChosen('crop', choices ?? [], softmax), problem);
    expect([...parts.map(({ head }) => head.reads), file.head.reads]).toEqual(Array.from(trainings, () => ['squash']));
  });

  test.each([
    ['without inner folds', 0, new Int32Array(240)],
    [
      'where the sample lies outside the part',
      4,
      Int32Array.from({ length: 240 }, (_, row) => (row % 4 === 1 ? -1 : 0)),
    ],
  ])('%s nothing is chosen', async (_, innerFolds, folds) => {
    const problem = seen(4, { squash: 0 });
    const rows = rowsOf(problem);
    const trainings = [{ folds, innerFolds, weights: ones(240), groups: Int32Array.from(folds.keys()) }];
    expect(await chooseOnSample(among, problem, trainings, rows, sampled(problem, rows), context)).toBeUndefined();
  });
});
