/** Why a photo cannot be used, in German. */

import type { ImageFailureCode } from '../errors.ts';

export const failures: Readonly<Record<ImageFailureCode, string>> = {
  NOT_FOUND: 'die Datei ist nicht mehr da',
  UNREADABLE: 'die Datei lässt sich nicht öffnen',
  EMPTY: 'die Datei ist leer',
  NOT_AN_IMAGE: 'die Datei ist kein Foto',
  UNSUPPORTED_FORMAT: 'dieses Format wird nicht gelesen; speichere es als JPEG oder PNG',
  TRUNCATED: 'die Datei ist abgeschnitten; kopiere sie noch einmal',
  TOO_LARGE: 'das Foto ist zu groß',
  BROKEN: 'die Datei ist beschädigt',
};
