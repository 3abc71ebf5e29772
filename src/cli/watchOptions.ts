/** The options of `carafe watch`. */

import { duration, option, whole } from './option.ts';

export const watchOptions = {
  every: option('--every <time>', 'how often to look at the folder (1s)', duration.optional()),
  keep: option('--keep <n>', 'versions whose files are kept (20)', whole(1, 10_000).optional()),
};

/** Their names. */
export const watchOptionNames = ['every', 'keep'] as const satisfies readonly (keyof typeof watchOptions)[];
