/** Curves and outlines. */

export type Point = readonly [x: number, y: number];

/** A coordinate as it is written into the SVG: a tenth of a unit is finer than a pixel. */
export function num(value: number): string {
  return String(Math.round(value * 10) / 10);
}

export function pointAt(angle: number, radius: number, [x, y]: Point = [0, 0]): Point {
  return [x + Math.cos(angle) * radius, y + Math.sin(angle) * radius];
}

/** Path data of straight lines. */
export function polygon(points: readonly Point[]): string {
  return `M${points.map(([x, y]) => `${num(x)} ${num(y)}`).join('L')}Z`;
}

/** Path data of a smooth line through all points: Catmull-Rom as cubic Bézier pieces. */
export function smooth(points: readonly Point[], closed = true): string {
  const n = points.length;
  const at = (i: number): Point => points[closed ? (i + n) % n : Math.min(Math.max(i, 0), n - 1)]!;
  let path = `M${num(at(0)[0])} ${num(at(0)[1])}`;
  for (let i = 0; i < (closed ? n : n - 1); i++) {
    const [before, from, to, after] = [at(i - 1), at(i), at(i + 1), at(i + 2)];
    const control = [
      from[0] + (to[0] - before[0]) / 6,
      from[1] + (to[1] - before[1]) / 6,
      to[0] - (after[0] - from[0]) / 6,
      to[1] - (after[1] - from[1]) / 6,
      ...to,
    ];
    path += `C${control.map(num).join(' ')}`;
  }
  return closed ? `${path}Z` : path;
}

/** A spine that starts at (-length / 2, 0), runs along x and bends by `bend` to one side. */
export class Spine {
  constructor(
    readonly length: number,
    readonly bend: number,
  ) {}

  /** The point at `t` from 0 (base) to 1 (tip), `offset` to the side of the spine. */
  at(t: number, offset = 0): Point {
    const slope = (4 * this.bend * (1 - 2 * t)) / this.length;
    const norm = Math.hypot(1, slope);
    return [
      (t - 0.5) * this.length - (slope / norm) * offset,
      4 * this.bend * t * (1 - t) - this.bend / 2 + offset / norm,
    ];
  }

  /** The line itself, up to `end`. */
  line(end: number): string {
    return smooth(
      [0, 0.25, 0.5, 0.75, 1].map((t) => this.at(end * t)),
      false,
    );
  }

  /** The outline at the given distances to both sides: up one side, back on the other. */
  outline(width: (t: number, side: number) => number, steps: number): Point[] {
    const points: Point[] = [];
    for (let i = 0; i <= steps; i++) points.push(this.at(i / steps, -width(i / steps, -1)));
    for (let i = steps - 1; i > 0; i--) points.push(this.at(i / steps, width(i / steps, 1)));
    return points;
  }
}
