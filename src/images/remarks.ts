/** Remarks on usable photos that are odd: animated, several pages, one colour. */

import type { Pixels } from '../runtime/platform.ts';
import { isFlat } from './flat.ts';

/** What a photo's user should know, though it can be used. */
export const remarks = ['frames', 'pages', 'bands', 'flat'] as const;
export type Remark = (typeof remarks)[number];

const sentences: Readonly<Record<Remark, (photos: string, isOne: boolean) => string>> = {
  frames: (photos, isOne) => `${photos} ${isOne ? 'is' : 'are'} animated; only the first frame is used`,
  pages: (photos, isOne) => `${photos} ${isOne ? 'contains' : 'contain'} several pictures; only the first is used`,
  bands: (photos, isOne) =>
    `${photos} ${isOne ? 'has' : 'have'} bands that are neither colour nor opacity, such as near infrared; only the colours are used`,
  flat: (photos, isOne) =>
    `${photos} ${isOne ? 'is' : 'are'} nearly a single colour (black, white or empty); check ${isOne ? 'it' : 'them'}`,
};

/** What is remarkable about a photo's file and its pixels; undefined where nothing is. */
export function remarksOn(pixels: Pixels, ofFile: readonly Remark[] = []): readonly Remark[] | undefined {
  const all = isFlat(pixels) ? [...ofFile, 'flat' as const] : ofFile;
  return all.length > 0 ? all : undefined;
}

/** A sentence for each remark that is made of some photo, with how many these are, and the first of them. */
export function remarkSentences(
  photos: readonly { readonly path: string; readonly remarks?: readonly Remark[] | undefined }[],
): string[] {
  return remarks.flatMap((remark) => {
    const those = photos.filter((photo) => photo.remarks?.includes(remark));
    if (those.length === 0) return [];
    const share = `${those.length.toLocaleString('en-US')} of ${photos.length.toLocaleString('en-US')} photos`;
    const count = photos.length === 1 ? 'The photo' : share;
    return [
      `${sentences[remark](count, those.length === 1)} (${those[0].path}${those.length > 1 ? ', for instance' : ''}).`,
    ];
  });
}
