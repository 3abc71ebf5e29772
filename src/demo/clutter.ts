/** What lies beside. */

import { num, type Point, pointAt, polygon, smooth } from './curve.ts';
import { decor, emblem } from './decor.ts';
import { type Canvas, type Colour, lighter } from './paint.ts';

/** Something beside the point, about `size` across: a ball, box, stick, ring, coin, pebble, cone, pencil, star or bead string. */
export function clutter(canvas: Canvas, at: Point, size: number, colour: Colour, second: Colour): string {
  const { dice } = canvas;
  const half = size / 2;
  const colours = { main: colour, accent: second, extra: lighter(second, 0.2) };
  const circle = smooth(Array.from({ length: 12 }, (_, i) => pointAt((i * Math.PI) / 6, half)));
  const kinds = {
    ball: () => canvas.shape(circle, colour, 'ball') + decor(canvas, circle, colours, 0.4),
    box: () => {
      const [w, h, d] = [half * dice.range(0.7, 1.3), half * dice.range(0.6, 1.2), half * dice.range(0.2, 0.5)];
      const front = polygon([
        [-w, -h],
        [w, -h],
        [w, h],
        [-w, h],
      ]);
      return (
        canvas.shape(
          polygon([
            [-w, -h],
            [-w + d, -h - d],
            [w + d, -h - d],
            [w, -h],
          ]),
          lighter(colour, 0.1),
          'plain',
        ) +
        canvas.shape(
          polygon([
            [w, -h],
            [w + d, -h - d],
            [w + d, h - d],
            [w, h],
          ]),
          lighter(colour, -0.12),
          'plain',
        ) +
        canvas.shape(front, colour) +
        decor(canvas, front, colours, 0.4)
      );
    },
    stick: () =>
      canvas.limb(`M${num(-size)} 0Q0 ${num(dice.range(-20, 20))} ${num(size)} 0`, dice.range(4, 11), colour),
    ring: () => canvas.limb(circle, half * dice.range(0.2, 0.45), colour),
    coin: () =>
      canvas.ellipse([0, 0], half, half * dice.range(0.5, 1), colour, 'round') +
      canvas.ellipse([0, 0], half * 0.72, half * 0.5, lighter(colour, 0.08), 'plain'),
    pebble: () =>
      canvas.shape(
        smooth(Array.from({ length: 7 }, (_, i) => pointAt((i * Math.PI * 2) / 7, half * dice.range(0.6, 1.1)))),
        colour,
        'ball',
      ),
    cone: () =>
      canvas.shape(
        polygon([
          [0, -half * 1.2],
          [half, half],
          [-half, half],
        ]),
        colour,
        'tube',
      ),
    pencil: () => {
      const w = dice.range(4, 8);
      return (
        canvas.shape(
          polygon([
            [-size, -w],
            [size * 0.8, -w],
            [size * 0.8, w],
            [-size, w],
          ]),
          colour,
        ) +
        canvas.shape(
          polygon([
            [size * 0.8, -w],
            [size, 0],
            [size * 0.8, w],
          ]),
          lighter(second, 0.2),
          'plain',
        )
      );
    },
    sign: () => emblem(canvas, [0, 0], half, colour),
    beads: () =>
      Array.from({ length: dice.int(4, 9) }, (_, i) =>
        canvas.ellipse(
          [(i - 3) * half * 0.5, Math.sin(i * 0.9) * half * 0.5],
          half * 0.25,
          half * 0.25,
          i % 2 ? colour : second,
        ),
      ).join(''),
  };
  const draw = dice.pick(Object.values(kinds));
  return `<g transform="translate(${at.map(num).join(' ')}) rotate(${num(dice.range(0, 360))})">${draw()}</g>`;
}
