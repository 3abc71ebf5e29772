/** Which photos are shown as pictures. */

import type { JudgedPhoto } from '../metrics/evaluation.ts';
import type { TrainResult } from '../results/trainResult.ts';
import { type Html, html, raw } from './html.ts';
import { isHit, type Pair, pairsOf } from './pairs.ts';

/** A page carries at most so many pictures: a few megabytes, which open at once and can be mailed. */
export const maxPictures = 400;
/** Pictures outside the confusion matrix: mistakes on cards, a sample, groups of equal photos, photos of such a group. */
export const maxCards = 12;
/** Labels to check. */
export const maxLabels = 24;
const maxSample = 9;
export const maxGroups = 12;
/** Photos whose answer changed, of each kind of change. */
export const maxFlipped = 8;
export const maxOfGroup = 4;

/** Which photos a report shows as pictures, as far as there are thumbnails of them. */
export interface PicturePlan {
  /** Photos whose pictures stand behind the cells of the confusion matrix; the others are listed by name. */
  readonly behind: ReadonlySet<string>;
  /** Judged photos that could not be given a picture. */
  readonly cut: number;
  /** Every path of which a thumbnail is wanted. */
  readonly paths: ReadonlySet<string>;
}

/** Cards and groups come first; then, in turn from every cell, the mistakes, and then the right answers. */
export function planPictures({ duplicates, evaluation, changes, labelErrors }: TrainResult): PicturePlan {
  const { groups, conflicts } = duplicates;
  const sets = [
    ...conflicts.slice(0, maxGroups).map((group) => group.map(({ path }) => path)),
    ...groups.slice(0, maxGroups),
  ];
  const outside = [
    ...sampleOf(evaluation.photos).map(({ path }) => path),
    ...evaluation.mistakes.slice(0, maxCards).map(({ path }) => path),
    ...(labelErrors?.photos ?? []).slice(0, maxLabels).map(({ path }) => path),
    ...sets.flatMap((group) => group.slice(0, maxOfGroup)),
    ...flippedPaths(changes?.compared?.flipped ?? []),
  ];
  const pairs = pairsOf(evaluation);
  const left = maxPictures - outside.length;
  const wrong = inTurn(
    pairs.filter((pair) => !isHit(pair)),
    left,
  );
  const right = inTurn(pairs.filter(isHit), left - wrong.length);
  const behind = new Set([...wrong, ...right].map(({ path }) => path));
  return { behind, cut: evaluation.photos.length - behind.size, paths: new Set([...outside, ...behind]) };
}

/** Of photos whose answer changed, those that are shown. */
export function flippedPaths(flipped: readonly { readonly path: string; readonly became: string }[]): string[] {
  return ['right', 'wrong', 'other'].flatMap((kind) =>
    flipped
      .filter(({ became }) => became === kind)
      .slice(0, maxFlipped)
      .map(({ path }) => path),
  );
}

/** A few judged photos, at even distances: nobody picked them. */
export function sampleOf(photos: readonly JudgedPhoto[]): readonly JudgedPhoto[] {
  if (photos.length <= maxSample) return photos;
  return Array.from({ length: maxSample }, (_, i) => photos[Math.floor(((i + 0.5) * photos.length) / maxSample)]!);
}

/** The photos of which `trainReport` wants thumbnails. */
export function picturesFor(result: TrainResult): ReadonlySet<string> {
  return planPictures(result).paths;
}

/** Gives the picture of a photo, undefined where there is none. */
export type Picture = (path: string) => Html | undefined;

/** Pictures from WebP bytes by path. */
export function pictureFrom(thumbnails: ReadonlyMap<string, Uint8Array>): Picture {
  return (path) => {
    const bytes = thumbnails.get(path);
    return bytes && html`<img alt="Photo ${path}" decoding="async" src="${raw(dataAddress(bytes))}">`;
  };
}

/** A WebP as an address that needs no network. */
export function dataAddress(webp: Uint8Array): string {
  return `data:image/webp;base64,${base64(webp)}`;
}

/** The first photo of every cell, then the second of every cell, and so on, until there are `most`. */
function inTurn(pairs: readonly Pair[], most: number): readonly JudgedPhoto[] {
  const chosen: JudgedPhoto[] = [];
  let open = pairs;
  for (let turn = 0; open.length > 0 && chosen.length < most; turn++) {
    open = open.filter(({ photos }) => turn < photos.length);
    for (const one of open.map(({ photos }) => photos[turn]!)) chosen.push(one);
  }
  return chosen.slice(0, most);
}

const digits = Uint8Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/', (letter) =>
  letter.charCodeAt(0),
);
const padding = '='.charCodeAt(0);

/** Not by `btoa`, which wants a letter for each byte first: a page has hundreds of pictures. */
function base64(bytes: Uint8Array): string {
  const text = new Uint8Array(4 * Math.ceil(bytes.length / 3));
  for (let from = 0, to = 0; from < bytes.length; from += 3) {
    const [second, third] = [from + 1 < bytes.length, from + 2 < bytes.length];
    const word = (bytes[from] << 16) | (second ? bytes[from + 1] << 8 : 0) | (third ? bytes[from + 2] : 0);
    text[to++] = digits[word >> 18];
    text[to++] = digits[(word >> 12) & 63];
    text[to++] = second ? digits[(word >> 6) & 63] : padding;
    text[to++] = third ? digits[word & 63] : padding;
  }
  return new TextDecoder().decode(text);
}
