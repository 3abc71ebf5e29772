/** The verdict on the figures in words, and advice on what to do next. */

import * as z from 'zod';
import { embedded } from '../backbone/embedded.ts';
import { type Evaluation, type Interval, interval } from '../metrics/evaluation.ts';
import { binomialInterval } from '../metrics/intervals.ts';
import type { LabelEvaluation } from '../metrics/labelEvaluation.ts';
import type { Alarms, OneClassFigures } from '../metrics/oneClass.ts';
import { largestOf } from '../numerics/statistics.ts';
import { fewPhotos } from './fewPhotos.ts';

/** What it comes to, in words that somebody can act on; terminal and report begin with it. */
export const verdict = z.object({
  /** Against answers without looking; `unknown` where the judged photos cannot tell. */
  standing: z.enum(['better', 'unclear', 'worse', 'unknown']),
  /** The figure less that of answers without looking; null where there is nothing to compare with. */
  gain: z.nullable(interval),
  sentence: z.string(),
  /** Classes, labels or kinds of abnormal photos that are recognised measurably worse than the rest, the weakest first. */
  weak: z.array(z.string()),
  /** What to do next, the most useful first, with the flags that it names, as they are typed. */
  advice: z.array(z.object({ text: z.string(), flags: z.array(z.string()) })),
});
export type Verdict = z.infer<typeof verdict>;
type Advice = Verdict['advice'][number];

/** What a training run did, as far as advice depends on it. */
export interface Situation {
  /** Photos of each class, judged or not. */
  readonly classes: readonly { readonly label: string; readonly count: number }[];
  readonly balance: boolean;
  /** Name of the network. */
  readonly backbone: string;
  /** Photos that were trained on and are equal, or nearly so, to judged ones. */
  readonly leaks: number;
  /** Classes whose photos all look the same though they count as separate. */
  readonly series?: readonly string[] | undefined;
}

const most = { advice: 3, weak: 3 };
/** From this ratio of the commonest class to a weak one on, weighing classes is worth a try: docs/architecture.md says why. */
const imbalance = 3;

/** Of a classifier that names one class a photo. @param run undefined where a finished file is measured */
export function classVerdict(evaluation: Evaluation, run?: Situation): Verdict {
  const { accuracy, baseline, perClass } = evaluation;
  const judged = perClass.flatMap(({ label, recall, support }) =>
    recall === null || support === 0 ? [] : [{ label, recall, support }],
  );
  const weak = judged
    .filter(({ recall, support }) => binomialInterval(Math.round(recall * support), support).high < accuracy.value)
    .toSorted((a, b) => a.recall - b.recall);
  const told = weakWords(weak.map(({ label, recall, support }) => `${quoted(label)} (${found(recall, support)})`));
  const advice = run ? classAdvice(evaluation, weak, run) : [];
  const names = weak.map(({ label }) => label);
  if (judged.length < 2)
    return {
      ...{ standing: 'unknown', gain: null, weak: names, advice },
      sentence: `${share(accuracy)} of these photos are classified correctly. All of them are ${quoted(baseline.label)}, so they cannot show whether it can distinguish classes.`,
    };
  const isEven = judged.every(({ support }) => support === judged[0].support);
  const gain = less(accuracy, baseline.accuracy);
  const standing = standingOf(gain);
  const doubt = run && doubtOf(gain, judged, run);
  if (standing === 'better' && doubt !== undefined)
    return {
      ...{ standing: 'unknown', gain, weak: names, advice },
      sentence: `${percent(accuracy.value)} correct, but perhaps not on new photos: ${doubt}.${told}`,
    };
  const start = { better: 'Clearly better than', unclear: 'Not measurably better than', worse: 'Worse than' }[standing];
  return {
    ...{ standing, gain, weak: names, advice },
    sentence: `${start} always answering ${quoted(baseline.label)}${isEven ? '' : ', the most frequent class'}: ${percent(accuracy.value)} correct against ${percent(baseline.accuracy)}, ${between(gain)}.${told}`,
  };
}

/** Why nothing is shown, where the gain is gone once every answer that a copy may have given away counts as wrong. */
function doubtOf(
  gain: Interval,
  judged: readonly { readonly label: string; readonly support: number }[],
  { leaks, series = [] }: Situation,
): string | undefined {
  const one = judged.filter(({ label }) => series.includes(label));
  const alike = one.reduce((sum, { support }) => sum + support, 0);
  const all = judged.reduce((sum, { support }) => sum + support, 0);
  if (gain.low > Math.min(1, (alike + leaks) / all)) return undefined;
  const names = one.map(({ label }) => quoted(label));
  return alike >= leaks
    ? `all photos of ${names.length === 2 ? names.join(' and ') : listed(names)} look the same, as if each class were one series of one thing`
    : `${photos(leaks)} it learned from ${leaks === 1 ? 'is' : 'are'} equal or nearly equal to test photos`;
}

function classAdvice(
  { accuracy, mistakes }: Evaluation,
  weak: readonly { readonly label: string }[],
  { classes, balance, backbone, leaks }: Situation,
): Advice[] {
  const counts = new Map(classes.map(({ label, count }) => [label, count]));
  const commonest = largestOf(classes.map(({ count: own }) => own));
  const rare = weak.filter(({ label }) => commonest >= imbalance * (counts.get(label) ?? commonest));
  const small = weak.filter(({ label }) => (counts.get(label) ?? fewPhotos) < fewPhotos);
  return [
    leaks > 0 && leakAdvice(leaks),
    rare.length > 0 &&
      !balance && {
        text: `Train again with --balance: ${listed(rare.map(({ label }) => `${quoted(label)} has ${photos(counts.get(label) ?? 0)}`))} and the largest class ${count(commonest)}. Rare classes then count as much as common ones.`,
        flags: ['--balance'],
      },
    small.length > 0 && {
      text: `Add photos of ${listed(small.map(({ label }) => `${quoted(label)} (${count(counts.get(label) ?? 0)} so far)`))}.`,
      flags: [],
    },
    !atCeiling(accuracy, mistakes.length) && strongerAdvice(backbone),
  ]
    .filter((one) => one !== false)
    .slice(0, most.advice);
}

/** Where hardly a mistake is left, a stronger network has nothing to gain that could be measured. */
function atCeiling({ value, high }: Interval, mistakes: number): boolean {
  return mistakes === 0 || (value >= 0.95 && high >= 0.99);
}

/** Where the network is the one that comes with the package. */
function strongerAdvice(backbone: string): Advice | false {
  if (backbone !== embedded.name) return false;
  const { measured, stronger } = embedded;
  const [own, other] = [measured.flowers5, stronger.predecessor.flowers5].map(percent);
  return {
    text: `Try a stronger network: --backbone ${stronger.name} (a ${stronger.megabytes} MB download; on five kinds of flowers even its smaller predecessor is right ${other} of the time, this one ${own}).`,
    flags: [`--backbone ${stronger.name}`],
  };
}

function leakAdvice(leaks: number): Advice {
  const are = leaks === 1 ? 'is' : 'are';
  return {
    text: `These figures are too good: ${photos(leaks)} of the training part ${are} equal or nearly equal to test photos. Train with --ignore-split, which keeps equal photos together.`,
    flags: ['--ignore-split'],
  };
}

/** Of a classifier that gives several labels. */
export function labelVerdict(evaluation: LabelEvaluation, run?: Pick<Situation, 'leaks' | 'backbone'>): Verdict {
  const { meanAveragePrecision: figure, baseline, perLabel, mistakes } = evaluation;
  const judged = perLabel.flatMap(({ label, averagePrecision, support }) =>
    averagePrecision && support > 0 ? [{ label, averagePrecision }] : [],
  );
  const weak = judged
    .filter(({ averagePrecision }) => averagePrecision.high < figure.value)
    .toSorted((a, b) => a.averagePrecision.value - b.averagePrecision.value);
  const advice = [
    run !== undefined && run.leaks > 0 && leakAdvice(run.leaks),
    run !== undefined && !atCeiling(figure, mistakes.length) && strongerAdvice(run.backbone),
  ].filter((one) => one !== false);
  const names = weak.map(({ label }) => label);
  if (judged.length === 0)
    return {
      ...{ standing: 'unknown', gain: null, weak: [], advice },
      sentence: 'None of these photos has a label, so they cannot show whether it finds any.',
    };
  const gain = less(figure, baseline);
  const standing = standingOf(gain);
  const start = { better: 'Clearly better than', unclear: 'Not measurably better than', worse: 'Worse than' }[standing];
  const told = weakWords(
    weak.map(({ label, averagePrecision }) => `${quoted(label)} (${percent(averagePrecision.value)})`),
  );
  return {
    ...{ standing, gain, weak: names, advice },
    sentence: `${start} guessing: mean average precision ${percent(figure.value)} against ${percent(baseline)}, ${between(gain)}.${told}`,
  };
}

/** What a one-class run did, as far as advice depends on it. */
export interface OneClassSituation {
  /** A head to try in place of the one that was fitted. */
  readonly otherHead: string;
  readonly backbone: string;
  /** What other shares of false alarms catch. */
  readonly alarms: Alarms;
}

/** Of a one-class classifier. */
export function oneClassVerdict({ falsePositiveRate, detection }: OneClassFigures, run?: OneClassSituation): Verdict {
  const alarms = `${percent(falsePositiveRate.value)} of normal photos are called abnormal`;
  if (!detection)
    return {
      ...{ standing: 'unknown', gain: null, weak: [] },
      sentence: `${alarms[0].toUpperCase()}${alarms.slice(1)}. No abnormal photos were given, so it is unknown how many it catches.`,
      advice: run
        ? [
            {
              text: 'Put some abnormal photos into a folder next to the normal one, and name the normal one with --normal. They are used only for testing.',
              flags: ['--normal'],
            },
          ]
        : [],
    };
  const { auroc, falseNegativeRate: miss, perKind } = detection;
  const caught = { value: 1 - miss.value, low: 1 - miss.high, high: 1 - miss.low };
  const gain = less(auroc, 0.5);
  const standing = standingOf(gain);
  const weak = perKind
    .filter((kind) => perKind.length > 1 && 1 - kind.falseNegativeRate.low < caught.value)
    .toSorted((a, b) => b.falseNegativeRate.value - a.falseNegativeRate.value);
  const told = weakWords(
    weak.map((kind) => `${quoted(kind.label)} (${percent(1 - kind.falseNegativeRate.value)} caught)`),
  );
  const start = {
    better: `It separates abnormal photos from normal ones clearly better than chance and catches ${share(caught)} of them`,
    unclear: `It does not separate abnormal photos from normal ones measurably better than chance: it catches ${share(caught)} of them`,
    worse: `It ranks abnormal photos below normal ones: it catches ${share(caught)} of them`,
  }[standing];
  return {
    ...{ standing, gain, weak: weak.map(({ label }) => label) },
    sentence: `${start}, while ${alarms}.${told}`,
    advice: run && caught.value < enough ? oneClassAdvice(run, caught.value) : [],
  };
}

/** Where more of the abnormal photos are caught, nothing need be changed. */
const enough = 0.9;

function oneClassAdvice({ otherHead, backbone, alarms }: OneClassSituation, caught: number): Advice[] {
  const more = alarms.find((row) => row.caught.value > caught);
  const rate = more && `--false-positive-rate ${Number((100 * more.target).toPrecision(3))}%`;
  return [
    more !== undefined &&
      rate !== undefined && {
        text: `Allow more false alarms: ${rate} would catch ${percent(more.caught.value)} (the table of false alarms shows the cost).`,
        flags: [rate],
      },
    { text: `Try another head: --head ${otherHead}.`, flags: [`--head ${otherHead}`] },
    strongerAdvice(backbone),
  ].filter((one) => one !== false);
}

function standingOf({ low, high }: Interval): 'better' | 'unclear' | 'worse' {
  return low > 0 ? 'better' : high < 0 ? 'worse' : 'unclear';
}

function less({ value, low, high }: Interval, base: number): Interval {
  return { value: value - base, low: low - base, high: high - base };
}

function between({ value, low, high }: Interval): string {
  const points = (figure: number) =>
    (100 * figure)
      .toFixed(1)
      .replace(/^-0\.0$/, '0.0')
      .replace('-', '−');
  return `a difference of ${points(value)} points (95% interval ${points(low)} to ${points(high)})`;
}

function weakWords(classes: readonly string[]): string {
  if (classes.length === 0) return '';
  const more = classes.length - most.weak;
  return ` Weak: ${classes.slice(0, most.weak).join(', ')}${more > 0 ? ` and ${more} more` : ''}.`;
}

function found(recall: number, support: number): string {
  return `${percent(recall)} of ${photos(support)} found`;
}

function share({ value, low, high }: Interval): string {
  return `${percent(value)} (95% interval ${percent(low)} to ${percent(high)})`;
}

/** As the report's own, which never rounds to all or nothing. */
function percent(value: number): string {
  if (value <= 0 || value >= 1) return `${value * 100}%`;
  return `${Math.min(99.9, Math.max(0.1, Number((100 * value).toFixed(1)))).toFixed(1)}%`;
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

function photos(value: number): string {
  return `${count(value)} ${value === 1 ? 'photo' : 'photos'}`;
}

function listed(words: readonly string[]): string {
  const shown = words.slice(0, most.weak);
  return `${shown.join(', ')}${words.length > shown.length ? ` and ${words.length - shown.length} more` : ''}`;
}

/** A very long label is cut. */
function quoted(label: string): string {
  const characters = [...label];
  return `'${characters.length > 48 ? `${characters.slice(0, 45).join('')}…` : label}'`;
}
