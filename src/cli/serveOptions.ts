/** The options of `carafe serve`. */

import { byteSize, duration, fraction, list, option, text, whole } from './option.ts';

export const serveOptions = {
  host: option('--host <address>', 'where to listen (127.0.0.1, this computer only)', text.optional()),
  port: option('--port <n>', 'port to listen on (serve: 8080; studio and 0: any free one)', whole(0, 65535).optional()),
  waiting: option(
    '--waiting <n>',
    'photos that may wait; while so many do, requests are turned away with status 503 (3 a thread)',
    whole(0, 1e6).optional(),
  ),
  maxBytes: option('--max-bytes <size>', 'size of a photo (20MB)', byteSize.optional()),
  maxPixels: option(
    '--max-pixels <n>',
    'pixels of a photo (50000000); a larger one is refused before it is decoded',
    whole(1, 1e9).optional(),
  ),
  maxPhotos: option('--max-photos <n>', 'photos in a request (32)', whole(1, 10_000).optional()),
  timeout: option('--timeout <time>', 'how long a request may take (10s)', duration.optional()),
  rate: option(
    '--rate <n>',
    'requests a second of one key, or of one address where there are no keys (no limit)',
    whole(1, 1e6).optional(),
  ),
  keys: option(
    '--keys <file>',
    'file of keys, one a line, one of which a request must bring; else those in CARAFE_KEYS, separated by commas',
    text.optional(),
  ),
  origins: list('--origins <list>', 'origins of web pages that may ask: https://shop.example'),
  photoHosts: list('--photo-hosts <list>', 'hosts from which photos may be loaded by address (none)'),
  minAccuracy: option(
    '--min-accuracy <share>',
    'refuse a classifier when the lower end of its accuracy interval is below this',
    fraction.optional(),
  ),
  canary: option(
    '--canary <classifier>',
    'a second classifier, which answers a share of the requests',
    text.optional(),
  ),
  canaryShare: option('--canary-share <share>', 'the share that it answers (5%)', fraction.optional()),
  feedback: option(
    '--feedback <dir>',
    'take photos with their right labels, and keep them in this folder, which train reads',
    text.optional(),
  ),
  keepUnknown: option(
    '--keep-unknown <dir>',
    'keep a sample of the photos that were called unknown in this folder, at most 1,000',
    text.optional(),
  ),
};

/** Their names. */
export const serving = [
  'host',
  'port',
  'waiting',
  'maxBytes',
  'maxPixels',
  'maxPhotos',
  'timeout',
  'rate',
  'keys',
  'origins',
  'photoHosts',
  'minAccuracy',
  'canary',
  'canaryShare',
  'feedback',
  'keepUnknown',
] as const satisfies readonly (keyof typeof serveOptions)[];
