/** `carafe train`. */

import { CarafeError } from '../errors.ts';
import { oneClassChoices } from '../heads/oneClass/registry.ts';
import { heads, requireHeadName } from '../heads/registry.ts';
import type { SomeDistortions, ViewOptions } from '../images/view.ts';
import type { AnyTrainResult } from '../results/trainResult.ts';
import { dryRun, train } from '../runs/library.node.ts';
import type { TrainOptions } from '../runs/options.ts';
import { assertAccuracy } from './assertAccuracy.ts';
import type { Run, Terminal } from './command.ts';
import { sayDryRun } from './dryRun.ts';
import { type CommandValues, usualFolder } from './options.ts';
import { readPreprocessing } from './preprocessing.ts';
import { display } from './progress.ts';
import { textOf } from './text/trained.ts';
import { runOneClass } from './trainOneClass.ts';

export const run: Run<'train'> = async ([source], values, terminal) => {
  if (values.oneClass) return runOneClass(source, values, terminal);
  requireOneClassFor(values);
  if (values.dryRun) return sayDryRun(await dryRun(source, values), values.json, terminal);
  const result = await trainShown(source, values, terminal);
  terminal.out(values.json ? `${JSON.stringify(result)}\n` : textOf(result));
  return assertAccuracy(result.evaluation, values.assertAccuracy);
};

/** @throws CarafeError USAGE for options that say nothing without --one-class */
export function requireOneClassFor({
  normal,
  memoryLimit,
  force,
  head,
}: Pick<CommandValues<'train'>, 'normal' | 'memoryLimit' | 'force' | 'head'>): void {
  const isAmong = (all: readonly { readonly name: string }[]) => all.some(({ name }) => name === head);
  const given = [
    normal !== undefined && '--normal',
    memoryLimit !== undefined && '--memory-limit',
    force && '--force',
    isAmong(oneClassChoices) && !isAmong(heads) && `--head ${head}`,
  ];
  const [first] = given.filter((one) => one !== false);
  if (first !== undefined)
    throw new CarafeError('USAGE', `${first} only works with --one-class.`, 'Add --one-class, or leave it out.');
}

type TrainValues = Omit<Partial<TrainOptions>, 'out' | 'head' | 'preprocessing' | 'views'> &
  SomeDistortions & {
    readonly out?: string | undefined;
    readonly head?: string | undefined;
    readonly preprocessing?: string | undefined;
    readonly views?: number | undefined;
  };

/** What the command line says of training, as the library takes it. */
export async function trainOptionsOf({
  out = usualFolder,
  flip,
  crop,
  scale,
  brightness,
  rotate,
  ...values
}: TrainValues): Promise<Partial<TrainOptions> & { readonly out: string }> {
  const preprocessing = await readPreprocessing(values.preprocessing);
  const views = viewOptions(values.views, { flip, crop, scale, brightness, rotate });
  const head = values.head === undefined ? undefined : requireHeadName(values.head);
  return { ...values, out, head, preprocessing, views };
}

/** Trains with progress on stderr. */
export async function trainShown(
  source: string,
  values: TrainValues,
  { stderr, signal, again, onInterrupt }: Terminal,
): Promise<AnyTrainResult> {
  const options = await trainOptionsOf(values);
  const shown = display(stderr);
  const onFinetuning: TrainOptions['onFinetuning'] = (stop) => {
    if (!stop) return onInterrupt(undefined);
    onInterrupt(() => {
      shown.listeners.onUnderstood?.('Fine-tuning ends here; the best so far is kept. Ctrl-C again ends the run.');
      stop();
    });
  };
  try {
    return await train(source, { ...options, signal, again, onFinetuning, ...shown.listeners });
  } finally {
    shown.done();
  }
}

/** @throws CarafeError USAGE for a distortion without views */
function viewOptions(count: number | undefined, distortions: SomeDistortions): ViewOptions | undefined {
  const asked = Object.entries(distortions).filter(([, value]) => value !== undefined && value !== false);
  if (count !== undefined) return { count, ...Object.fromEntries(asked) };
  if (asked.length === 0) return undefined;
  const flags = asked.map(([name]) => `--${name}`).join(', ');
  throw new CarafeError(
    'USAGE',
    `${flags} only work${asked.length === 1 ? 's' : ''} with --views.`,
    'Say how many views of each photo to train on, as in --views 8.',
  );
}
