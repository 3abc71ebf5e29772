/** What the doctor found, in German. */

import type { PhotoProblem } from '../doctor/photoProblems.ts';
import type { Kind, Shortcut } from '../doctor/shortcut.ts';
import { decimal, percentIn, quoted } from '../ui/figures.de.ts';

/** A tint is told in multiples of the usual distance; lack of colour is a mean distance of colours, which is small. */
const grey = 3;

/** As `doctor/photoProblems.ts` says it in English. @param failure why the photo cannot be used */
export function problem({ what, figure }: PhotoProblem, failure: string): string {
  const value = figure ?? 0;
  const texts: Readonly<Record<PhotoProblem['what'], () => string>> = {
    unreadable: () => `Nicht verwendbar: ${failure || 'die Datei lässt sich nicht lesen'}.`,
    blank: () => 'Eine einzige Farbe.',
    graphic: () =>
      `Nur ${decimal(value, 0)} ${value === 1 ? 'Farbe' : 'Farben'}: ein Platzhalter, eine Zeichnung, ein Bildschirmfoto oder Text.`,
    tiny: () => `Die kürzere Seite hat nur ${decimal(value, 0)} Pixel.`,
    dark: () => `Sehr dunkel: Fast nichts darin ist heller als ${percentIn(value / 255, 0)} von Weiß.`,
    blown: () => `Überbelichtet: ${percentIn(value, 0)} der Mitte haben keine Zeichnung mehr.`,
    blurred: () => `Unscharf: Schärfe ${decimal(value)}; üblich sind 3 und mehr.`,
    turned: () =>
      value === 180
        ? 'Auf dem Kopf.'
        : `Liegt auf der Seite: Drehe es eine Vierteldrehung nach ${value === 90 ? 'links' : 'rechts'}.`,
    colour: () =>
      value < grey
        ? 'Ohne Farbe, anders als die meisten Fotos.'
        : `Farbstich: ${decimal(value, 0)}-mal so weit von den üblichen Farben der Klasse entfernt wie andere Fotos.`,
  };
  return texts[what]();
}

type What = Shortcut['what'];

const nouns: Readonly<Record<What, string>> = {
  size: 'die Größe',
  shape: 'das Seitenverhältnis',
  format: 'das Dateiformat',
  quality: 'die JPEG-Qualität',
  camera: 'die Kamera',
  brightness: 'die Helligkeit',
  colour: 'fehlende Farbe',
  border: 'der Rand',
  pattern: 'eine Marke an einer Stelle',
  hour: 'die Tageszeit',
};

const advice: Readonly<Record<What, string>> = {
  size: 'Bring alle Fotos auf eine Größe',
  shape: 'Schneide alle Fotos auf ein Seitenverhältnis zu',
  format: 'Speichere alle Fotos in einem Format',
  quality: 'Speichere alle Fotos in einer Qualität',
  camera: 'Mische die Kameras in jeder Klasse',
  brightness: 'Nimm die Fotos aller Klassen im selben Licht auf',
  colour: 'Nimm nur graue oder nur farbige Fotos',
  border: 'Schneide die Ränder ab',
  pattern: 'Schneide Wasserzeichen, Daten und Rahmen ab',
  hour: 'Nimm die Fotos aller Klassen zu denselben Zeiten auf',
};

/** As `doctor/shortcutWords.ts` says it in English. */
export function shortcut({ what, label, accuracy, usual }: Shortcut, kind: Kind): string {
  const isLabel = kind === 'labels';
  const told =
    label === undefined
      ? `verrät bei ${percentIn(accuracy.value)} der Fotos die Klasse`
      : `trennt ${isLabel ? 'Fotos mit' : 'die Klasse'} ${quoted(label)} von den übrigen`;
  const sides = usual.map(({ name, value }) => {
    const subject = name === null ? 'die übrigen' : `${isLabel ? 'Fotos mit ' : ''}${quoted(name)}`;
    return `${subject}: meist ${shown(what, value)}`;
  });
  return `Allein ${nouns[what]} ${told} (${sides.join('; ')}). Der Klassifikator lernt womöglich das statt dessen, was die Fotos zeigen. ${advice[what]}, oder nimm Fotos aus einer Quelle.`;
}

const borders: Readonly<Record<string, string>> = { white: 'weißer', black: 'schwarzer' };

function shown(what: What, value: string | number | null): string {
  const texts: Readonly<Record<What, string>> = {
    size: `${value} Pixel`,
    shape: `${decimal(Number(value), 2)}-mal so breit wie hoch`,
    format: `${value}`,
    quality: value === null ? 'kein JPEG' : `etwa ${value} von 100`,
    camera: value === null ? 'ohne Namen einer Kamera' : `von ${value}`,
    brightness: `${percentIn(Number(value), 0)} von Weiß`,
    colour: value === 'grey' ? 'grau' : 'farbig',
    border: value === null ? 'ohne Rand' : `${borders[value] ?? 'farbiger'} Rand`,
    pattern: Number(value) > 0 ? 'mit der Marke' : 'ohne sie',
    hour: value === null ? 'ohne Uhrzeit' : `zwischen ${value} und ${Number(value) + 3} Uhr`,
  };
  return texts[what];
}
