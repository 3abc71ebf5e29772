/** The command line that does a run again. */

import { shellWord } from '../results/shellWord.ts';
import { type CommandName, commands, type OptionName, options } from './options.ts';

/** Options that change nothing of what a run makes, or that are added here. */
const besides: readonly OptionName[] = [
  'json',
  'csv',
  'debug',
  'dryRun',
  'tensorboard',
  'assertAccuracy',
  'threads',
  'seed',
];

/**
 * The command with the options that the user gave, as shells read it.
 * @param raw what the user wrote for each option, by its name; true for one without a value
 * @returns the command for a seed, which may have come from elsewhere
 */
export function commandAgain(
  name: CommandName,
  args: readonly string[],
  raw: Readonly<Partial<Record<OptionName, unknown>>>,
): (seed: number) => string {
  const given = commands[name].options.flatMap((option: OptionName) => {
    const value = raw[option];
    if (value === undefined || value === false || besides.includes(option)) return [];
    const [flag = ''] = options[option].flags.split(' ');
    return value === true ? [flag] : [flag, shellWord(String(value))];
  });
  const words = ['carafe', name, ...args.map(shellWord), ...given].join(' ');
  return (seed) => `${words} --seed ${seed}`;
}
