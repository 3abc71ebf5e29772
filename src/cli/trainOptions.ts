/** Options of `carafe train` alone. */

import { flag, fraction, option } from './option.ts';

export const trainOptions = {
  coverage: option(
    '--coverage <share>',
    'share of photos whose set of classes is to hold the right one (95%)',
    fraction.optional(),
  ),
  robustness: option(
    '--robustness',
    'measure what bad photos cost: blurred, dark, bright, noisy, compressed, turned, cut, grey (looks at up to 2,400 pictures)',
    flag,
  ),
};
