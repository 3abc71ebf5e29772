/** `carafe doctor` and its options. */

import { flag, option, text } from './option.ts';
import { lists, network } from './optionGroups.ts';

export const doctorOptions = {
  review: option('--review', 'serve the page on this computer, and save its answers as they are given', flag),
  apply: option(
    '--apply <file>',
    'apply a review that the page saved: write a list with the new labels',
    text.optional(),
  ),
  move: option('--move', 'with --apply: move the files instead, with a journal for --undo', flag),
  undo: option('--undo <journal>', 'move files back that --move has moved', text.optional()),
};

export const doctorCommand = {
  name: 'doctor',
  usage: '[photos]',
  text: 'Find wrong labels, duplicates, photos that hurt and shortcuts, and review them on a page.',
  options: [
    'out',
    'review',
    'apply',
    'move',
    'undo',
    'robustness',
    'backbone',
    ...network,
    'groupBy',
    'ignoreSplit',
    'asClasses',
    ...lists,
    'mergeLabels',
    'seed',
    'json',
    'debug',
  ],
  example: 'carafe doctor photos/',
} as const;
