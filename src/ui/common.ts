/** Texts that several pages share. */

import { texts } from './texts.ts';

export const english = {
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
} as const;

export const common = texts('common', english);
