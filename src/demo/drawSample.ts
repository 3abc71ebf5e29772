/** The whole set, picture by picture. */

import { butterfly, fish } from './animals.ts';
import { backgrounds } from './backgrounds.ts';
import { clutter } from './clutter.ts';
import { num, type Point } from './curve.ts';
import type { Colours } from './decor.ts';
import { Dice } from './dice.ts';
import { Canvas, type Colour, css, type Style } from './paint.ts';
import { feather, leaf, mushroom } from './plants.ts';
import { carafe, mug, teapot } from './vessels.ts';

/** How each class is drawn, within about ±100 units, and how far it may be turned, in degrees. */
const things: Readonly<Record<string, { draw: (canvas: Canvas, colours: Colours) => string; turn: number }>> = {
  butterfly: { draw: butterfly, turn: 40 },
  carafe: { draw: carafe, turn: 14 },
  feather: { draw: feather, turn: 45 },
  fish: { draw: fish, turn: 14 },
  leaf: { draw: leaf, turn: 45 },
  mug: { draw: mug, turn: 14 },
  mushroom: { draw: mushroom, turn: 14 },
  teapot: { draw: teapot, turn: 14 },
};

export const sampleClasses: readonly string[] = Object.keys(things);

export interface SampleOptions {
  /** Other seeds draw other pictures; 0 unless told. */
  readonly seed?: number;
  /** Pictures of each class; 70 unless told. */
  readonly perClass?: number;
}

/** A picture as SVG, and how it is to be photographed. */
export interface SamplePicture {
  /** Class and number: `mug/001.jpg`. */
  readonly path: string;
  /** The picture; it shows the backdrop, blurred, as the image `backdrop.png`. */
  readonly svg: string;
  /** What lies behind, at half the size: it is out of focus. */
  readonly backdrop: string;
  readonly width: number;
  readonly height: number;
  /** Standard deviations of the blur in pixels: of the backdrop at its half size, and of the whole; 0: none. */
  readonly backdropBlur: number;
  readonly blur: number;
  /** Standard deviation of the sensor's noise, of 255; 0: none. */
  readonly noise: number;
  /** JPEG quality, 1..100. */
  readonly quality: number;
}

/**
 * Draws the sample image set: eight classes of everyday things in varied shape, place, size, turn, colour, light and
 * clutter. Colours and backgrounds are drawn alike for all classes. Each picture depends on the seed, its class and
 * its number alone, so that a larger set contains the smaller one.
 */
export function* sampleImages({ seed = 0, perClass = 70 }: SampleOptions = {}): Iterable<SamplePicture> {
  for (const name of sampleClasses)
    for (let i = 1; i <= perClass; i++) {
      const path = `${name}/${String(i).padStart(3, '0')}.jpg`;
      yield { path, ...drawPicture(name, new Dice(`${seed}/${path}`)) };
    }
}

/** Most pictures lie, some stand; rendering time grows with the area. */
const sizes: readonly Point[] = [
  [288, 216],
  [288, 216],
  [288, 216],
  [288, 192],
  [216, 288],
  [192, 288],
  [252, 252],
];

function drawPicture(name: string, dice: Dice): Omit<SamplePicture, 'path'> {
  const [width, height] = dice.pick(sizes);
  const style: Style = dice.chance(0.84) ? 'shaded' : dice.pick(['flat', 'inked']);
  const relief = dice.range(0.5, 1.1);
  const ink = { l: 0.22, c: 0.03, h: dice.range(0, 360) };
  const light = dice.range(-Math.PI, 0);
  const [far, near] = [new Canvas(dice, style, relief, ink, light), new Canvas(dice, style, relief, ink, light)];
  const [ground, second, ...rest] = scheme(dice);
  const [main, accent, extra] = rest;
  const litter = (canvas: Canvas, largest: number): string => {
    const at: Point = [dice.range(0, width), dice.range(0, height)];
    const size = Math.min(width, height) * dice.range(0.08, largest);
    return clutter(canvas, at, size, dice.pick(rest), dice.pick([second, ...rest]));
  };
  const behind = [dice.pick(backgrounds)(far, ground, second, width, height)];
  for (let i = dice.pick([0, 0, 1, 1, 2, 3]); i > 0; i--) behind.push(litter(far, 0.26));
  const before = [
    `<image href="backdrop.png" width="${width}" height="${height}"/>`,
    placed(near, name, width, height, { main, accent, extra }),
  ];
  // Something in front hides a part of it, now and then.
  if (dice.chance(0.22)) before.push(shadowed(near, 0.6, litter(near, 0.16)));
  before.push(atmosphere(near, width, height));
  const svg = (canvas: Canvas, parts: readonly string[], scale: number): string =>
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width * scale}" height="${height * scale}" viewBox="0 0 ${width} ${height}">${canvas.defs}${parts.join('')}</svg>`;
  return {
    svg: svg(near, before, 1),
    backdrop: svg(far, behind, 0.5),
    width,
    height,
    backdropBlur: dice.range(0.6, 3.5),
    blur: dice.chance(0.25) ? dice.range(0.4, 1.1) : 0,
    noise: dice.chance(0.7) ? dice.range(2, 7) : 0,
    quality: dice.int(58, 92),
  };
}

/** Colours that go together: ground and its second, then three for the thing. One in a few pictures has little contrast. */
function scheme(dice: Dice): [Colour, Colour, Colour, Colour, Colour] {
  const hue = dice.range(0, 360);
  const muted = dice.range(0.4, 1.1);
  const l = dice.chance(0.25) ? dice.range(0.28, 0.5) : dice.range(0.55, 0.92);
  const away = dice.chance(0.2) ? dice.range(0.05, 0.12) : dice.range(0.16, 0.45);
  const other = l > 0.6 || (l > 0.45 && dice.chance(0.5)) ? l - away : l + away;
  const thing = hue + dice.pick([0, 30, 120, 150, 180, 210, 240, 330]) + dice.range(-20, 20);
  return [
    { l, c: dice.range(0.01, 0.1) * muted, h: hue },
    { l: l + dice.range(-0.08, 0.06), c: dice.range(0.02, 0.1) * muted, h: hue + dice.pick([20, 40, 160, 200]) },
    { l: other, c: dice.range(0.03, 0.18) * muted, h: thing },
    {
      l: other > 0.6 ? dice.range(0.3, 0.5) : dice.range(0.7, 0.92),
      c: dice.range(0.04, 0.17) * muted,
      h: thing + dice.pick([25, 60, 180, 300]),
    },
    { l: dice.range(0.4, 0.92), c: dice.range(0.02, 0.14) * muted, h: hue + dice.range(90, 270) },
  ];
}

/** The thing itself at its place, with its shadow. */
function placed(canvas: Canvas, name: string, width: number, height: number, colours: Colours): string {
  const { dice, light } = canvas;
  const { draw, turn } = things[name]!;
  const scale = (Math.min(width, height) * dice.range(0.8, 1.1)) / 200;
  const stray = 0.16 * Math.min(width, height);
  const at: Point = [width / 2 + dice.range(-stray, stray), height / 2 + dice.range(-stray, stray)];
  const angle = dice.range(-turn, turn);
  const mirror = dice.sign();
  const [stretchX, stretchY] = [scale * dice.range(0.9, 1.1), scale * dice.range(0.9, 1.1)];
  // In the thing's own coordinates the light comes from elsewhere.
  const own = light - (angle * Math.PI) / 180;
  canvas.light = mirror < 0 ? Math.PI - own : own;
  const shape = draw(canvas, colours);
  canvas.light = light;
  const group = `<g transform="translate(${at.map(num).join(' ')}) rotate(${num(angle)}) scale(${(mirror * stretchX).toFixed(3)} ${stretchY.toFixed(3)})">${shape}</g>`;
  return shadowed(canvas, 1, group);
}

/** The content over its own shadow, which falls away from the light. */
function shadowed(canvas: Canvas, strength: number, content: string): string {
  const { dice, light } = canvas;
  if (canvas.style === 'inked' || dice.chance(canvas.style === 'flat' ? 0.7 : 0.3)) return content;
  const far = dice.range(2, 10) * strength;
  const blur = canvas.define(
    (id) =>
      `<filter id="${id}" x="-10%" y="-10%" width="120%" height="120%"><feGaussianBlur in="SourceAlpha" stdDeviation="${num(dice.range(2, 5))}"/></filter>`,
  );
  const thing = canvas.define((id) => `<g id="${id}">${content}</g>`);
  return `<use href="#${thing}" x="${num(-Math.cos(light) * far)}" y="${num(-Math.sin(light) * far)}" filter="url(#${blur})" opacity="${num(dice.range(0.25, 0.6))}"/><use href="#${thing}"/>`;
}

/** Light from one side, dark corners, the colour of the lamp. */
function atmosphere(canvas: Canvas, width: number, height: number): string {
  const { dice, light } = canvas;
  const [x, y] = [Math.cos(light) / 2, Math.sin(light) / 2];
  const point = (sign: number, n: number): string =>
    `x${n}="${num(50 + sign * x * 100)}%" y${n}="${num(50 + sign * y * 100)}%"`;
  const beam = canvas.define(
    (id) =>
      `<linearGradient id="${id}" ${point(1, 1)} ${point(-1, 2)}><stop offset="0" stop-color="#fff" stop-opacity="${dice.range(0, 0.3).toFixed(2)}"/><stop offset="0.5" stop-opacity="0"/><stop offset="1" stop-opacity="${dice.range(0, 0.35).toFixed(2)}"/></linearGradient>`,
  );
  const corners = canvas.define(
    (id) =>
      `<radialGradient id="${id}" r="75%"><stop offset="0.55" stop-opacity="0"/><stop offset="1" stop-opacity="${dice.range(0, 0.35).toFixed(2)}"/></radialGradient>`,
  );
  const lamp = css({ l: dice.range(0.4, 0.9), c: 0.08, h: dice.pick([60, 90, 230, 260]) });
  const sheet = (paint: string): string => `<rect width="${width}" height="${height}" ${paint}/>`;
  return (
    sheet(`fill="url(#${beam})"`) +
    sheet(`fill="url(#${corners})"`) +
    sheet(`fill="${lamp}" fill-opacity="${dice.range(0, 0.15).toFixed(2)}"`)
  );
}
