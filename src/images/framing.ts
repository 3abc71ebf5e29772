/** Framings: which part of a photo the network sees, and looks, over which features are averaged. */

import { largestOf } from '../numerics/statistics.ts';
import type { Frame, Preprocessing, Resize } from './preprocessing.ts';
import type { Resizing } from './targetSize.ts';

/** The centre that the network was trained on, the whole photo squashed, or the whole photo padded. */
export const framings = ['crop', 'squash', 'pad'] as const;
export type Framing = (typeof framings)[number];

/** How often a photo may be looked at. */
export const looksCounts = [1, 2, 4] as const;
export type Looks = (typeof looksCounts)[number];

/** The share of the short edge that a crop keeps where the network's own preprocessing crops nothing. */
const wholeShortEdge = 1;
/** A close-up shows so much more of the detail than the crop does. */
const closeUpZoom = 1.25;

/** The framing that a preprocessing is. */
export function framingOf({ resize }: Frame): Framing {
  return resize.rule === 'shortest-edge' ? 'crop' : resize.rule === 'squash' ? 'squash' : 'pad';
}

/** A network's own preprocessing with another framing; its own framing stays as the network was trained. */
export function framed(own: Preprocessing, framing: Framing): Preprocessing {
  return framingOf(own) === framing ? own : { ...own, resize: resizeFor(own, framing) };
}

function resizeFor({ crop, resize }: Preprocessing, framing: Framing): Resize {
  if (framing === 'squash') return { rule: 'squash', ...crop };
  if (framing === 'pad') return { rule: 'contain', ...crop };
  const size = Math.round(Math.max(crop.height, crop.width) * wholeShortEdge);
  return resize.rule === 'shortest-edge' ? resize : { rule: 'shortest-edge', size };
}

/**
 * A preprocessing that looks at a photo more than once: 2 adds its mirror image; 4 adds the other framing of crop and
 * squash, and a close-up of the centre, too.
 * @param own the network's own preprocessing
 */
export function withLooks(own: Preprocessing, framing: Framing, looks: Looks): Preprocessing {
  const first = framed(own, framing);
  if (looks === 1) return first;
  const mirrored: Frame = { resize: first.resize, mirror: true };
  if (looks === 2) return { ...first, looks: [mirrored] };
  const other = resizeFor(own, framing === 'squash' ? 'crop' : 'squash');
  const cropped = resizeFor(own, 'crop');
  const size = cropped.rule === 'shortest-edge' ? Math.round(cropped.size * closeUpZoom) : 0;
  return { ...first, looks: [mirrored, { resize: other }, { resize: { rule: 'shortest-edge', size } }] };
}

/** Each look by itself, as a preprocessing with a single one. */
export function singleLooks({ looks = [], ...first }: Preprocessing): Preprocessing[] {
  return [first, ...looks.map((frame) => ({ ...first, ...frame }))];
}

/** What a photo is shrunk to for several looks, as a multiple of the largest: resizing twice then costs no detail. */
const spare = 2;

/**
 * How a photo is resized before it goes into a classifier's file, whose own resizing then has nothing left to do; with
 * looks that are resized in several ways, little.
 */
export function resizingFor({ looks = [], kernel, resize }: Preprocessing): Resizing {
  const all = [resize, ...looks.map((look) => look.resize)];
  if (all.every((other) => isSame(other, resize))) return { kernel, resize };
  return { kernel, resize: { rule: 'at-most', size: spare * largestOf(all.flatMap(edgesOf)) } };
}

/** Whether two resizes are the same. */
export function isSame(one: Resize, other: Resize): boolean {
  const [edges, others] = [edgesOf(one), edgesOf(other)];
  return one.rule === other.rule && edges.every((edge, k) => edge === others[k]);
}

/** Height and width that a resize asks for. */
function edgesOf(resize: Resize): [number, number] {
  return resize.rule === 'shortest-edge' ? [resize.size, resize.size] : [resize.height, resize.width];
}
