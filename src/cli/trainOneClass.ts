/** `carafe train --one-class`. */

import { CarafeError } from '../errors.ts';
import { requireOneClassHeadName } from '../heads/oneClass/registry.ts';
import { dryRun, trainOneClass } from '../runs/library.node.ts';
import type { OneClassOptions } from '../runs/options.ts';
import type { Terminal } from './command.ts';
import { sayDryRun } from './dryRun.ts';
import { type CommandValues, options, usualFolder } from './options.ts';
import { readPreprocessing } from './preprocessing.ts';
import { display } from './progress.ts';
import { oneClassText } from './text/oneClass.ts';

/** `carafe train --one-class` */
export async function runOneClass(source: string, values: CommandValues<'train'>, terminal: Terminal): Promise<number> {
  refuseForOneClass(values);
  const { out = usualFolder, head, preprocessing: file, dryRun: isDry, json, oneClass, debug, ...rest } = values;
  // An option that is neither handed on nor refused would be dropped in silence.
  const settings = {
    ...rest,
    out,
    head: head === undefined ? undefined : requireOneClassHeadName(head),
  } satisfies { readonly [K in keyof typeof values]?: K extends keyof OneClassOptions | Refused ? unknown : never };
  const preprocessing = await readPreprocessing(file);
  const shown = display(terminal.stderr);
  const { signal, again } = terminal;
  try {
    if (isDry) return sayDryRun(await dryRun(source, { ...settings, oneClass }), json, terminal);
    const result = await trainOneClass(source, { ...settings, preprocessing, signal, again, ...shown.listeners });
    shown.done();
    terminal.out(json ? `${JSON.stringify(result)}\n` : oneClassText(result));
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
type Refused = (typeof notForOneClass)[number];

/** @throws CarafeError USAGE for options that say nothing of one class */
export function refuseForOneClass(values: Partial<CommandValues<'train'> & CommandValues<'watch'>>): void {
  const wrong = notForOneClass.find((name) => values[name] !== undefined && values[name] !== false);
  if (wrong === undefined) return;
  const [flag] = options[wrong].flags.split(' ');
  throw new CarafeError('USAGE', `${flag} cannot be used with --one-class.`, 'Leave one of them out.');
}
