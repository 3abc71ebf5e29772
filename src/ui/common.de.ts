/** What pages share, in German. */

import type { english } from './common.ts';
import type { Translated } from './translation.ts';

export const german: Translated<typeof english> = {
  baseline: 'Vergleichswert',
  between: '95-%-Intervall von {low} bis {high}',
  cell: ['{truth}, Antwort {answer}: {count} Foto', '{truth}, Antwort {answer}: {count} Fotos'],
  close: 'Schließen',
  confusion: 'Zeilen sind die wahren Klassen, Spalten die Antworten. Eine Zahl öffnet ihre Fotos.',
  drop: 'Entfernen',
  key: 'Taste',
  keep: 'Behalten',
  keyboard: 'Tastatur',
  move: 'Nach {label} verschieben',
  photo: 'Foto {path}',
  photos: 'Fotos',
  proposed: 'sieht nach {label} aus ({share})',
  redo: 'Wiederholen',
  undo: 'Rückgängig',
};
