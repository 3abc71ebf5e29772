/** Photos where two numbers put them. */

import type { StudyResult } from '../../results/studyResult.ts';
import { plainName } from '../format.ts';
import { type Html, html, raw } from '../html.ts';

type Place = StudyResult['plane'][number];

const size = 760;
const tile = 44;
const margin = tile / 2 + 8;
const colours = 6;
/** Of a mark that stands for a photo, and with them the strokes of a photo's frame: whole, dashed, dotted. */
const shapes: readonly ((x: number, y: number) => string)[] = [
  (x, y) => `M${at(x - 2.2)} ${at(y)}a2.2 2.2 0 1 0 4.4 0a2.2 2.2 0 1 0 -4.4 0z`,
  (x, y) => `M${at(x - 2.2)} ${at(y - 2.2)}h4.4v4.4h-4.4z`,
  (x, y) => `M${at(x)} ${at(y - 3)}l3 5.2h-6z`,
];
const rowHeight = 22;
/** More pictures than this hide each other. */
const mostPictures = 140;

/** Photos that are shown as pictures: of every class in turn, spread over its photos. */
export function planePhotos(plane: readonly Place[]): Place[] {
  const classes = [...new Set(plane.map(({ label }) => label))];
  const perClass = Math.max(1, Math.floor(mostPictures / Math.max(1, classes.length)));
  return classes.slice(0, mostPictures).flatMap((label) => {
    const own = plane.filter((place) => place.label === label);
    const count = Math.min(perClass, own.length);
    return Array.from({ length: count }, (_, i) => own[Math.floor((i * own.length) / count)]);
  });
}

/**
 * The photos where two numbers put them: the first two principal components of their features. A class has a colour, a
 * mark and a stroke of its own as long as there are such; those of the classes after that look alike.
 */
export function planeChart(
  { plane, classes }: Pick<StudyResult, 'plane' | 'classes'>,
  thumbnails: ReadonlyMap<string, string>,
): Html {
  const looks = new Map(classes.map(({ label }, i) => [label, lookOf(i)]));
  const look = (label: string) => looks.get(label) ?? lookOf(classes.length);
  const across = scaleOf(plane.map(({ x }) => x));
  const up = scaleOf(plane.map(({ y }) => -y));
  const dots = plane.map(({ x, y, label }) => {
    const { name, shape } = look(label);
    return html`<path class="${name}" d="${shape(across(x), up(-y))}" opacity="0.6"/>`;
  });
  const pictures = planePhotos(plane).flatMap(({ path, label, x, y }) => {
    const data = thumbnails.get(path);
    if (!data) return [];
    const [left, top] = [across(x) - tile / 2, up(-y) - tile / 2];
    return [
      html`<g><image href="${raw(data)}" x="${left}" y="${top}" width="${tile}" height="${tile}" preserveAspectRatio="xMidYMid slice"/><rect class="${look(label).name}" x="${left}" y="${top}" width="${tile}" height="${tile}"/><title>${plainName(label)}</title></g>`,
    ];
  });
  const key = keyOf(classes.map(({ label }) => plainName(label)));
  return html`<svg class="plane" viewBox="0 0 ${size} ${size + key.height}" role="img" aria-label="The photos along the first two principal components"><g>${key.entries}</g><g transform="translate(0 ${key.height})">${dots}${pictures}</g></svg>`;
}

interface Look {
  /** Classes in the style sheet. */
  readonly name: string;
  readonly shape: (typeof shapes)[number];
}

function lookOf(place: number): Look {
  const stroke = Math.floor(place / colours);
  return stroke < shapes.length
    ? { name: `c${place % colours} s${stroke}`, shape: shapes[stroke] }
    : { name: 'rest', shape: shapes[0] };
}

/** A frame, a mark and a name for each class that has a look of its own, in as many rows as they take. */
function keyOf(labels: readonly string[]): { readonly entries: readonly Html[]; readonly height: number } {
  const own = labels.slice(0, colours * shapes.length);
  const more = labels.length - own.length;
  let [x, row] = [10, 0];
  const entries = [...own, ...(more > 0 ? [`${more} more`] : [])].map((text, i) => {
    const width = 38 + text.length * 7;
    if (x > 10 && x + width > size) [x, row] = [10, row + 1];
    const [left, middle] = [x, row * rowHeight + 16];
    x += width;
    const { name, shape } = lookOf(i);
    return html`<rect class="${name}" x="${left}" y="${middle - 8}" width="16" height="16"/><path class="${name}" d="${shape(left + 8, middle)}"/><text x="${left + 22}" y="${middle + 4}">${text}</text>`;
  });
  return { entries, height: (row + 1) * rowHeight + 6 };
}

/** A tenth of a pixel is exact enough. */
function at(value: number): number {
  return Math.round(10 * value) / 10;
}

function scaleOf(values: readonly number[]): (value: number) => number {
  const low = values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
  const high = values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  const span = high - low || 1;
  return (value) => Math.round(10 * (margin + ((value - low) / span) * (size - 2 * margin))) / 10;
}
