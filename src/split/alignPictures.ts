/** The best agreement of two pictures over alignments. */

import { cellsAcross } from '../images/greyCells.ts';

/** A photo as it is compared: 32 x 32 grey cells over its whole area, and its width by its height. */
export interface Picture {
  readonly cells: Uint8Array;
  readonly aspect: number;
}

/** A picture ready to be laid upon others. */
export interface Layer {
  /** In fewer and fewer cells: as it is searched for, and as it is when the other one shows it larger. */
  readonly coarse: readonly Field[];
  readonly fine: () => Field;
}

/** Where two pictures agree best, and how well: 1 the same, about 0 nothing in common. */
export interface Alignment {
  readonly agreement: number;
  readonly place: Place;
}

/** Cells along the side of a square picture, for searching and for refining; others have as many on the same area. */
const coarseSide = 12;
const fineSide = 28;
/** How much smaller, by length, what both show may be in one of them. */
const scales = [1, 0.89, 0.8];
/** Of the larger picture, what must lie on the other. */
const leastOverlap = 0.5;
/** Pictures longer than this are compared as if they were squeezed. */
const longest = 3;
/** Cells are seen against those around them, within so much of the side. */
const surround = 1 / 8;
/** Variance, in grey levels, below which differences are noise. */
const noise = 9;
/** The same of normalised cells: what plain surfaces share is nothing. */
const plain = 0.02;
/** Of the side: the first and the last step of refining. */
const [firstStep, lastStep] = [1 / 32, 1 / 128];

/** Where a point (u, v) of one picture lies in the other, in shares of both sides: (scaleX u + x, scaleY v + y). */
interface Place {
  readonly scaleX: number;
  readonly scaleY: number;
  readonly x: number;
  readonly y: number;
}

/** A picture in cells, each as it differs from those around it, in units of how much they vary. */
interface Field {
  readonly width: number;
  readonly height: number;
  readonly cells: Float32Array;
  /** Sums of squares above and left of each corner. */
  readonly squares: Float32Array;
}

export function layerOf({ cells, aspect }: Picture): Layer {
  const sums = summed(cells, cellsAcross, cellsAcross);
  const stretch = Math.sqrt(Math.min(longest, Math.max(1 / longest, aspect)));
  const inCells = (side: number) => field(sums, Math.round(side * stretch), Math.round(side / stretch));
  let fine: Field | undefined;
  return { coarse: scales.map((scale) => inCells(coarseSide * scale)), fine: () => (fine ??= inCells(fineSide)) };
}

/** The best place in whole cells of a coarse grid; up to a quarter larger or smaller. */
export function roughAlignment(a: Layer, b: Layer): Alignment {
  let best: Alignment = { agreement: -1, place: { scaleX: 1, scaleY: 1, x: 0, y: 0 } };
  for (let scale = 0; scale < scales.length; scale++) {
    best = search(a.coarse[0], b.coarse[scale], best);
    if (scale > 0) best = search(a.coarse[scale], b.coarse[0], best);
  }
  return best;
}

/** All shifts in whole cells, if they are better than what is known. */
function search(a: Field, b: Field, known: Alignment): Alignment {
  const [first, second] = [a.cells, b.cells];
  const [wide, high] = [b.width, b.height];
  const least = leastOverlap * Math.max(a.width * a.height, wide * high);
  let agreement = known.agreement;
  let bestX = Number.NaN;
  let bestY = 0;
  for (let dy = 1 - high; dy < a.height; dy++) {
    const [top, bottom] = [Math.max(0, dy), Math.min(a.height, dy + high)];
    if ((bottom - top) * Math.min(a.width, wide) < least) continue;
    for (let dx = 1 - wide; dx < a.width; dx++) {
      const [left, right] = [Math.max(0, dx), Math.min(a.width, dx + wide)];
      const count = (bottom - top) * (right - left);
      if (count < least) continue;
      let product = 0;
      for (let y = top; y < bottom; y++) {
        const shift = (y - dy) * wide - dx;
        const end = y * a.width + right;
        for (let at = y * a.width + left, to = shift + left; at < end; at++, to++) product += first[at] * second[to];
      }
      if (product <= 0) continue;
      const own = inside(a.squares, a.width, left, top, right, bottom) + plain * count;
      const other = inside(b.squares, wide, left - dx, top - dy, right - dx, bottom - dy) + plain * count;
      const correlation = product / Math.sqrt(own * other);
      if (correlation <= agreement) continue;
      agreement = correlation;
      bestX = dx;
      bestY = dy;
    }
  }
  if (Number.isNaN(bestX)) return known;
  return {
    agreement,
    place: { scaleX: a.width / wide, scaleY: a.height / high, x: -bestX / wide, y: -bestY / high },
  };
}

/** Climbs to the best place nearby: left and right, up and down, larger and smaller, in ever smaller steps. */
export function refinedAgreement(first: Layer, second: Layer, start: Place): number {
  const [a, b] = [first.fine(), second.fine()];
  let place = start;
  let best = correlate(a, b, place);
  for (let step = firstStep; step >= lastStep; step /= 2)
    for (let failed = 0, way = 0; failed < ways; way = (way + 1) % ways) {
      const tried = moved(place, way, step);
      const correlation = correlate(a, b, tried);
      if (correlation > best) {
        [best, place, failed] = [correlation, tried, 0];
        // The same way again.
        way += ways - 1;
      } else failed++;
    }
  return best;
}

const ways = 6;

/** Right, left, down, up, and larger or smaller about the middle of the first picture. */
function moved({ scaleX, scaleY, x, y }: Place, way: number, step: number): Place {
  const by = way % 2 === 0 ? step : -step;
  if (way < 2) return { scaleX, scaleY, x: x + by, y };
  if (way < 4) return { scaleX, scaleY, x, y: y + by };
  const larger = 1 + 2 * by;
  return { scaleX: scaleX * larger, scaleY: scaleY * larger, x: x - scaleX * by, y: y - scaleY * by };
}

function correlate(a: Field, b: Field, { scaleX, scaleY, x, y }: Place): number {
  locate(across, a.width, b.width, scaleX, x);
  locate(down, a.height, b.height, scaleY, y);
  const count = (across.to - across.from) * (down.to - down.from);
  if (Math.min(1, scaleX * scaleY) * count < leastOverlap * 0.9 * a.width * a.height) return -1;
  const first = a.cells;
  const second = b.cells;
  const stride = b.width;
  let product = 0;
  let own = 0;
  let other = 0;
  for (let row = down.from; row < down.to; row++) {
    const line = down.cell[row] * stride;
    const low = down.share[row];
    for (let column = across.from; column < across.to; column++) {
      const at = line + across.cell[column];
      const right = across.share[column];
      const upper = second[at] + right * (second[at + 1] - second[at]);
      const lower = second[at + stride] + right * (second[at + stride + 1] - second[at + stride]);
      const value = upper + low * (lower - upper);
      const fixed = first[row * a.width + column];
      product += fixed * value;
      own += fixed * fixed;
      other += value * value;
    }
  }
  return product / Math.sqrt((own + plain * count) * (other + plain * count));
}

/** Between which cells of the other picture the cells `from` to `to` of one side lie, and how far on. */
interface Positions {
  readonly cell: Int32Array;
  readonly share: Float64Array;
  from: number;
  to: number;
}

const mostCells = Math.ceil(fineSide * Math.sqrt(longest));
const positions = (): Positions => ({
  cell: new Int32Array(mostCells),
  share: new Float64Array(mostCells),
  from: 0,
  to: 0,
});
const across = positions();
const down = positions();

function locate(out: Positions, cells: number, others: number, scale: number, shift: number): void {
  out.from = cells;
  out.to = 0;
  for (let i = 0; i < cells; i++) {
    const position = (((i + 0.5) / cells) * scale + shift) * others - 0.5;
    if (position < -0.5 || position > others - 0.5) continue;
    const cell = Math.min(others - 2, Math.max(0, Math.floor(position)));
    out.cell[i] = cell;
    out.share[i] = Math.min(1, Math.max(0, position - cell));
    if (out.to === 0) out.from = i;
    out.to = i + 1;
  }
  out.from = Math.min(out.from, out.to);
}

/** The picture in width x height cells, each against those around it. */
function field(sums: Float64Array, width: number, height: number): Field {
  const grey = averaged(sums, width, height);
  const own = summed(grey, width, height);
  const squares = summed(squared(grey), width, height);
  const [reachX, reachY] = [Math.max(1, Math.round(width * surround)), Math.max(1, Math.round(height * surround))];
  const cells = new Float32Array(width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const [left, right] = [Math.max(0, x - reachX), Math.min(width, x + reachX + 1)];
      const [top, bottom] = [Math.max(0, y - reachY), Math.min(height, y + reachY + 1)];
      const count = (right - left) * (bottom - top);
      const mean = inside(own, width, left, top, right, bottom) / count;
      const variance = Math.max(0, inside(squares, width, left, top, right, bottom) / count - mean * mean);
      cells[y * width + x] = (grey[y * width + x] - mean) / Math.sqrt(variance + noise);
    }
  return { width, height, cells, squares: new Float32Array(summed(squared(cells), width, height)) };
}

function squared(values: Float64Array | Float32Array): Float64Array {
  const squares = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) squares[i] = values[i] * values[i];
  return squares;
}

/** Means of width x height equal parts of the picture. */
function averaged(sums: Float64Array, width: number, height: number): Float64Array {
  const stride = cellsAcross + 1;
  // Sums up to a part of a row, along it and down it.
  const corners = new Float64Array((width + 1) * (height + 1));
  for (let j = 0; j <= height; j++) {
    const y = (j * cellsAcross) / height;
    const row = Math.min(cellsAcross - 1, Math.floor(y));
    for (let i = 0; i <= width; i++) {
      const x = (i * cellsAcross) / width;
      const column = Math.min(cellsAcross - 1, Math.floor(x));
      const at = row * stride + column;
      const upper = sums[at] + (x - column) * (sums[at + 1] - sums[at]);
      const lower = sums[at + stride] + (x - column) * (sums[at + stride + 1] - sums[at + stride]);
      corners[j * (width + 1) + i] = upper + (y - row) * (lower - upper);
    }
  }
  const area = (cellsAcross * cellsAcross) / (width * height);
  const means = new Float64Array(width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) means[y * width + x] = inside(corners, width, x, y, x + 1, y + 1) / area;
  return means;
}

/** Sums of all cells above and left of each corner, [height + 1, width + 1]. */
function summed(cells: ArrayLike<number>, width: number, height: number): Float64Array {
  const sums = new Float64Array((width + 1) * (height + 1));
  for (let y = 0; y < height; y++) {
    let row = 0;
    for (let x = 0; x < width; x++) {
      row += cells[y * width + x];
      sums[(y + 1) * (width + 1) + x + 1] = sums[y * (width + 1) + x + 1] + row;
    }
  }
  return sums;
}

function inside(
  sums: Float64Array | Float32Array,
  width: number,
  left: number,
  top: number,
  right: number,
  bottom: number,
): number {
  const stride = width + 1;
  const [above, below] = [top * stride, bottom * stride];
  return sums[below + right] - sums[above + right] - sums[below + left] + sums[above + left];
}

/** The picture mirrored and turned; the positions are those of turnedHashes (hashNeighbours.ts). */
export function turnedPicture({ cells, aspect }: Picture, position: number): Picture {
  const [mirrored, upset, turned] = [position & 1, position & 2, position & 4];
  const out = new Uint8Array(cells.length);
  for (let y = 0; y < cellsAcross; y++)
    for (let x = 0; x < cellsAcross; x++) {
      const [u, v] = [mirrored ? cellsAcross - 1 - x : x, upset ? cellsAcross - 1 - y : y];
      out[y * cellsAcross + x] = turned ? cells[u * cellsAcross + v] : cells[v * cellsAcross + u];
    }
  return { cells: out, aspect: turned ? 1 / aspect : aspect };
}
