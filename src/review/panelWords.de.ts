/** The review of photos, in German. */

import type { Translated } from '../ui/translation.ts';
import type { english } from './panelWords.ts';

export const german: Translated<typeof english> = {
  labels: 'Klassen',
  problems: 'Schlechte Fotos',
  duplicates: 'Doppelte',
  review: 'Durchsicht',
  position: '{place} von {total}',
  decidedCount: '{done} von {total} entschieden',
  labelled: 'eingeordnet als {label}',
  looksLike: 'sieht nach {label} aus',
  probably: 'Wahrscheinlichkeit, dass die Klasse falsch ist: {share}',
  nearestOf: 'Nächste aus {label}',
  duplicateOf: 'Fast das gleiche Foto ist {label}: {path}',
  keep: '{label} behalten',
  keepPlain: 'Behalten',
  moveTo: 'Nach {label} verschieben',
  other: 'Andere Klasse',
  otherName: 'Klasse',
  drop: 'Weglassen',
  unsure: 'Unsicher',
  undo: 'Rückgängig',
  next: 'Weiter',
  previous: 'Zurück',
  nextOpen: 'Nächstes offenes',
  help: 'Tasten',
  first: 'Foto zur Entscheidung',
  filter: 'Was durchgesehen wird',
};
