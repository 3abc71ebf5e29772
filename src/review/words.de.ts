/** The review page, in German. */

import type { Translated } from '../ui/translation.ts';
import type { english } from './words.ts';

export const german: Translated<typeof english> = {
  title: 'Fotodoktor',
  summary: ['{count} Foto aus {source}', '{count} Fotos aus {source}'],
  classes: ['in {count} Klasse', 'in {count} Klassen'],
  shortcuts: 'Abkürzungen',
  labelsFound: [
    'Etwa {count} von {judged} Fotos ist wahrscheinlich falsch eingeordnet',
    'Etwa {count} von {judged} Fotos sind wahrscheinlich falsch eingeordnet',
  ],
  labelsMaybe: [
    'Etwa {count} von {judged} Fotos ist vielleicht falsch eingeordnet',
    'Etwa {count} von {judged} Fotos sind vielleicht falsch eingeordnet',
  ],
  labelsListed: [
    'Die Wahrscheinlichkeit des einen aufgeführten ist {sum}; andere falsche sehen richtig aus.',
    'Die Wahrscheinlichkeiten der {count} aufgeführten ergeben zusammen {sum}; andere falsche sehen richtig aus.',
  ],
  labelsRange: '95-%-Intervall {low} bis {high}.',
  labelsPlanted: [
    'Von {count} absichtlich falschen Klasse fand eine so lange Liste {share}.',
    'Von {count} absichtlich falschen Klassen fand eine so lange Liste {share}.',
  ],
  labelsGain:
    'Auf {tested} unstrittigen Fotos beträgt die Genauigkeit jetzt {before} und mit den Vorschlägen {after}: {gain} Punkte (95-%-Intervall {low} bis {high}).',
  noLabels: 'Nichts deutet auf falsche Klassen hin: höchstens {high} von {judged} Fotos, mit 95 % Sicherheit.',
  labelsUntold:
    'Die Klassen lassen sich nicht beurteilen: Das Netz unterscheidet sie nicht, oder es sind zu wenige Fotos.',
  labelsUnseen: 'Nicht beurteilt, weil ihre Fotos meist für andere gehalten werden: {classes}',
  noProblems: 'Kein Foto ist schlecht.',
  noDuplicates: 'Es gibt keine gleichen oder fast gleichen Fotos.',
  noShortcuts: 'Nur was die Fotos zeigen, unterscheidet die Klassen.',
  problemsFound: ['{count} schlechtes Foto', '{count} schlechte Fotos'],
  duplicatesFound: [
    '{count} Gruppe gleicher oder fast gleicher Fotos',
    '{count} Gruppen gleicher oder fast gleicher Fotos',
  ],
  duplicatesMore: ['{count} Foto ist entbehrlich.', '{count} Fotos sind entbehrlich.'],
  shortcutsFound: ['{count} Abkürzung', '{count} Abkürzungen'],
  honest:
    'Ein einfaches Modell erkennt {together} der Fotos, wenn Gruppen zusammenbleiben. Auseinandergerissen schienen es {apart} zu sein.',
  save: 'review.json sichern',
  saved: 'Auf der Platte gesichert.',
  notSaved: 'Nicht gesichert: {reason}',
  remembered: 'Die Antworten bleiben in diesem Browser. Sichere am Ende review.json.',
  applyHow: 'Dann anwenden: carafe doctor {source} --apply review.json',
  bestOne: 'behalten',
  equal: 'gleich',
  conflict: 'mehrere Klassen',
  leak: 'auf beiden Seiten der Teilung',
  dropSpare: 'Alle außer dem besten weglassen',
  dropAllEqual: 'Überall überzählige gleiche Kopien weglassen',
  more: ['{count} weiteres zeigen', '{count} weitere zeigen'],
  done: 'Alle sind entschieden.',
  class: 'Klasse {number}',
  skipped: 'Nicht untersucht',
  skippedSeveral:
    'Labels werden nicht beurteilt: Fotos dürfen mehrere haben oder keines. Ein Foto, das nach einem anderen Label aussieht, ist also nicht falsch.',
  skippedUnlabelled: 'Die Fotos haben keine Klassen, die sich vergleichen ließen: Leg sie in einen Ordner je Klasse.',
  broken: 'Diese Seite ist beschädigt: Ihre Daten sind nicht lesbar. Ruf carafe doctor noch einmal auf.',
};
