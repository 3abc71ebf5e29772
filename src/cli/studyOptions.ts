/** Options of `carafe study` alone. */

import { usualMargin } from '../metrics/nonInferiority.ts';
import { flag, fraction, option } from './option.ts';

export const studyOptions = {
  quick: option('--quick', 'fewer widths and no trained bottlenecks: takes seconds', flag),
  thorough: option('--thorough', 'every kind of bottleneck at every width, equally often: takes many minutes', flag),
  margin: option(
    '--margin <share>',
    'accuracy that a narrow bottleneck may lose (0.5%)',
    fraction.optional().transform((value) => value ?? usualMargin),
  ),
};
