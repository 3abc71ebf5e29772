/** Photos that hurt: unreadable, tiny, blurred, dark, blown out, blank, a placeholder, turned, or odd in colour. */

import * as z from 'zod';
import type { PhotoAppearance } from '../images/appearance.ts';
import { quantile } from '../numerics/statistics.ts';
import type { AboutPhoto } from './shortcut.ts';

export const problemKinds = [
  'unreadable',
  'blank',
  'graphic',
  'tiny',
  'dark',
  'blown',
  'blurred',
  'turned',
  'colour',
] as const;
export type ProblemKind = (typeof problemKinds)[number];

/** A photo that hurts, with the figure that says so. */
export const photoProblem = z.object({
  path: z.string(),
  label: z.string().nullable(),
  what: z.enum(problemKinds),
  /** What was measured; null where the photo cannot be read. */
  figure: z.number().nullable(),
  sentence: z.string(),
});
export type PhotoProblem = z.infer<typeof photoProblem>;

export const photoProblems = z.object({
  /** Photos whose appearance is known. */
  checked: z.number(),
  photos: z.array(photoProblem),
});
export type PhotoProblems = z.infer<typeof photoProblems>;

/** Shorter side, in pixels, below which a photo shows too little. */
const tinySide = 64;
/** The limits that follow were set so that at most a few in a thousand of flowers5 and cats_dogs cross each (bench `doctor`). */
const blurredSharpness = 2;
const darkBrightest = 60;
const blownShare = 0.15;
const graphicColours = 10;
const graphicEven = 0.4;
const textColours = 24;
const textEven = 0.25;
const textSharpness = 8;
/** Mean distance of a pixel's colours under which a photo is grey; what JPEG does to grey stays below. */
const grey = 3;
/** Lack of colour is odd where so few photos lack it. */
const fewGrey = 0.05;
/** How many times the usual distance (median absolute deviation) a photo's tint lies from its class's. */
const oddTint = 12;
const leastForTint = 20;

export interface CheckedPhoto extends AboutPhoto {
  readonly label: string | null;
  readonly remarks?: readonly string[] | undefined;
}

/** All photos that hurt; of one that hurts in several ways the first is named. */
export function findPhotoProblems(
  photos: readonly CheckedPhoto[],
  failed: readonly { readonly path: string; readonly label: string | null; readonly reason: string }[],
  turned: ReadonlyMap<string, Turn> = new Map(),
): PhotoProblems {
  const tints = tintDistances(photos);
  const greys = photos.filter(({ facts }) => facts && facts.colour < grey).length;
  const greyIsOdd = greys > 0 && greys <= fewGrey * photos.length && photos.length >= leastForTint;
  const found = photos.flatMap((photo, row): PhotoProblem[] => {
    const { path, label, facts } = photo;
    const as = (what: ProblemKind, figure: number, sentence: string): PhotoProblem[] => [
      { path, label, what, figure, sentence },
    ];
    const look = facts?.appearance;
    if (photo.remarks?.includes('flat')) return as('blank', facts?.brightness ?? 0, 'A single colour.');
    if (look && isGraphic(look))
      return as(
        'graphic',
        look.colours,
        `Only ${count(look.colours, 'colour')}: a placeholder, drawing, screenshot or text.`,
      );
    const side = Math.min(photo.width, photo.height);
    if (side < tinySide) return as('tiny', side, `Only ${photo.width} x ${photo.height} pixels.`);
    if (look && look.brightest < darkBrightest)
      return as(
        'dark',
        look.brightest,
        `Very dark: almost nothing in it is brighter than ${share(look.brightest / 255)} of white.`,
      );
    if (look && look.blown > blownShare)
      return as('blown', look.blown, `Blown out: ${share(look.blown)} of its middle has no detail left.`);
    if (look && look.sharpness < blurredSharpness)
      return as('blurred', look.sharpness, `Blurred: sharpness ${look.sharpness.toFixed(1)}, and 3 or more is usual.`);
    const turn = turned.get(path);
    if (turn) return as('turned', turn, turnSentence(turn));
    if (facts && facts.colour < grey && greyIsOdd)
      return as('colour', facts.colour, `Without colour, unlike ${share(1 - greys / photos.length)} of the photos.`);
    const tint = tints[row] ?? 0;
    if (tint > oddTint)
      return as(
        'colour',
        tint,
        `An odd tint: ${tint.toFixed(0)} times as far from the usual colours of its class as photos usually are.`,
      );
    return [];
  });
  const unreadable = failed.map(
    ({ path, label, reason }): PhotoProblem => ({
      path,
      label,
      what: 'unreadable',
      figure: null,
      sentence: `Cannot be used: ${reason}.`,
    }),
  );
  const order = (problem: PhotoProblem) => problemKinds.indexOf(problem.what);
  return {
    checked: photos.filter(({ facts }) => facts?.appearance).length,
    photos: [...unreadable, ...found].sort((a, b) => order(a) - order(b)),
  };
}

/** By how much a photo is turned clockwise, in degrees. */
export type Turn = 90 | 180 | 270;

function turnSentence(turn: Turn): string {
  return turn === 180 ? 'Upside down.' : `On its side: turn it ${turn === 90 ? 'left' : 'right'} by a quarter.`;
}

/** A few even areas of a few colours; or, as text is, a few more colours where all edges are as sharp as no lens draws them. */
function isGraphic({ colours, even, sharpness }: PhotoAppearance): boolean {
  if (colours <= graphicColours) return even >= graphicEven;
  return colours <= textColours && even >= textEven && sharpness >= textSharpness;
}

/** How far each photo's tint lies from the usual one of all photos, and of its class where that is nearer. */
function tintDistances(photos: readonly CheckedPhoto[]): Float64Array {
  const distances = new Float64Array(photos.length);
  const tints = photos.map(({ facts }) => {
    if (!facts?.appearance) return undefined;
    const [red, green, blue] = facts.appearance.mean;
    const light = Math.max(20, (red + green + blue) / 3);
    return [(red - green) / light, (blue - green) / light] as const;
  });
  const apply = (rows: readonly number[], take: (old: number, distance: number) => number) => {
    const known = rows.filter((row) => tints[row]);
    if (known.length < leastForTint) return;
    const each = [0, 1].map((axis) => {
      const values = known.map((row) => tints[row]?.[axis] ?? 0);
      const middle = quantile(values, 0.5);
      const usual = Math.max(
        0.02,
        1.4826 *
          quantile(
            values.map((value) => Math.abs(value - middle)),
            0.5,
          ),
      );
      return values.map((value) => Math.abs(value - middle) / usual);
    });
    for (const [place, row] of known.entries())
      distances[row] = take(distances[row] ?? 0, Math.max(each[0]?.[place] ?? 0, each[1]?.[place] ?? 0));
  };
  apply([...photos.keys()], (_, distance) => distance);
  const byLabel = new Map<string | null, number[]>();
  for (const [row, { label }] of photos.entries()) {
    const own = byLabel.get(label);
    if (own) own.push(row);
    else byLabel.set(label, [row]);
  }
  for (const rows of byLabel.values()) apply(rows, Math.min);
  return distances;
}

function share(value: number): string {
  return `${(100 * value).toFixed(0)}%`;
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}
