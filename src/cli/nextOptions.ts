/** Options of `carafe next` alone. */

import { type Option, option, text, whole } from './option.ts';

export const nextOptions = {
  count: option('--count <n>', 'how many photos to choose (20)', whole(1, 10_000).default(20)),
  labelled: option('--labelled <photos>', 'photos that have labels already', text.optional()),
  classifier: option('--classifier <file>', 'a classifier that says how sure it is of each photo', text.optional()),
} satisfies Record<string, Option>;

export const choosing = ['count', 'labelled', 'classifier'] as const;
