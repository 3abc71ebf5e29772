/** The options that say what is fitted. */

import * as z from 'zod';
import { duration, option, text, whole } from './option.ts';

export const fittingOptions = {
  head: option(
    '--head <kind>',
    'what to train: softmax, svm, svm-rbf, mlp, conv, knn, prototype; auto compares all (softmax); for several labels per photo: sigmoid, svm (sigmoid); with --one-class: patchcore, padim, gaussian, knn, svm (padim; patchcore with another backbone)',
    text.optional(),
  ),
  bottleneck: option(
    '--bottleneck <width>',
    'a narrow layer before the head: its width, or auto for the narrowest that loses nothing',
    z.union([z.literal('auto'), whole(1, 65536)], 'auto, or a whole number from 1 to 65536, is expected').optional(),
  ),
  finetune: option(
    '--finetune <how>',
    "train the network's last stage, too: last, or auto for only where it is better, of 1,000 photos or more; takes minutes (off)",
    z.enum(['auto', 'last', 'off']).optional(),
  ),
  budget: option(
    '--budget <time>',
    'how long --head auto may compare, or --finetune may train, such as 10s or 2m',
    duration.optional(),
  ),
};
