/** What more photos would gain, and what bad ones cost, in German. */

import type { Translated } from '../ui/translation.ts';
import type { english } from './outlookWords.ts';

export const german: Translated<typeof english> = {
  next: 'Was als Nächstes fotografieren?',
  nextBest: 'Zuerst {label}: {photos} Fotos mehr brächten etwa {gain} Punkte (95-%-Intervall {low} bis {high}).',
  nextNone: 'Keine Klasse sticht hervor: {photos} Fotos mehr von einer brächten höchstens {most} Punkte.',
  nextHow:
    'Der Gewinn ist, was {photos} Fotos mehr von der Klasse zur Genauigkeit über alle Klassen beitragen, in Punkten. Ein einfaches Modell wurde ohne die halbe Klasse neu gelernt; was das auf ungesehenen Fotos kostete, sagt den Gewinn. Gemeint sind Fotos wie diese.',
  nextLeft: 'Nicht gemessen, weil es zu wenige verschiedene Fotos oder weniger Fehler als bei diesen gibt: {classes}.',
  class: 'Klasse',
  now: 'Fotos zum Lernen',
  gain: 'Gewinn, Punkte',
  interval: '95-%-Intervall',
  mends: 'hülfe am meisten',
  range: '{low} bis {high}',
  mistake: '{label}, verwechselt mit {takenFor}',
  robustness: 'Was, wenn Fotos schlecht werden?',
  worst: 'Am meisten kostet dies: {kind}. Es sind {lost} Punkte Genauigkeit.',
  harmless: 'Nichts davon kostet messbar Genauigkeit.',
  robustnessHow: [
    'Punkte Genauigkeit, die ein einfaches Modell verliert, mit 95-%-Intervallen, auf {count} ungesehenen Foto ({accuracy} richtig, so wie es ist), vom Rechner auf eine Weise verändert.',
    'Punkte Genauigkeit, die ein einfaches Modell verliert, mit 95-%-Intervallen, auf {count} ungesehenen Fotos ({accuracy} richtig, so wie sie sind), jedes vom Rechner auf eine Weise verändert.',
  ],
  blur: 'unscharf',
  dark: 'zu dunkel (40 %)',
  bright: 'zu hell (180 %)',
  noise: 'Rauschen',
  jpeg: 'JPEG-Qualität 20',
  rotate: 'um 15° gedreht',
  crop: 'nur die mittleren 70 %',
  grey: 'grau',
  notSaid:
    'Was mehr Fotos brächten, bleibt offen: Dazu braucht es zwei Klassen mit je fünf verschiedenen Fotos, und bei sehr vielen Fotos und Klassen dauert es zu lange.',
  noClasses: 'Was schlechte Fotos kosten, zeigt sich nur an Klassen.',
};
