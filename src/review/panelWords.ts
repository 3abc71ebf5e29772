/** What the review of photos says, on every page that has one. */

import { texts } from '../ui/texts.ts';

export const english = {
  labels: 'Labels',
  problems: 'Photos that hurt',
  duplicates: 'Duplicates',
  review: 'Review',
  position: '{place} of {total}',
  decidedCount: '{done} of {total} decided',
  labelled: 'labelled {label}',
  looksLike: 'looks like {label}',
  probably: 'Chance that the label is wrong: {share}',
  nearestOf: 'Nearest of {label}',
  duplicateOf: 'Nearly the same photo is labelled {label}: {path}',
  keep: 'Keep {label}',
  keepPlain: 'Keep',
  moveTo: 'Move to {label}',
  other: 'Another class',
  otherName: 'Class',
  drop: 'Leave out',
  unsure: 'Unsure',
  undo: 'Undo',
  next: 'Next',
  previous: 'Previous',
  nextOpen: 'Next undecided',
  help: 'Keys',
  first: 'Photo to decide',
  filter: 'What to review',
} as const;

export const say = texts('panel', english);
