/** The studio in German, which is loaded when it is chosen. */

import { german as panel } from '../review/panelWords.de.ts';
import { german as common } from '../ui/common.de.ts';
import { failures } from '../ui/failures.de.ts';
import type { Translation } from '../ui/translation.ts';
import { errors } from './errors.de.ts';
import { fileErrors } from './fileErrors.de.ts';
import { setErrors } from './setErrors.de.ts';
import { german as studio } from './texts.de.ts';
import { verdict } from './verdict.de.ts';

export const german: Translation = {
  tables: { common, panel, studio },
  failures,
  messages: { ...errors, ...fileErrors, ...setErrors },
  sentences: { verdict },
};
