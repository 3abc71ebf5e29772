/** An exported page, in German. */

import type { Translated } from '../ui/translation.ts';
import type { english } from './words.ts';

export const german: Translated<typeof english> = {
  about: 'Über diese Seite',
  abnormal: 'Nicht normal',
  accuracy: 'Im Training erkannte sie {share} der Fotos richtig, die sie nicht gesehen hatte ({low} bis {high}).',
  answers: ['Sie gibt eine Antwort: {labels}.', 'Sie gibt eine von {count} Antworten: {labels}.'],
  broken: 'Diese Seite ist beschädigt. Kopiere sie noch einmal.',
  camera: 'Kamera benutzen',
  choose: 'Foto auswählen',
  drop: 'Foto hierher ziehen, einfügen, auswählen oder die Kamera benutzen.',
  finds: ['Sie sucht {count} Merkmal: {labels}.', 'Sie sucht {count} Merkmale: {labels}.'],
  heatmap: 'Wo es nicht normal ist',
  language: 'Sprache',
  licences: 'Lizenzen',
  loading: 'Wird vorbereitet',
  mayBe: 'Vielleicht ist es auch {labels}.',
  mayBeMany: 'Vielleicht ist es auch eine von {count} anderen.',
  nearest: 'Es gleicht nichts, was ich gelernt habe. Am ähnlichsten:',
  noCamera: 'Es gibt keine Kamera, die diese Seite benutzen darf. Wähle ein Foto aus.',
  none: 'Keines der Merkmale',
  normal: 'Normal',
  offline: 'Sie funktioniert ohne Netz. Fotos bleiben auf diesem Computer: Diese Seite kann nichts senden.',
  photo: 'Dein Foto',
  ready: 'Bereit.',
  score: 'Wert {score}; über {threshold} ist es nicht normal.',
  selfTest: 'Selbsttest: Dieser Browser gibt die Antworten, die im Training gegeben wurden.',
  selfTestFailed:
    'Selbsttest: Dieser Browser gibt nicht die Antworten, die im Training gegeben wurden. Verlass dich nicht darauf.',
  stop: 'Kamera anhalten',
  title: 'Was ist auf diesem Foto?',
  unknown: 'Das kenne ich nicht',
  unreadable: 'Dieses Foto ist nicht lesbar: {reason}.',
};
