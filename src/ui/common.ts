/** Texts that several pages share. */

import { texts } from './texts.ts';

export const common = texts({
  en: {
    baseline: 'baseline',
    between: '95% interval from {low} to {high}',
    cell: ['{truth}, answered {answer}: {count} photo', '{truth}, answered {answer}: {count} photos'],
    close: 'Close',
    confusion: 'Rows are the true labels; columns are the answers. Open a number to see its photos.',
    drop: 'Take out',
    key: 'Key',
    keep: 'Keep',
    keyboard: 'Keyboard',
    move: 'Move to {label}',
    photo: 'Photo {path}',
    photos: 'photos',
    proposed: 'looks like {label} ({share})',
    redo: 'Redo',
    undo: 'Undo',
  },
  de: {
    baseline: 'Grundlinie',
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
  },
});
