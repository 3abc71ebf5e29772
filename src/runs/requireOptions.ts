/** Validates a caller's options before any work is done. */

import { CarafeError } from '../errors.ts';
import { framings, looksCounts } from '../images/framing.ts';
import type { ViewOptions } from '../images/view.ts';
import type { OneClassOptions, TrainOptions } from './options.ts';

/** What an option takes: a test, and the same in words. */
type Rule = readonly [isRight: (value: unknown) => boolean, words: string];

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const between =
  (low: number, high: number): Rule[0] =>
  (value) =>
    isNumber(value) && value >= low && value <= high;
const whole = (low: number, high: number): Rule => [
  (value) => Number.isInteger(value) && between(low, high)(value),
  `a whole number from ${low} to ${high}`,
];
const share: Rule = [(value) => isNumber(value) && value > 0 && value < 1, 'a number between 0 and 1, such as 0.01'];
const percent: Rule = [between(0, 100), 'a number from 0 to 100'];
const text: Rule = [(value) => typeof value === 'string' && value !== '', 'a text'];
const flag: Rule = [(value) => typeof value === 'boolean', 'true or false'];
const listener: Rule = [(value) => typeof value === 'function', 'a function'];

const width = whole(1, 65_536);
/** Options that are looked at where they are used. */
type Elsewhere = 'preprocessing' | 'views' | 'limits' | 'signal';
type OptionName =
  | Exclude<keyof TrainOptions | keyof OneClassOptions, Elsewhere>
  | `views.${keyof ViewOptions}`
  | 'html'
  | 'classifier'
  | 'margin'
  | 'workers'
  | 'photosPerPart'
  | 'top'
  | 'averageViews'
  | 'why'
  | 'count'
  | 'labelled';

/** An option without a rule does not compile. */
const rules: Readonly<Record<OptionName, Rule>> = {
  out: text,
  tensorboard: text,
  compareWith: text,
  backbone: text,
  device: text,
  cut: text,
  head: text,
  framing: [(value) => value === 'auto' || framings.some((one) => one === value), `'auto', '${framings.join("', '")}'`],
  looks: [(value) => looksCounts.some((count) => count === value), 'the number 1, 2 or 4'],
  groupBy: text,
  pathColumn: text,
  labelColumn: text,
  splitColumn: text,
  encoding: text,
  normal: text,
  html: text,
  classifier: text,
  bottleneck: [(value) => value === 'auto' || width[0](value), `'auto' or ${width[1]}`],
  depths: [(value) => ['auto', 'last', 'all'].includes(String(value)), "'auto', 'last' or 'all'"],
  finetune: [(value) => ['auto', 'last', 'off'].includes(String(value)), "'auto', 'last' or 'off'"],
  budget: [(value) => isNumber(value) && value > 0, 'a number of seconds above 0'],
  margin: share,
  falsePositiveRate: share,
  coverage: share,
  robustness: flag,
  folds: whole(2, 50),
  minPhotos: whole(1, 1e6),
  photosPerPart: whole(1, 10_000),
  seed: whole(0, 2 ** 31 - 1),
  threads: whole(1, 1024),
  workers: whole(1, 1024),
  top: whole(1, 1000),
  memoryLimit: [(value) => isNumber(value) && value >= 1e6, 'a number of bytes, a million or more'],
  balance: flag,
  refit: flag,
  force: flag,
  averageViews: flag,
  why: flag,
  count: whole(1, 10_000),
  labelled: text,
  ignoreSplit: flag,
  asClasses: flag,
  mergeLabels: flag,
  'views.count': whole(1, 100),
  'views.flip': flag,
  'views.crop': percent,
  'views.scale': percent,
  'views.brightness': percent,
  'views.rotate': [between(0, 180), 'a number of degrees from 0 to 180'],
  onProgress: listener,
  onDownload: listener,
  onStage: listener,
  onFitting: listener,
  onFinetuning: listener,
  again: listener,
  onUnderstood: listener,
  onWarning: listener,
};

/**
 * Makes sure of a caller's options before any work is done: types are no help to who calls from JavaScript.
 * @throws CarafeError USAGE
 */
export function requireOptions(options: object): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    if (name === 'views') requireViews(value);
    else requireOption(name, value);
  }
}

function requireViews(views: unknown): void {
  if (typeof views !== 'object' || views === null || !('count' in views))
    throw wrong('views', views, 'an object such as { count: 8 }');
  for (const [name, value] of Object.entries(views)) if (value !== undefined) requireOption(`views.${name}`, value);
}

function requireOption(name: string, value: unknown): void {
  if (isOption(name) && !rules[name][0](value)) throw wrong(name, value, rules[name][1]);
}

function isOption(name: string): name is OptionName {
  return Object.hasOwn(rules, name);
}

function wrong(name: string, value: unknown, words: string): CarafeError {
  const shown = typeof value === 'string' ? `'${value}'` : typeof value === 'object' ? 'an object' : String(value);
  return new CarafeError(
    'USAGE',
    `The option ${name} is ${value === null ? 'null' : shown}, not ${words}.`,
    `Give ${name} ${words}, or leave it out.`,
  );
}

/** Makes sure that a path, or an address, is one. @throws CarafeError USAGE */
export function requireText(name: string, value: unknown): void {
  if (!text[0](value)) throw wrong(name, value, text[1]);
}
