/** The options of what many machines do: `carafe extract`, `merge`, `worker` and `jobs`. */

import * as z from 'zod';
import { precisions } from '../shards/vectors.ts';
import { flag, option, text, whole } from './option.ts';
import { lists, network } from './optionGroups.ts';

export const scaleOptions = {
  shard: option(
    '--shard <i/n>',
    'do the i-th of n shares of the work: 3/64',
    z
      .string()
      .regex(/^\d{1,6}\/\d{1,6}$/, 'a share is expected, such as 3/64')
      .transform((given) => given.split('/').map(Number))
      .refine(([index, of]) => index >= 1 && index <= of && of <= 100_000, 'shares run from 1/n to n/n')
      .transform(([index, of]) => ({ index, of }))
      .optional(),
  ),
  photosPerPart: option('--photos-per-part <n>', 'photos in each file, about (1000)', whole(1, 10_000).optional()),
  precision: option(
    '--precision <kind>',
    'how features are stored: float32, float16 or int8 (float16)',
    z.enum(precisions).optional(),
  ),
  queue: option('--queue <address>', 'the Redis or Valkey that hands out the work: redis://host:6379', text.optional()),
  root: option(
    '--root <dir>',
    'where the photos lie on this machine, if not where the extraction was started',
    text.optional(),
  ),
  drain: option('--drain', 'stop once the queue has been empty for five seconds', flag),
  retry: option('--retry', 'put failed jobs back into the queue', flag),
};

export const scaleCommands = {
  extract: {
    name: 'extract',
    usage: '<photos>',
    text: 'Compute the features of photos into a folder or an S3 bucket, all at once or in shares on many machines.',
    options: [
      'out',
      'shard',
      'queue',
      'photosPerPart',
      'precision',
      'backbone',
      ...network,
      'groupBy',
      'ignoreSplit',
      'asClasses',
      ...lists,
      'json',
      'debug',
    ],
    out: 'folder, or s3://bucket/prefix, for the features (carafe-features)',
    example: 'carafe extract photos/ --shard 3/64 --out s3://bucket/features',
  },
  merge: {
    name: 'merge',
    usage: '<features>',
    text: 'Make sure that all parts of an extraction are there and whole, and write them as few files.',
    options: ['out', 'json', 'debug'],
    out: 'folder, or s3://bucket/prefix, for the merged files; must be given',
    example: 'carafe merge s3://bucket/features --out features/',
  },
  worker: {
    name: 'worker',
    usage: ' ',
    text: 'Take work from a queue that `carafe extract --queue` fills, until it is stopped.',
    options: ['queue', 'root', 'drain', 'threads', 'json', 'debug'],
    example: 'carafe worker --queue redis://host:6379',
  },
  jobs: {
    name: 'jobs',
    usage: ' ',
    text: 'Show what is left in a queue, and which parts failed and why.',
    options: ['queue', 'retry', 'json', 'debug'],
    example: 'carafe jobs --queue redis://host:6379',
  },
} as const;
