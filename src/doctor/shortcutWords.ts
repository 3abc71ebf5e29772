/** A shortcut, in a sentence. */

import type { AboutPhoto, Kind, Shortcut } from './shortcut.ts';

type What = Shortcut['what'];
type Value = number | string;

/** Photos of one class, label or kind; of all others where it has no name. */
export interface Named {
  readonly name: string | undefined;
  readonly rows: readonly number[];
}

const nouns: Readonly<Record<What, string>> = {
  size: 'size',
  shape: 'shape',
  format: 'file format',
  quality: 'JPEG quality',
  camera: 'camera',
  brightness: 'brightness',
  colour: 'lack of colour',
  border: 'border',
  pattern: 'mark at one place',
  hour: 'time of day',
};

const advice: Readonly<Record<What, string>> = {
  size: 'resize all photos to one size',
  shape: 'crop all photos to one shape',
  format: 'save all photos in one format',
  quality: 'save all photos at one quality',
  camera: 'mix the cameras in every class',
  brightness: 'take the photos of all classes in the same light',
  colour: 'use only grey photos or only colour photos',
  border: 'cut the borders off',
  pattern: 'cut watermarks, dates and frames off',
  hour: 'take the photos of all classes at the same times',
};

/**
 * What is usual of the first and the last side, by value; the others, where they have no name, come last.
 * @returns for a shortcut's `usual` and `shownBy`
 */
export function usualOf(
  what: What,
  photos: readonly AboutPhoto[],
  values: readonly Value[],
  sides: readonly Named[],
): Pick<Shortcut, 'usual' | 'shownBy'> {
  const sorted = sides
    .filter(({ rows }) => rows.length > 0)
    .map(({ name, rows }) => ({ name, row: usualRow(rows, values) }))
    .toSorted((a, b) => Number(!a.name) - Number(!b.name) || compared(values[a.row], values[b.row]));
  const ends = [sorted[0], sorted[sorted.length - 1]].flatMap((one) => one ?? []);
  return {
    usual: ends.map(({ name = null, row }) => ({ name, value: reading(what, photos[row], values[row]) })),
    shownBy: ends.map(({ row }) => photos[row].path),
  };
}

/** `The size of a photo alone predicts the class of 100.0% of the photos: class 'defect' is usually 120 x 120 px, ...`. */
export function shortcutSentence(
  { what, label, accuracy, usual }: Pick<Shortcut, 'what' | 'label' | 'accuracy' | 'usual'>,
  kind: Kind,
): string {
  const told =
    label === undefined
      ? `predicts the ${kind === 'kinds' ? 'kind' : 'class'} of ${(100 * accuracy.value).toFixed(1)}% of the photos`
      : `separates ${words[kind].one} '${label}' from the others`;
  const [first, last] = usual.map(({ name, value }, place) => {
    const { those, rest, are } = words[kind];
    const subject = name === null ? rest : `${those} '${name}'`;
    return `${subject}${place === 0 ? ` ${are} usually` : ''} ${shown(what, value)}`;
  });
  const harm =
    kind === 'kinds'
      ? 'The figures may reflect that rather than what the photos show'
      : 'The classifier may learn that rather than what the photos show';
  return `The ${nouns[what]} of a photo alone ${told}: ${first}, ${last}. ${harm}; ${advice[what]}, or use photos from one source.`;
}

const words: Readonly<Record<Kind, { one: string; those: string; rest: string; are: string }>> = {
  classes: { one: 'class', those: 'class', rest: 'the others', are: 'is' },
  labels: { one: 'label', those: 'photos with', rest: 'those without', are: 'are' },
  kinds: { one: 'normal photos in', those: 'photos in', rest: 'the others', are: 'are' },
};

/** The photo in the middle, or of the commonest value where values are words. */
function usualRow(rows: readonly number[], values: readonly Value[]): number {
  if (rows.some((row) => typeof values[row] === 'number'))
    return rows.toSorted((a, b) => compared(values[a], values[b]))[Math.floor(rows.length / 2)];
  const counts = new Map<Value, number>();
  for (const row of rows) counts.set(values[row], (counts.get(values[row]) ?? 0) + 1);
  return rows.reduce((best, row) => ((counts.get(values[row]) ?? 0) > (counts.get(values[best]) ?? 0) ? row : best));
}

function reading(what: What, { width, height, shot, facts }: AboutPhoto, value: Value): string | number | null {
  const found: Readonly<Record<What, string | number | null>> = {
    size: `${width} x ${height}`,
    shape: width / height,
    format: facts ? facts.format : `.${value}`,
    quality: facts?.quality ?? null,
    camera: shot?.camera ?? null,
    brightness: Number(value) / 255,
    colour: value,
    border: value === 'none' ? null : value,
    pattern: value,
    hour: value === '' ? null : Number(value),
  };
  return found[what];
}

function shown(what: What, value: string | number | null): string {
  const texts: Readonly<Record<What, string>> = {
    size: `${value} px`,
    shape: `${Number(value).toFixed(2)} times as wide as high`,
    format: `${value}`,
    quality: value === null ? 'not JPEG' : `about ${value} of 100`,
    camera: value === null ? 'without a camera name' : `taken with ${value}`,
    brightness: `${Math.round(100 * Number(value))}% of white`,
    colour: `${value}`,
    border: value === null ? 'without a border' : `with a ${value === 'other' ? 'coloured' : value} border`,
    pattern: Number(value) > 0 ? 'with the mark' : 'without it',
    hour: value === null ? 'without a time' : `taken between ${Number(value)} and ${Number(value) + 3} o'clock`,
  };
  return texts[what];
}

function compared(a: Value, b: Value): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
