/** The doctor's page in German. */

import { german as common } from '../ui/common.de.ts';
import { failures } from '../ui/failures.de.ts';
import type { Translation } from '../ui/translation.ts';
import { problem, shortcut } from './found.de.ts';
import { german as outlook } from './outlookWords.de.ts';
import { german as panel } from './panelWords.de.ts';
import { german as doctor } from './words.de.ts';

export const german: Translation = {
  tables: { common, panel, doctor, outlook },
  failures,
  messages: {},
  sentences: { problem, shortcut },
};
