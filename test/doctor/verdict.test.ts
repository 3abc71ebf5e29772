import { describe, expect, test } from 'vitest';
import { commands, type OptionName, options } from '../../src/cli/options.ts';
import {
  classVerdict,
  labelVerdict,
  type OneClassSituation,
  oneClassVerdict,
  type Situation,
} from '../../src/doctor/verdict.ts';
import type { Evaluation, Interval } from '../../src/metrics/evaluation.ts';
import { shareInterval } from '../../src/metrics/intervals.ts';
import type { LabelEvaluation } from '../../src/metrics/labelEvaluation.ts';
import type { OneClassFigures } from '../../src/metrics/oneClass.ts';

type Counts = Readonly<Record<string, readonly [photos: number, found: number]>>;

/** As `evaluate` gives it, for so many photos of each class of which so many were found. */
function judged(counts: Counts): Evaluation {
  const all = Object.entries(counts);
  const total = all.reduce((sum, [, [photos]]) => sum + photos, 0);
  const right = all.reduce((sum, [, [, found]]) => sum + found, 0);
  const values = Float64Array.from({ length: total }, (_, i) => Number(i < right));
  const [label, [most]] = all.toSorted(([, [a]], [, [b]]) => b - a)[0];
  const wrong = { path: 'x', label, predicted: label, probability: 1, classes: [] };
  return {
    accuracy: shareInterval(values, Int32Array.from(values.keys())),
    baseline: { label, accuracy: most / total },
    ...{ logLoss: 1, ece: { before: 0, after: 0 }, temperature: 1, method: '', photos: [] },
    perClass: all.map(([name, [support, found]]) => {
      return { label: name, precision: 1, recall: support > 0 ? found / support : null, f1: 1, support };
    }),
    confusion: { labels: [], cells: [] },
    reliability: { before: [], after: [] },
    mistakes: Array.from({ length: total - right }, () => wrong),
  };
}

function situation(counts: Counts, changes: Partial<Situation> = {}): Situation {
  const classes = Object.entries(counts).map(([label, [count]]) => ({ label, count }));
  return { classes, balance: false, backbone: 'another', leaks: 0, ...changes };
}

const ants: Counts = { ants: [124, 124], bees: [3, 0] };

test.each([
  [
    'always the commonest class',
    ants,
    'unclear',
    /^Not measurably better than always answering 'ants', the most frequent class: 97\.6% correct/,
  ],
  [
    'a good classifier',
    { a: [60, 57], b: [50, 47] } as Counts,
    'better',
    /^Clearly better .* a difference of 40\.0 points/,
  ],
  ['classes of equal size', { a: [60, 30], b: [60, 31] } as Counts, 'unclear', /^Not .* always answering 'a': /],
  ['random answers', { a: [60, 30], b: [60, 31] } as Counts, 'unclear', /^Not measurably better/],
  ['a reversed one', { a: [90, 10], b: [10, 2] } as Counts, 'worse', /^Worse than always answering 'a'/],
  ['one class only', { a: [90, 80], b: [0, 0] } as Counts, 'unknown', /All of them are 'a', so they cannot show/],
] as const)('%s', (_, counts, standing, says) => {
  const verdict = classVerdict(judged(counts));
  expect(verdict.standing).toBe(standing);
  expect(verdict.sentence).toMatch(says);
  expect(verdict.sentence).not.toMatch(/-\d|NaN/);
});

test.each([
  ['two classes that are one series each', { series: ['a', 'b'] }, /photos of 'a' and 'b' look the same/],
  ['one of two', { series: ['b'] }, /photos of 'b' look the same/],
  ['as many copies as there is gain', { leaks: 60 }, /: 60 photos it learned from are equal/],
])('figures that copies may have given away show nothing: %s', (_, changes, says) => {
  const counts: Counts = { a: [50, 50], b: [50, 50] };
  expect(classVerdict(judged(counts), situation(counts)).standing).toBe('better');
  const { standing, sentence } = classVerdict(judged(counts), situation(counts, changes));
  expect(standing).toBe('unknown');
  expect(sentence).toMatch(/^100% correct, but perhaps not on new photos: /);
  expect(sentence).toMatch(says);
});

test('a few copies, or one small class in series, leave what the others show', () => {
  const counts: Counts = { a: [50, 50], b: [50, 50], c: [5, 5] };
  expect(classVerdict(judged(counts), situation(counts, { leaks: 3, series: ['c'] })).standing).toBe('better');
});

test('a class that is measurably worse is named with its figures; one that had bad luck is not', () => {
  const { weak, sentence } = classVerdict(judged({ a: [100, 98], b: [40, 20], c: [10, 9] }));
  expect(weak).toEqual(['b']);
  expect(sentence).toContain("Weak: 'b' (50.0% of 40 photos found).");
});

test('--balance where a weak class is rare, unless it was given', () => {
  const flagsOf = (changes: Partial<Situation>) =>
    classVerdict(judged(ants), situation(ants, changes)).advice.flatMap(({ flags }) => flags);
  expect(flagsOf({})).toEqual(['--balance']);
  expect(flagsOf({ balance: true })).toEqual([]);
  const even: Counts = { a: [60, 58], b: [50, 20] };
  expect(classVerdict(judged(even), situation(even)).advice).toEqual([]);
  expect(classVerdict(judged(ants), situation(ants)).advice[1].text).toBe("Add photos of 'bees' (3 so far).");
});

test('a stronger network only where there is one, and something left to gain', () => {
  const asks = (counts: Counts, backbone: string) =>
    classVerdict(judged(counts), situation(counts, { backbone })).advice.some(({ text }) => /stronger/.test(text));
  expect(asks({ a: [60, 50], b: [60, 50] }, 'carafe-s')).toBe(true);
  expect(asks({ a: [60, 50], b: [60, 50] }, 'mobilenet-v2')).toBe(false);
  expect(asks({ a: [24, 24], b: [24, 24] }, 'carafe-s')).toBe(false);
  expect(asks({ a: [100, 96], b: [100, 97] }, 'carafe-s')).toBe(true);
  expect(asks({ a: [200, 197], b: [200, 196] }, 'carafe-s')).toBe(false);
});

const around = (value: number, half = 0.05): Interval => ({ value, low: value - half, high: value + half });
const labels = (value: number): LabelEvaluation => ({
  ...{ meanAveragePrecision: around(value), baseline: 0.3, microF1: around(0.5), macroF1: around(0.5) },
  ...{ exactMatch: around(0.5), logLoss: 1, ece: { before: 0, after: 0 }, method: '', photos: [] },
  perLabel: ['red', 'blue'].map((label, i) => {
    const own = { averagePrecision: around(value - 0.2 * i), f1: around(0.5), precision: 1, recall: 1 };
    return { label, support: 9, threshold: 0.5, ...own };
  }),
  reliability: { before: [], after: [] },
  mistakes: [{ path: 'x', missed: [], extra: [] }],
});

test('several labels', () => {
  const good = labelVerdict(labels(0.8), { leaks: 2, backbone: 'carafe-s' });
  expect(good).toMatchObject({ standing: 'better', weak: ['blue'] });
  expect(good.advice.flatMap(({ flags }) => flags)).toEqual(['--ignore-split', '--backbone mobilenet-v4-medium']);
  expect(labelVerdict(labels(0.32)).standing).toBe('unclear');
});

const detected = (auroc: number, miss: number): OneClassFigures => ({
  ...{ falsePositiveRate: around(0.01, 0.01), method: '' },
  detection: {
    ...{ auroc: around(auroc), averagePrecision: around(0.5), f1: around(0.5), falseNegativeRate: around(miss) },
    perKind: [
      { label: 'crack', count: 20, auroc: around(0.5), falseNegativeRate: around(Math.min(1, miss + 0.2)) },
      { label: 'hole', count: 20, auroc: around(0.5), falseNegativeRate: around(Math.max(0, miss - 0.2)) },
    ],
  },
});
const alarmsThatCatch = (...shares: number[]) =>
  shares.map((caught, i) => ({
    ...{ target: [0.01, 0.02, 0.05, 0.1][i], guaranteed: 0.04, threshold: 4 - i },
    ...{ falsePositiveRate: around(0.01, 0.01), caught: around(caught) },
  }));
const oneClass = { otherHead: 'gaussian', backbone: 'carafe-s', alarms: alarmsThatCatch(0, 0.3, 0.4, 0.5) };

test('one class: what is caught, and what to try where nothing is', () => {
  const poor = oneClassVerdict(detected(0.68, 1), oneClass);
  expect(poor.sentence).toMatch(
    /clearly better than chance and catches 0% .* 1\.0% of normal photos are called abnormal/,
  );
  expect(poor.advice.flatMap(({ flags }) => flags)).toEqual([
    '--false-positive-rate 2%',
    '--head gaussian',
    '--backbone mobilenet-v4-medium',
  ]);
  // Only where it catches more: of few photos the thresholds of several shares are one.
  const asked = (alarms: OneClassSituation['alarms']) =>
    oneClassVerdict(detected(0.68, 1), { ...oneClass, alarms }).advice[0]?.flags;
  expect(asked(alarmsThatCatch(0, 0, 0, 0.2))).toEqual(['--false-positive-rate 10%']);
  expect(asked(alarmsThatCatch(0, 0, 0, 0))).toEqual(['--head gaussian']);
  expect(asked([])).toEqual(['--head gaussian']);
  expect(oneClassVerdict(detected(0.5, 0.9), oneClass).standing).toBe('unclear');
  expect(oneClassVerdict(detected(0.99, 0.02), oneClass).advice).toEqual([]);
  expect(oneClassVerdict({ ...detected(0.9, 0), detection: null }, oneClass)).toMatchObject({
    standing: 'unknown',
    advice: [{ flags: ['--normal'] }],
  });
});

describe('advice can be followed', () => {
  const rare: Counts = { ...ants, wasps: [8, 1] };
  const named = classVerdict(judged(rare), situation(rare, { leaks: 3, backbone: 'carafe-s' }));
  const several = labelVerdict(labels(0.8), { leaks: 2, backbone: 'carafe-s' });
  const one = oneClassVerdict(detected(0.68, 1), oneClass);
  const none = oneClassVerdict({ ...detected(0.9, 0), detection: null }, oneClass);
  const notForLabels = ['--balance', '--budget', '--bottleneck'];
  const notForOneClass = ['--balance', '--folds', '--refit', '--views', '--compare-with', '--bottleneck', '--budget'];
  const train: readonly OptionName[] = commands.train.options;
  test.each([
    ['classes', named, []],
    ['labels', several, notForLabels],
    ['one class', one, notForOneClass],
    ['one class without abnormal photos', none, notForOneClass],
  ] as const)('%s', (_, { advice }, refused) => {
    expect(advice.length).toBeGreaterThan(0);
    for (const { text, flags } of advice) {
      // Every flag in the text is listed, and the other way round.
      expect(text.match(/--[\w-]+/g) ?? []).toEqual(flags.map((typed) => typed.split(' ')[0]));
      for (const typed of flags) {
        expect(text).toContain(typed);
        const [flag, value] = typed.split(' ');
        expect(refused).not.toContain(flag);
        const key = train.find((name) => options[name].flags.split(' ')[0] === flag);
        expect(key).toBeDefined();
        // A value that is advised is one that the flag takes.
        if (key && value !== undefined) expect(options[key].schema.safeParse(value).success).toBe(true);
      }
    }
  });
});
