/** What the review page says. */

import { texts } from '../ui/texts.ts';

export const english = {
  title: 'Photo doctor',
  summary: ['{count} photo of {source}', '{count} photos of {source}'],
  classes: ['in {count} class', 'in {count} classes'],
  shortcuts: 'Shortcuts',
  labelsFound: [
    'About {count} of {judged} labels is probably wrong',
    'About {count} of {judged} labels are probably wrong',
  ],
  labelsMaybe: ['About {count} of {judged} labels may be wrong', 'About {count} of {judged} labels may be wrong'],
  labelsListed: [
    'The chance of the one listed is {sum}; other wrong labels look right.',
    'The chances of the {count} listed add up to {sum}; other wrong labels look right.',
  ],
  labelsRange: '95% interval {low} to {high}.',
  labelsPlanted: [
    'Of {count} label made wrong on purpose, a list as long as this one caught {share}.',
    'Of {count} labels made wrong on purpose, a list as long as this one caught {share}.',
  ],
  labelsGain:
    'On {tested} photos whose labels are not in question, accuracy is {before} now and {after} with the suggestions: {gain} points (95% interval {low} to {high}).',
  noLabels: 'No sign of wrong labels: at most {high} of {judged}, with 95% confidence.',
  labelsUntold:
    'Labels cannot be judged: the network does not tell these classes apart, or there are too few photos to see it.',
  labelsUnseen: 'Not judged, because photos of these classes are mostly classified as others: {classes}',
  noProblems: 'No photo hurts.',
  noDuplicates: 'There are no equal or nearly equal photos.',
  noShortcuts: 'Nothing but what the photos show tells the classes apart.',
  problemsFound: ['{count} photo hurts', '{count} photos hurt'],
  duplicatesFound: ['{count} group of equal or nearly equal photos', '{count} groups of equal or nearly equal photos'],
  duplicatesMore: ['{count} photo could be left out.', '{count} photos could be left out.'],
  shortcutsFound: ['{count} shortcut', '{count} shortcuts'],
  honest:
    'A simple model tells {together} of the photos right if groups are kept together. Torn apart, it would seem to tell {apart}.',
  save: 'Save review.json',
  saved: 'Saved to disk.',
  notSaved: 'Not saved: {reason}',
  remembered: 'Answers are kept in this browser. Save review.json when you are done.',
  applyHow: 'Then apply it: carafe doctor {source} --apply review.json',
  bestOne: 'keep',
  equal: 'equal',
  conflict: 'several labels',
  leak: 'on both sides of the split',
  dropSpare: 'Leave out all but the best',
  dropAllEqual: 'Leave out spare copies with equal bytes everywhere',
  more: ['Show {count} more', 'Show {count} more'],
  done: 'All are decided.',
  class: 'Class {number}',
  skipped: 'Not examined',
  skippedSeveral:
    'Labels are not judged: photos may have several or none, so a photo that looks like another label is not wrong for it.',
  skippedUnlabelled: 'The photos have no labels to compare: put them into a folder for each class.',
  broken: 'This page is damaged: its data cannot be read. Run carafe doctor again.',
} as const;

export const say = texts('doctor', english);
