/** Every option and command, one typed table. */

import * as z from 'zod';
import { devices } from '../runtime/platform.ts';
import { doctorCommand, doctorOptions } from './doctorOptions.ts';
import { editOptions } from './editOptions.ts';
import { exportCommand, exportOptions } from './exportOptions.ts';
import { fittingOptions } from './fittingOptions.ts';
import { choosing, nextOptions } from './nextOptions.ts';
import { amount, byteSize, flag, fraction, type Option, option, percentage, text, whole } from './option.ts';
import { lists, network } from './optionGroups.ts';
import { scaleCommands, scaleOptions } from './scaleOptions.ts';
import { serveOptions, serving } from './serveOptions.ts';
import { sightOptionNames, sightOptions } from './sightOptions.ts';
import { studyOptions } from './studyOptions.ts';
import { trainOptions } from './trainOptions.ts';
import { watchOptionNames, watchOptions } from './watchOptions.ts';

/** Every option of every command; help and parsing come from here, and docs/commands.md has them all. */
export const options = {
  out: option('--out <dir>', 'folder for the results (carafe-out)', text.optional()),
  tensorboard: option(
    '--tensorboard <dir>',
    'write loss, accuracy and learning curve as a TensorBoard event file while training',
    text.optional(),
  ),
  compareWith: option(
    '--compare-with <classifier>',
    'compare with an earlier classifier: its network, head and seed are used unless you name others, and the report shows what changed',
    text.optional(),
  ),
  backbone: option(
    '--backbone <network>',
    'embedded, a name of `carafe backbones`, hf:owner/repo, an https address, or an .onnx file (embedded)',
    text.optional(),
  ),
  cut: option(
    '--cut <place>',
    'where to cut the backbone: last, pool, or the name of a tensor or a layer',
    text.optional(),
  ),
  device: option(
    '--device <name>',
    'where the backbone runs: cpu, cuda, webgpu, coreml or dml (cpu)',
    z.enum(devices).default('cpu'),
  ),
  ...sightOptions,
  ...fittingOptions,
  views: option(
    '--views <k>',
    'also train on k distorted views of each photo; unless one of the next five is given: --crop 10 --scale 10 --brightness 10 --rotate 5',
    whole(1, 100).optional(),
  ),
  flip: option('--flip', 'views: mirror left and right', flag),
  crop: option('--crop <percent>', 'views: crop this much off, at a random place', percentage),
  scale: option('--scale <percent>', 'views: zoom in by up to this much', percentage),
  brightness: option('--brightness <percent>', 'views: brighten or darken by up to this much', percentage),
  rotate: option('--rotate <degrees>', 'views: rotate by up to this much, either way', amount(180)),
  html: option('--html <file>', 'the page to write', text.optional()),
  ...studyOptions,
  ...editOptions,
  ...exportOptions,
  photos: option(
    '--photos <photos>',
    'explain: photos to search for the most similar ones (those the classifier learned from); export: photos on which to compare answers',
    text.optional(),
  ),
  balance: option('--balance', 'give rare classes as much weight as frequent ones', flag),
  folds: option('--folds <k>', 'cross-validate with k folds instead of holding photos out', whole(2, 50).optional()),
  groupBy: option(
    '--group-by <rule>',
    'keep photos together: a column of the list, or a regular expression on the path',
    text.optional(),
  ),
  pathColumn: option(
    '--path-column <name>',
    "the list's column of paths (path, or what looks like it)",
    text.optional(),
  ),
  labelColumn: option(
    '--label-column <name>',
    "the list's column of labels (label, labels, class, ...)",
    text.optional(),
  ),
  splitColumn: option('--split-column <name>', "the list's column of train, val and test (split)", text.optional()),
  encoding: option(
    '--encoding <name>',
    'encoding of the list, such as windows-1252 (UTF-8 and UTF-16 are recognised)',
    text.optional(),
  ),
  mergeLabels: option('--merge-labels', 'merge labels that differ only in capitals, blanks or encoding', flag),
  minPhotos: option(
    '--min-photos <n>',
    'leave out classes with fewer separate photos than n',
    whole(1, 1e6).optional(),
  ),
  dryRun: option('--dry-run', 'say how the photos are understood, and stop', flag),
  ignoreSplit: option('--ignore-split', "split the photos anew, ignoring the set's own train and test parts", flag),
  asClasses: option(
    '--as-classes',
    'treat every folder as a class, even one named like a part of a split (train, test)',
    flag,
  ),
  refit: option('--refit', 'after measuring, train once more on all photos', flag),
  falsePositiveRate: option(
    '--false-positive-rate <share>',
    'share of known photos that may be called unknown, or of normal ones abnormal (1%)',
    fraction.default(0.01),
  ),
  ...trainOptions,
  oneClass: option('--one-class', 'learn from normal photos alone, and find what is not normal', flag),
  normal: option('--normal <class>', 'the normal class; the others are used only for testing', text.optional()),
  memoryLimit: option(
    '--memory-limit <size>',
    'memory that fitting a one-class head may use besides the features, such as 500MB (1GB)',
    byteSize.optional(),
  ),
  force: option('--force', 'train on fewer than ten normal photos', flag),
  heatmaps: option('--heatmaps <dir>', 'write each photo with its heatmap into this folder, as PNG', text.optional()),
  seed: option('--seed <n>', 'seed of the split and of the training (0)', whole(0, 2 ** 31 - 1).optional()),
  threads: option(
    '--threads <n>',
    'processor cores to use (all that this machine or container has, at most 16)',
    whole(1, 1024).optional(),
  ),
  assertAccuracy: option(
    '--assert-accuracy <share>',
    'exit with 3 if the lower end of the accuracy interval is below this',
    fraction.optional(),
  ),
  json: option('--json', 'print one JSON object on stdout and nothing else', flag),
  csv: option('--csv', 'print comma-separated values', flag),
  averageViews: option('--average-views', 'average over as many distorted views as in training', flag),
  why: option('--why', 'show the photos it learned from that are most like each photo', flag),
  top: option('--top <k>', 'how many classes to show for each photo (1)', whole(1, 1000).optional()),
  perClass: option('--per-class <n>', 'photos to draw in each class (70)', whole(8, 1000).default(70)),
  olderThan: option(
    '--older-than <days>',
    'prune what has not been used for this many days (30)',
    whole(0, 36500).default(30),
  ),
  ...nextOptions,
  ...serveOptions,
  ...scaleOptions,
  static: option(
    '--static <dir>',
    'write the page as files for any web server, where it works without this program',
    text.optional(),
  ),
  open: option('--no-open', 'open no browser; the address is printed', z.boolean().default(true)),
  ...watchOptions,
  ...doctorOptions,
  debug: option('--debug', 'show the stack trace of an error', flag),
} satisfies Record<string, Option>;

export type OptionName = keyof typeof options;
/** The parsed values of the named options. */
export type Values<K extends OptionName> = { readonly [P in K]: z.output<(typeof options)[P]['schema']> };

/** Where training writes unless told. */
export const usualFolder = 'carafe-out';

/** One command: its words and the options that it takes; the code is loaded when it runs. */
export interface Command {
  readonly name: string;
  readonly usage: string;
  readonly text: string;
  readonly options: readonly OptionName[];
  /** Where `--out` is something else than for most commands: its help. */
  readonly out?: string;
  readonly example: string;
}

const views = ['views', 'flip', 'crop', 'scale', 'brightness', 'rotate'] as const;
const fitting = [
  'backbone',
  ...network,
  ...sightOptionNames,
  'head',
  'bottleneck',
  'finetune',
  'budget',
  ...views,
  'balance',
  'folds',
  'groupBy',
  'ignoreSplit',
  'asClasses',
  ...lists,
  'mergeLabels',
  'minPhotos',
  'refit',
  'falsePositiveRate',
  'coverage',
  'robustness',
  'seed',
] as const;
const training = ['out', 'compareWith', ...fitting] as const;

const oneClass = ['oneClass', 'normal', 'memoryLimit', 'force'] as const;

export const commands = {
  train: {
    name: 'train',
    usage: '<photos>',
    text: 'Train a classifier on a folder with one sub-folder per class, or on a .csv or .jsonl list.',
    options: [...training, ...oneClass, 'dryRun', 'tensorboard', 'assertAccuracy', 'json', 'debug'],
    example: 'carafe train photos/ --out my-classifier',
  },
  doctor: doctorCommand,
  predict: {
    name: 'predict',
    usage: '<classifier> <paths...>',
    text: 'Say what is in photos: files, folders or patterns.',
    options: ['top', 'averageViews', 'why', 'heatmaps', 'json', 'csv', 'threads', 'debug'],
    example: 'carafe predict my-classifier/ new-photos/ --top 3',
  },
  evaluate: {
    name: 'evaluate',
    usage: '<classifier> <photos>',
    text: 'Measure a classifier on labelled photos that it has not seen.',
    options: ['groupBy', ...lists, 'normal', 'seed', 'threads', 'assertAccuracy', 'json', 'debug'],
    example: 'carafe evaluate my-classifier/ test-photos/',
  },
  verify: {
    name: 'verify',
    usage: '<classifier>',
    text: 'Run the self-test inside a classifier: does it answer here as it did where it was made?',
    options: ['threads', 'json', 'debug'],
    example: 'carafe verify my-classifier/',
  },
  inspect: {
    name: 'inspect',
    usage: '<network>',
    text: 'Show a backbone or a classifier layer by layer: sizes, parameters, multiply-adds, bottlenecks, and where it is cut.',
    options: ['cut', 'html', 'json', 'debug'],
    example: 'carafe inspect my-network.onnx --html network.html',
  },
  backbones: {
    name: 'backbones',
    usage: '[action] [network] [photos]',
    text: 'List the backbones; `get <network>` downloads one ahead of time; `check <network> <photos>` compares preprocessings and cuts on your own photos.',
    options: [...network, 'asClasses', ...lists, 'json', 'debug'],
    example: 'carafe backbones check my-network.onnx photos/',
  },
  edit: {
    name: 'edit',
    usage: '<classifier>',
    text: 'Remove, merge or rename classes of a classifier, or add photos (knn and prototype heads only) without retraining.',
    options: ['remove', 'merge', 'rename', 'add', 'to', 'threads', 'json', 'debug'],
    example: 'carafe edit my-classifier/ --merge cat+dog=pet',
  },
  export: exportCommand,
  study: {
    name: 'study',
    usage: '<photos>',
    text: 'Measure how narrow a bottleneck may be on your photos, and what compressing the features costs.',
    options: [
      'quick',
      'thorough',
      'margin',
      'out',
      'backbone',
      ...network,
      'framing',
      'looks',
      'groupBy',
      'asClasses',
      ...lists,
      'seed',
      'json',
      'debug',
    ],
    out: 'folder for the page and its pictures (carafe-study)',
    example: 'carafe study photos/ --quick',
  },
  explain: {
    name: 'explain',
    usage: '<classifier> <photo>',
    text: 'Show why a classifier answers as it does for a photo: its fingerprint, and the evidence for each class and where it is.',
    options: ['photos', 'html', 'backbone', 'cut', 'device', 'threads', 'json', 'debug'],
    example: 'carafe explain my-classifier/ photo.jpg',
  },
  serve: {
    name: 'serve',
    usage: '<classifier>',
    text: 'Answer over HTTP: a classifier, or a folder of classifiers. See docs/guide/service.md.',
    options: [...serving, 'threads', 'json', 'debug'],
    example: 'carafe serve my-classifier/ --port 8080',
  },
  watch: {
    name: 'watch',
    usage: '<photos>',
    text: 'Keep a classifier as its folder of photos is; a version that is measurably worse is refused.',
    options: ['out', ...fitting, ...oneClass, ...watchOptionNames, 'minAccuracy', 'json', 'debug'],
    example: 'carafe watch photos/ --out my-classifier',
  },
  versions: {
    name: 'versions',
    usage: '<classifier> [version]',
    text: 'List the versions that watch has made; with a number, let that one answer.',
    options: ['json', 'debug'],
    example: 'carafe versions my-classifier/ 3',
  },
  next: {
    name: 'next',
    usage: '<photos>',
    text: 'Choose which photos of an unlabelled folder to label first; write them as a list or a folder.',
    options: [...choosing, 'out', 'backbone', ...network, 'asClasses', ...lists, 'seed', 'json', 'debug'],
    out: 'a .csv list, or a folder for copies of the photos (carafe-next.csv)',
    example: 'carafe next unlabelled/ --count 20',
  },
  ...scaleCommands,
  demo: {
    name: 'demo',
    usage: '[folder]',
    text: 'Draw a sample image set, train on it, predict, and say where the results are.',
    options: ['perClass', 'seed', 'threads', 'json', 'debug'],
    example: 'carafe demo',
  },
  studio: {
    name: 'studio',
    usage: '[photos]',
    text: 'Open a page in which to make classes, add photos, see it learn, and save the classifier; on this computer alone.',
    options: ['host', 'port', 'open', 'backbone', 'static', 'debug'],
    example: 'carafe studio photos/',
  },
  cache: {
    name: 'cache',
    usage: '[action] [address]',
    text: 'Show the feature cache; `prune` and `clear` free space, `verify` checks every value, `push` and `pull` share it.',
    options: ['olderThan', 'json', 'debug'],
    example: 'carafe cache prune --older-than 90',
  },
} as const satisfies Record<string, Command>;

export type CommandName = keyof typeof commands;
export type CommandValues<C extends CommandName> = Values<(typeof commands)[C]['options'][number]>;
