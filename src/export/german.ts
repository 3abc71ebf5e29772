/** An exported page in German. */

import type { Translation } from '../ui/translation.ts';
import { german as exported } from './words.de.ts';

export const german: Translation = { tables: { exported } };
