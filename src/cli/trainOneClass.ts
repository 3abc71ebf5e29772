/** `carafe train --one-class`. */

import { CarafeError } from '../errors.ts';
import { requireOneClassHeadName } from '../heads/oneClass/registry.ts';
import { dryRun, trainOneClass } from '../runs/library.node.ts';
import type { Terminal } from './command.ts';
import { sayDryRun } from './dryRun.ts';
import { type CommandValues, options, usualFolder } from './options.ts';
import { readPreprocessing } from './preprocessing.ts';
import { display } from './progress.ts';
import { oneClassText } from './text/oneClass.ts';

/** `carafe train --one-class` */
export async function runOneClass(source: string, values: CommandValues<'train'>, terminal: Terminal): Promise<number> {
  const {
    out = usualFolder,
    compareWith,
    backbone,
    cut,
    device,
    threads,
    framing,
    looks,
    head,
    depths,
    groupBy,
    falsePositiveRate,
    normal,
    memoryLimit,
    force,
    seed,
  } = values;
  const { ignoreSplit, asClasses, mergeLabels, pathColumn, labelColumn, splitColumn, encoding } = values;
  refuseForOneClass(values);
  const preprocessing = await readPreprocessing(values.preprocessing);
  const shown = display(terminal.stderr);
  const { signal, again } = terminal;
  const settings = {
    out,
    compareWith,
    backbone,
    cut,
    device,
    threads,
    framing,
    looks,
    head: head === undefined ? undefined : requireOneClassHeadName(head),
    depths,
    groupBy,
    ignoreSplit,
    asClasses,
    mergeLabels,
    pathColumn,
    labelColumn,
    splitColumn,
    encoding,
    falsePositiveRate,
    normal,
    memoryLimit,
    force,
    seed,
  };
  try {
    if (values.dryRun) return sayDryRun(await dryRun(source, { ...settings, oneClass: true }), values.json, terminal);
    const result = await trainOneClass(source, { ...settings, preprocessing, signal, again, ...shown.listeners });
    shown.done();
    terminal.out(values.json ? `${JSON.stringify(result)}\n` : oneClassText(result));
    return 0;
  } finally {
    shown.done();
  }
}

/** What says nothing of one class. */
const notForOneClass = [
  ...[
    'minPhotos',
    'bottleneck',
    'finetune',
    'budget',
    'balance',
    'folds',
    'refit',
    'tensorboard',
    'assertAccuracy',
    'minAccuracy',
    'coverage',
    'robustness',
  ],
  ...['views', 'flip', 'crop', 'scale', 'brightness', 'rotate'],
] as const satisfies readonly (keyof (CommandValues<'train'> & CommandValues<'watch'>))[];

/** @throws CarafeError USAGE for options that say nothing of one class */
export function refuseForOneClass(values: Partial<CommandValues<'train'> & CommandValues<'watch'>>): void {
  const wrong = notForOneClass.find((name) => values[name] !== undefined && values[name] !== false);
  if (wrong === undefined) return;
  const [flag] = options[wrong].flags.split(' ');
  throw new CarafeError('USAGE', `${flag} cannot be used with --one-class.`, 'Leave one of them out.');
}
