/** Mug, teapot, carafe. */

import { num, type Point, smooth } from './curve.ts';
import { type Colours, decor } from './decor.ts';
import { type Canvas, type Colour, css, lighter } from './paint.ts';

/** A turned body: half widths at heights from the top (0) to the foot (1), between y = top and y = foot. */
function turned(
  top: number,
  foot: number,
  widths: readonly (readonly [t: number, half: number])[],
  dip: number,
): string {
  const side = (sign: number): Point[] => widths.map(([t, half]): Point => [sign * half, top + (foot - top) * t]);
  const [right, left] = [side(1), side(-1).reverse()];
  const base = widths[widths.length - 1]![1];
  return (
    `${smooth(right, false)}C${num(base * 0.6)} ${num(foot + dip)} ${num(-base * 0.6)} ${num(foot + dip)} ${num(-base)} ${num(foot)}` +
    `${smooth(left, false).replace('M', 'L')}Z`
  );
}

/** A soft streak of reflected light down one side. */
function gleam(canvas: Canvas, outline: string, x: number, top: number, foot: number, width: number): string {
  const { dice } = canvas;
  if (canvas.style !== 'shaded' || dice.chance(0.35)) return '';
  const side = Math.cos(canvas.light) >= 0 ? x : -x;
  const path = `M${num(side)} ${num(top)}Q${num(side * 1.15)} ${num((top + foot) / 2)} ${num(side)} ${num(foot)}`;
  return canvas.clipped(
    outline,
    `<path d="${path}" fill="none" stroke="#fff" stroke-width="${num(width)}" stroke-linecap="round" opacity="${num(dice.range(0.3, 0.7))}"/>`,
  );
}

/** A loop from (x, top) out to `reach` and back to (x - inset, foot). */
function loop(canvas: Canvas, x: number, top: number, foot: number, reach: number, inset: number): string {
  const out = x + Math.sign(x) * reach;
  const back = x - Math.sign(x) * inset;
  const kind = canvas.dice.pick(['round', 'ear', 'square'] as const);
  if (kind === 'square')
    return `M${num(x * 0.94)} ${num(top)}L${num(out)} ${num(top + 3)}L${num(out - Math.sign(x) * 4)} ${num(foot)}L${num(back * 0.94)} ${num(foot)}`;
  const rise = kind === 'ear' ? (foot - top) * 0.3 : 0;
  return `M${num(x * 0.94)} ${num(top)}C${num(out * 1.12)} ${num(top - rise)} ${num(out * 1.12)} ${num(foot - rise)} ${num(back * 0.94)} ${num(foot)}`;
}

/** A rim seen from a little above, with what is inside. */
function opening(
  canvas: Canvas,
  y: number,
  half: number,
  tilt: number,
  wall: Colour,
  filling: Colour | undefined,
): string {
  const inner = lighter(wall, -0.25);
  const rim = canvas.ellipse([0, y], half, half * tilt, lighter(wall, 0.05), 'plain');
  const hollow = canvas.ellipse([0, y + half * tilt * 0.08], half * 0.88, half * tilt * 0.84, inner, 'round');
  if (!filling) return rim + hollow;
  return rim + hollow + canvas.ellipse([0, y + half * tilt * 0.22], half * 0.82, half * tilt * 0.68, filling, 'round');
}

export function mug(canvas: Canvas, colours: Colours): string {
  const { dice } = canvas;
  const half = dice.range(40, 60);
  const height = dice.range(80, 132);
  const foot = height / 2;
  const top = -foot;
  const tilt = dice.range(0.08, 0.42);
  const belly = dice.range(0.86, 1.14);
  const base = half * dice.range(0.62, 1.02);
  const outline = turned(
    top,
    foot,
    [
      [0, half],
      [0.35, half * belly],
      [0.75, (half * belly + base) / 2],
      [1, base],
    ],
    half * tilt * 0.9,
  );
  const side = dice.sign();
  const handleColour = dice.chance(0.25) ? colours.accent : colours.main;
  const x = side * half * Math.min(1, belly);
  const handle = canvas.limb(
    loop(
      canvas,
      x,
      top + height * dice.range(0.14, 0.3),
      foot - height * dice.range(0.14, 0.34),
      dice.range(20, 38),
      half * 0.08,
    ),
    dice.range(8, 15),
    handleColour,
  );
  const drink = dice.chance(0.6) ? lighter(colours.extra, dice.range(-0.3, 0.1)) : undefined;
  // Turned towards us, the handle stands before the body and little of it is seen.
  const front = dice.chance(0.12);
  const turnedHandle = front
    ? `<g transform="translate(${num(-side * half * 0.75)} 0) scale(0.8 1)">${handle}</g>`
    : '';
  return [
    front ? '' : handle,
    canvas.shape(outline, colours.main, 'tube'),
    decor(canvas, outline, colours),
    gleam(canvas, outline, half * 0.6, top + height * 0.3, foot - height * 0.15, half * 0.13),
    opening(canvas, top, half, tilt, colours.main, drink),
    turnedHandle,
    drink && dice.chance(0.3) ? steam(canvas, top - 6) : '',
  ].join('');
}

function steam({ dice }: Canvas, y: number): string {
  return [-18, 0, 18]
    .map((x) => {
      const sway = dice.range(5, 11);
      return `<path d="M${x} ${num(y)}c${num(-sway)} -10 ${num(sway)} -16 0 -28s${num(-sway)} -10 ${num(sway * 0.4)} -24" fill="none" stroke="#fff" stroke-width="5" stroke-linecap="round" opacity="0.4"/>`;
    })
    .join('');
}

export function teapot(canvas: Canvas, colours: Colours): string {
  const { dice } = canvas;
  const half = dice.range(46, 62);
  const height = dice.range(62, 104);
  const foot = height / 2 + 8;
  const top = foot - height;
  const neck = half * dice.range(0.42, 0.72);
  const base = half * dice.range(0.5, 0.95);
  const low = dice.range(0.35, 0.7);
  const outline = turned(
    top,
    foot,
    [
      [0, neck],
      [low * 0.45, (neck + half) / 1.95],
      [low, half],
      [(1 + low) / 2, (half * 1.1 + base) / 2.05],
      [1, base],
    ],
    7,
  );
  const side = dice.sign();
  const trim = dice.chance(0.35) ? colours.accent : colours.main;
  const rootY = top + height * dice.range(0.5, 0.75);
  const tip: Point = [side * (half + dice.range(28, 42)), top + height * dice.range(-0.12, 0.25)];
  const thick = dice.range(9, 15);
  const [tx, ty] = tip;
  const rx = side * half * 0.8;
  // A spout: wide at the root, bent upwards, narrow at the lip.
  const spout =
    `M${num(rx)} ${num(rootY - thick)}C${num(side * (half + 14))} ${num(rootY - thick)} ${num(tx - side * 14)} ${num(ty + 18)} ${num(tx - side * 7)} ${num(ty)}` +
    `L${num(tx + side * 6)} ${num(ty - 3)}C${num(tx + side * 2)} ${num(ty + 32)} ${num(side * (half + 20))} ${num(rootY + thick * 1.3)} ${num(rx)} ${num(rootY + thick * 1.5)}Z`;
  const overhead = dice.chance(0.25);
  const width = dice.range(7, 12);
  const bow = overhead
    ? `M${num(-neck * 1.15)} ${num(top + 8)}C${num(-half * 1.1)} ${num(top - 72)} ${num(half * 1.1)} ${num(top - 72)} ${num(neck * 1.15)} ${num(top + 8)}`
    : loop(canvas, -side * half * 0.9, top + height * 0.22, foot - height * 0.25, dice.range(24, 38), 0);
  const lidHeight = dice.range(8, 24);
  const lid = `M${num(-neck)} ${num(top + 2)}C${num(-neck * 0.9)} ${num(top - lidHeight * 1.3)} ${num(neck * 0.9)} ${num(top - lidHeight * 1.3)} ${num(neck)} ${num(top + 2)}Q0 ${num(top + 9)} ${num(-neck)} ${num(top + 2)}Z`;
  const knob = dice.range(5, 10);
  return [
    canvas.limb(bow, width, trim),
    canvas.shape(spout, colours.main, 'round'),
    canvas.shape(outline, colours.main, dice.chance(0.6) ? 'ball' : 'tube'),
    decor(canvas, outline, colours),
    gleam(canvas, outline, half * 0.55, top + height * 0.25, foot - height * 0.35, half * 0.12),
    canvas.shape(lid, trim, 'round'),
    canvas.ellipse(
      [0, top - lidHeight - knob * 0.4],
      knob * dice.range(0.8, 1.3),
      knob,
      dice.chance(0.5) ? colours.accent : trim,
    ),
  ].join('');
}

export function carafe(canvas: Canvas, colours: Colours): string {
  const { dice } = canvas;
  const half = dice.range(34, 54);
  const neck = half * dice.range(0.24, 0.42);
  const lip = neck * dice.range(1.2, 2);
  const height = dice.range(150, 184);
  const foot = height / 2;
  const top = -foot;
  const shoulder = dice.range(0.42, 0.6);
  const base = half * dice.range(0.6, 1);
  const outline = turned(
    top,
    foot,
    [
      [0, lip],
      [0.1, neck * 1.1],
      [shoulder * 0.6, neck],
      [shoulder, (neck + half) / 1.9],
      [(1 + shoulder) / 1.95, half],
      [1, base],
    ],
    6,
  );
  const level = top + height * dice.range(0.3, 0.85);
  const glass = dice.chance(0.65);
  const content = lighter(colours.accent, -0.05);
  const handle = dice.chance(0.3)
    ? canvas.limb(
        loop(
          canvas,
          dice.sign() * neck * 1.1,
          top + 16,
          top + height * shoulder * 1.05,
          dice.range(30, 44),
          -half * 0.4,
        ),
        dice.range(6, 10),
        colours.main,
      )
    : '';
  const stopper = dice.chance(0.3)
    ? canvas.ellipse([0, top - 9], lip * 0.75, dice.range(9, 14), dice.chance(0.5) ? colours.accent : colours.extra)
    : '';
  const body = glass
    ? [
        `<path d="${outline}" fill="${css(lighter(colours.main, 0.2))}" opacity="0.45"/>`,
        canvas.clipped(
          outline,
          `<path d="M-100 ${num(level)}h200v200h-200Z" ${canvas.fill(content, 'tube')} opacity="0.85"/>` +
            `<ellipse cx="0" cy="${num(level)}" rx="${num(half * 1.1)}" ry="${num(half * 0.14)}" fill="${css(lighter(content, 0.14))}"/>`,
        ),
        `<path d="${outline}" fill="none" stroke="${css(lighter(colours.main, canvas.style === 'inked' ? -0.4 : 0.25))}" stroke-width="3" opacity="0.85"/>`,
        gleam(canvas, outline, half * 0.55, top + height * 0.62, foot - height * 0.1, half * 0.14),
      ]
    : [
        canvas.shape(outline, colours.main, 'tube'),
        decor(canvas, outline, colours),
        gleam(canvas, outline, half * 0.55, top + height * 0.62, foot - height * 0.1, half * 0.12),
      ];
  return [
    handle,
    stopper,
    ...body,
    `<ellipse cx="0" cy="${num(top)}" rx="${num(lip)}" ry="${num(lip * 0.2)}" fill="${css(lighter(colours.main, glass ? 0.22 : -0.2))}" opacity="0.9"/>`,
  ].join('');
}
