/** What lies behind. */

import { num, type Point, smooth } from './curve.ts';
import { type Canvas, type Colour, css, lighter } from './paint.ts';

/** What lies behind: a surface of the given size, in the colour of the ground and a second one. */
type Background = (canvas: Canvas, ground: Colour, second: Colour, width: number, height: number) => string;

const cover = (width: number, height: number, paint: string): string =>
  `<rect width="${width}" height="${height}" ${paint}/>`;

function sweep(canvas: Canvas, from: Colour, to: Colour, upright = false): string {
  const turn = upright
    ? 'x1="0" y1="0" x2="0" y2="1"'
    : `gradientTransform="rotate(${num(canvas.dice.range(0, 360))} 0.5 0.5)"`;
  const id = canvas.define(
    (name) =>
      `<linearGradient id="${name}" ${turn}><stop offset="0" stop-color="${css(from)}"/><stop offset="1" stop-color="${css(to)}"/></linearGradient>`,
  );
  return `fill="url(#${id})"`;
}

/** Repeats a tile over everything, turned and scaled. */
function repeated(canvas: Canvas, size: Point, tile: string, width: number, height: number, turn: number): string {
  const id = canvas.define(
    (name) =>
      `<pattern id="${name}" width="${num(size[0])}" height="${num(size[1])}" patternUnits="userSpaceOnUse" patternTransform="rotate(${num(turn)})">${tile}</pattern>`,
  );
  return cover(width, height, `fill="url(#${id})"`);
}

const backdrop: Background = (canvas, ground, second, width, height) =>
  cover(width, height, sweep(canvas, lighter(ground, 0.1), { ...lighter(second, -0.05), c: ground.c }));

const wood: Background = (canvas, ground, _, width, height) => {
  const { dice } = canvas;
  const long = Math.hypot(width, height);
  const board = dice.range(34, 90);
  const timber: Colour = dice.chance(0.6)
    ? { l: ground.l * 0.9, c: 0.07, h: dice.range(45, 75) }
    : { ...ground, c: ground.c * 0.6 };
  const parts: string[] = [];
  for (let y = -long / 2; y < long / 2; y += board) {
    const plank = lighter(timber, dice.range(-0.06, 0.06));
    parts.push(
      `<rect x="${num(-long / 2)}" y="${num(y)}" width="${num(long)}" height="${num(board - 1.2)}" fill="${css(plank)}"/>`,
    );
    const grain: string[] = [];
    for (let g = dice.range(2, 8); g < board; g += dice.range(3, 10)) {
      const sway = dice.range(-4, 4);
      grain.push(
        smooth(
          [-0.5, -0.2, 0.1, 0.3, 0.5].map(
            (x, i): Point => [x * long, y + Math.min(Math.max(g + sway * Math.sin(i * 1.7), 1), board - 3)],
          ),
          false,
        ),
      );
    }
    parts.push(
      canvas.detail(grain.join(''), dice.range(0.6, 1.6), lighter(plank, dice.chance(0.8) ? -0.08 : 0.07), 0.8),
    );
    if (dice.chance(0.4)) {
      const [kx, ky] = [dice.range(-0.5, 0.5) * long, y + board / 2];
      parts.push(
        `<ellipse cx="${num(kx)}" cy="${num(ky)}" rx="${num(board * 0.2)}" ry="${num(board * 0.12)}" fill="${css(lighter(plank, -0.16))}"/>`,
      );
    }
  }
  return `${cover(width, height, `fill="${css(lighter(timber, -0.25))}"`)}<g transform="translate(${width / 2} ${height / 2}) rotate(${num(dice.pick([0, 90, dice.range(-40, 40)]))})">${parts.join('')}</g>`;
};

const cloth: Background = (canvas, ground, second, width, height) => {
  const { dice } = canvas;
  const step = dice.range(10, 34);
  const band = (x: number, y: number, w: number, h: number, opacity: number): string =>
    `<rect x="${num(x)}" y="${num(y)}" width="${num(w)}" height="${num(h)}" fill="${css(second)}" opacity="${opacity}"/>`;
  const kind = dice.pick(['gingham', 'stripe', 'weave', 'dots'] as const);
  const tile = {
    gingham: band(0, 0, step / 2, step, 0.4) + band(0, 0, step, step / 2, 0.4),
    stripe: band(0, 0, step * dice.range(0.2, 0.6), step, 0.8),
    weave: band(0, 0, step / 6, step / 3, 0.6) + band(step / 6, step / 6, step / 6, step / 6, 0.4),
    dots: `<circle cx="${num(step / 2)}" cy="${num(step / 2)}" r="${num(step * 0.2)}" fill="${css(second)}" opacity="0.8"/>`,
  }[kind];
  const side = kind === 'weave' ? step / 3 : step;
  const folds = dice.chance(0.5)
    ? Array.from(
        { length: 3 },
        () =>
          `<path d="M${num(dice.range(-50, width))} -20Q${num(dice.range(0, width))} ${num(height / 2)} ${num(dice.range(0, width))} ${height + 20}" fill="none" stroke="#000" stroke-width="${num(dice.range(8, 26))}" opacity="0.08"/>`,
      ).join('')
    : '';
  return (
    cover(width, height, `fill="${css(ground)}"`) +
    repeated(canvas, [side, side], tile, width, height, dice.range(-45, 45)) +
    folds
  );
};

const tiles: Background = (canvas, ground, second, width, height) => {
  const { dice } = canvas;
  const size = dice.range(26, 70);
  const high = dice.chance(0.5) ? size : size / 2;
  const parts: string[] = [];
  for (let y = -2 * size, row = 0; y < height + size; y += high, row++)
    for (let x = -size * 2 + (high === size ? 0 : (row % 2) * (size / 2)); x < width + size * 2; x += size) {
      const colour = lighter(dice.chance(0.06) ? second : ground, dice.range(-0.03, 0.03));
      parts.push(
        `<rect x="${num(x)}" y="${num(y)}" width="${num(size - 2.5)}" height="${num(high - 2.5)}" rx="1.5" fill="${css(colour)}"/>`,
      );
    }
  return `${cover(width, height, `fill="${css(lighter({ ...ground, c: 0.01 }, dice.sign() * 0.08))}"`)}<g transform="rotate(${num(dice.range(-8, 8))} ${width / 2} ${height / 2})">${parts.join('')}</g>`;
};

const sky: Background = (canvas, ground, second, width, height) => {
  const { dice } = canvas;
  const high: Colour = dice.chance(0.6) ? { l: dice.range(0.5, 0.75), c: 0.1, h: dice.range(225, 260) } : ground;
  const low = dice.chance(0.5) ? { ...second, l: 0.86, c: Math.min(second.c, 0.1) } : lighter(high, 0.2);
  const clouds = Array.from({ length: dice.int(1, 5) }, () => {
    const [x, y, size] = [dice.range(0, width), dice.range(0, height * 0.8), dice.range(12, 34)];
    const puffs = [-1.6, -0.7, 0.2, 1, 1.7].map(
      (dx) =>
        `<ellipse cx="${num(x + dx * size)}" cy="${num(y - dice.range(0, 0.5) * size)}" rx="${num(size * dice.range(0.7, 1.2))}" ry="${num(size * dice.range(0.4, 0.7))}"/>`,
    );
    return `<g fill="#fff" opacity="${num(dice.range(0.3, 0.8))}">${puffs.join('')}</g>`;
  });
  const hills = dice.chance(0.4)
    ? ridge(canvas, lighter(second, -0.15), width, height, dice.range(0.6, 0.85)) +
      ridge(canvas, lighter(second, -0.28), width, height, dice.range(0.78, 0.95))
    : '';
  return cover(width, height, sweep(canvas, high, low, true)) + clouds.join('') + hills;
};

function ridge({ dice }: Canvas, colour: Colour, width: number, height: number, level: number): string {
  const points = Array.from(
    { length: 8 },
    (_, i): Point => [(i / 7) * (width + 40) - 20, height * (level + dice.range(-0.08, 0.08))],
  );
  return `<path d="${smooth(points, false)}L${width + 30} ${height + 10}L-30 ${height + 10}Z" fill="${css(colour)}"/>`;
}

const grass: Background = (canvas, ground, second, width, height) => {
  const { dice } = canvas;
  const green: Colour = dice.chance(0.7) ? { l: dice.range(0.35, 0.65), c: 0.11, h: dice.range(105, 145) } : ground;
  const blades: string[][] = [[], [], []];
  for (let i = 0; i < 210; i++) {
    const [x, y, tall] = [dice.range(-10, width + 10), dice.range(0, height + 40), dice.range(18, 60)];
    blades[i % 3]!.push(
      `M${num(x)} ${num(y)}q${num(dice.range(-6, 6))} ${num(-tall * 0.6)} ${num(dice.range(-18, 18))} ${num(-tall)}`,
    );
  }
  const flowers = Array.from(
    { length: dice.chance(0.4) ? dice.int(3, 12) : 0 },
    () =>
      `<circle cx="${num(dice.range(0, width))}" cy="${num(dice.range(0, height))}" r="${num(dice.range(2, 5))}" fill="${css(lighter(second, 0.1))}"/>`,
  );
  const layers = blades.map((paths, i) =>
    canvas.detail(paths.join(''), dice.range(1.4, 3.2), lighter(green, (i - 1) * 0.06)),
  );
  return cover(width, height, `fill="${css(lighter(green, -0.07))}"`) + layers.join('') + flowers.join('');
};

/** A table before a wall. */
const room: Background = (canvas, ground, second, width, height) => {
  const { dice } = canvas;
  const edge = height * dice.range(0.45, 0.78);
  const surface = dice.pick([wood, cloth, backdrop, tiles])(canvas, second, ground, width, height);
  const wall = dice.pick([backdrop, backdrop, cloth, plaster])(
    canvas,
    lighter({ ...ground, c: ground.c * 0.6 }, 0.08),
    second,
    width,
    height,
  );
  const top = canvas.clipped(`M0 ${num(edge)}L${width} ${num(edge + dice.range(-12, 12))}V${height}H0Z`, surface);
  const frame = dice.chance(0.35)
    ? `<rect x="${num(dice.range(-30, width - 60))}" y="${num(dice.range(-40, 10))}" width="${num(dice.range(60, 120))}" height="${num(edge * dice.range(0.5, 0.9))}" fill="${css(lighter(second, 0.2))}" stroke="${css(lighter(second, -0.3))}" stroke-width="5"/>`
    : '';
  return `${wall + frame + top}<path d="M0 ${num(edge)}h${width}v14h${-width}Z" fill="#000" opacity="0.1"/>`;
};

/** A mottled surface: plaster, stone, sand. */
const plaster: Background = (canvas, ground, second, width, height) => {
  const { dice } = canvas;
  const [long, short] = [dice.range(8, 40), dice.range(6, 20)];
  const [dark, light] = [lighter(ground, -0.2), lighter(second, 0.12)].map(css);
  const spots = Array.from({ length: 90 }, () => {
    const [x, y] = [dice.range(0, width), dice.range(0, height)];
    return `<ellipse cx="${num(x)}" cy="${num(y)}" rx="${num(long * dice.range(0.4, 1.2))}" ry="${num(short * dice.range(0.4, 1.2))}" fill="${dice.chance(0.6) ? dark : light}" opacity="${dice.range(0.05, 0.25).toFixed(2)}"/>`;
  });
  return cover(width, height, sweep(canvas, ground, lighter(second, 0.05))) + spots.join('');
};

/** Lights out of focus. */
const bokeh: Background = (canvas, ground, second, width, height) => {
  const { dice } = canvas;
  const lights = Array.from(
    { length: dice.int(12, 36) },
    () =>
      `<circle cx="${num(dice.range(0, width))}" cy="${num(dice.range(0, height))}" r="${num(dice.range(5, 26))}" fill="${css(lighter(dice.chance(0.5) ? second : ground, dice.range(0, 0.15)))}" opacity="${num(dice.range(0.2, 0.5))}"/>`,
  );
  return cover(width, height, sweep(canvas, lighter(ground, -0.05), lighter(second, -0.1))) + lights.join('');
};

/** Stones on the ground. */
const pebbles: Background = (canvas, ground, second, width, height) => {
  const { dice } = canvas;
  const stones = Array.from({ length: 90 }, () => {
    const [x, y, size] = [dice.range(-10, width + 10), dice.range(-10, height + 10), dice.range(8, 24)];
    const colour = lighter(
      { ...(dice.chance(0.8) ? ground : second), c: dice.range(0, 0.05) },
      dice.range(-0.07, 0.07),
    );
    return `<ellipse cx="${num(x)}" cy="${num(y)}" rx="${num(size)}" ry="${num(size * dice.range(0.6, 0.9))}" transform="rotate(${num(dice.range(0, 180))} ${num(x)} ${num(y)})" fill="${css(colour)}" stroke="${css(lighter(colour, -0.08))}" stroke-width="1.2"/>`;
  });
  return cover(width, height, `fill="${css(lighter(ground, -0.1))}"`) + stones.join('');
};

export const backgrounds: readonly Background[] = [
  backdrop,
  wood,
  cloth,
  tiles,
  sky,
  grass,
  room,
  room,
  plaster,
  bokeh,
  pebbles,
];
