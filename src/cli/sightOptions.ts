/** The options of how photos are seen and read. */

import * as z from 'zod';
import { framings, looksCounts } from '../images/framing.ts';
import { option, text } from './option.ts';

export const sightOptions = {
  preprocessing: option(
    '--preprocessing <file>',
    "a preprocessor_config.json to use instead of the backbone's own",
    text.optional(),
  ),
  framing: option(
    '--framing <how>',
    'what of a photo the network sees: crop (its centre), squash (the whole photo stretched), pad (the whole photo on black), or auto to choose between crop and squash on your photos (auto; one class: squash)',
    z.enum(['auto', ...framings]).optional(),
  ),
  looks: option(
    '--looks <n>',
    'looks at each photo, averaged: 1, 2 (its mirror image, too) or 4 (another framing and a close-up, too); takes n times as long (1)',
    z.coerce.number().pipe(z.literal(looksCounts, '1, 2 or 4 is expected')).optional(),
  ),
  depths: option(
    '--depths <which>',
    'read the network at its last layer alone (last), at earlier feature maps too (all), or as these photos prefer (auto)',
    z.enum(['auto', 'last', 'all'], 'auto, last or all is expected').optional(),
  ),
};

export const sightOptionNames = ['framing', 'looks', 'depths'] as const;
