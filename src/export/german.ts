/** An exported page in German. */

import { failures } from '../ui/failures.de.ts';
import type { Translation } from '../ui/translation.ts';
import { german as exported } from './words.de.ts';

export const german: Translation = { tables: { exported }, failures, messages: {}, sentences: {} };
