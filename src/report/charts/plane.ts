import { plainName } from '../format.ts';
import { type Html, html, raw } from '../html.ts';
import type { StudyResult } from '../studyResult.ts';

type Place = StudyResult['plane'][number];

const size = 760;
const tile = 44;
const margin = tile / 2 + 8;
const colours = 6;
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

/** The photos where two numbers put them: the first two principal components of their features. */
export function planeChart(
  { plane, classes }: Pick<StudyResult, 'plane' | 'classes'>,
  thumbnails: ReadonlyMap<string, string>,
): Html {
  const numbers = new Map(classes.map(({ label }, i) => [label, i % colours]));
  const across = scaleOf(plane.map(({ x }) => x));
  const up = scaleOf(plane.map(({ y }) => -y));
  const dots = plane.map(
    ({ x, y, label }) =>
      html`<circle class="c${numbers.get(label) ?? 0}" cx="${across(x)}" cy="${up(-y)}" r="2" opacity="0.5"/>`,
  );
  const pictures = planePhotos(plane).flatMap(({ path, label, x, y }) => {
    const data = thumbnails.get(path);
    if (!data) return [];
    const [left, top] = [across(x) - tile / 2, up(-y) - tile / 2];
    return [
      html`<g><image href="${raw(data)}" x="${left}" y="${top}" width="${tile}" height="${tile}" preserveAspectRatio="xMidYMid slice"/><rect class="c${numbers.get(label) ?? 0}" x="${left}" y="${top}" width="${tile}" height="${tile}"/><title>${plainName(label)}</title></g>`,
    ];
  });
  let keyAt = 12;
  const key = classes.slice(0, 8).map(({ label }) => {
    const start = keyAt;
    keyAt += 24 + plainName(label).length * 7;
    return html`<circle class="c${numbers.get(label) ?? 0}" cx="${start}" cy="16" r="5"/><text x="${start + 10}" y="20">${plainName(label)}</text>`;
  });
  return html`<svg class="plane" viewBox="0 0 ${size} ${size + 24}" role="img" aria-label="The photos along the first two principal components"><g>${key}</g><g transform="translate(0 24)">${dots}${pictures}</g></svg>`;
}

function scaleOf(values: readonly number[]): (value: number) => number {
  const low = values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
  const high = values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  const span = high - low || 1;
  return (value) => Math.round(10 * (margin + ((value - low) / span) * (size - 2 * margin))) / 10;
}
