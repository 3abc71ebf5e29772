/** Colours, gradients, a canvas of SVG. */

import { num, type Point } from './curve.ts';
import type { Dice } from './dice.ts';

/** A colour in OKLCH (Ottosson 2020): lightness 0..1, chroma 0..0.3, hue in degrees. */
export interface Colour {
  readonly l: number;
  readonly c: number;
  readonly h: number;
}

/** Lighter (or darker) by `amount`. */
export function lighter({ l, c, h }: Colour, amount: number): Colour {
  return { l: Math.min(Math.max(l + amount, 0.04), 0.99), c: amount > 0.2 ? c * 0.7 : c, h };
}

/** The colour as #rrggbb; what lies outside sRGB is clipped. */
export function css({ l, c, h }: Colour): string {
  const a = c * Math.cos((h * Math.PI) / 180);
  const b = c * Math.sin((h * Math.PI) / 180);
  const long = (l + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const medium = (l - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const short = (l - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const linear = [
    4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
    -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
    -0.0041960863 * long - 0.7034186147 * medium + 1.707614701 * short,
  ];
  const hex = linear.map((value) => {
    const gamma = value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055;
    return Math.round(Math.min(Math.max(gamma, 0), 1) * 255)
      .toString(16)
      .padStart(2, '0');
  });
  return `#${hex.join('')}`;
}

/** How a picture is drawn: with light and shade, in plain colours, or as an inked drawing. */
export type Style = 'shaded' | 'flat' | 'inked';

/** What a surface is, for its shading. */
type Form = 'plain' | 'round' | 'ball' | 'tube';

/** Everything that is drawn on: it knows the light and the style, and keeps the definitions that shapes refer to. */
export class Canvas {
  readonly #defs: string[] = [];

  constructor(
    readonly dice: Dice,
    readonly style: Style,
    /** How strong light and shade are, about 1. */
    readonly relief: number,
    readonly ink: Colour,
    /** Where the light comes from, in radians, in the coordinates that are drawn in now. */
    public light: number,
  ) {}

  get defs(): string {
    return `<defs>${this.#defs.join('')}</defs>`;
  }

  /** Adds a definition, made from its new name; gives the name. */
  define(make: (id: string) => string): string {
    const id = `d${this.#defs.length}`;
    this.#defs.push(make(id));
    return id;
  }

  /** Attributes that fill a shape with a colour as light and style want it. */
  fill(colour: Colour, form: Form = 'round'): string {
    const line = lighter(colour, -0.22);
    if (this.style === 'inked') return `fill="${css(colour)}" stroke="${css(this.ink)}" stroke-width="2.6"`;
    if (this.style === 'flat' || form === 'plain') return `fill="${css(colour)}"`;
    return `fill="url(#${this.#gradient(colour, form)})" stroke="${css(line)}" stroke-width="0.7"`;
  }

  /** A shape with the given path. */
  shape(path: string, colour: Colour, form?: Form): string {
    return `<path d="${path}" ${this.fill(colour, form)} stroke-linejoin="round"/>`;
  }

  /** A line of the given width: a limb or a handle, with an edge where the style has one. */
  limb(path: string, width: number, colour: Colour): string {
    const line = (paint: Colour, w: number, more = ''): string =>
      `<path d="${path}" fill="none" stroke="${css(paint)}" stroke-width="${num(w)}" stroke-linecap="round" stroke-linejoin="round"${more}/>`;
    if (this.style === 'inked') return line(this.ink, width + 2.6) + line(colour, width - 2.6);
    if (this.style === 'flat') return line(colour, width);
    const [dx, dy] = [Math.cos(this.light) * width * 0.18, Math.sin(this.light) * width * 0.18];
    return (
      line(lighter(colour, -0.2 * this.relief), width) +
      line(colour, width * 0.72, ` transform="translate(${num(dx * 0.5)} ${num(dy * 0.5)})"`) +
      line(lighter(colour, 0.16 * this.relief), width * 0.25, ` transform="translate(${num(dx)} ${num(dy)})"`)
    );
  }

  ellipse([x, y]: Point, rx: number, ry: number, colour: Colour, form: Form = 'ball'): string {
    return `<ellipse cx="${num(x)}" cy="${num(y)}" rx="${num(rx)}" ry="${num(ry)}" ${this.fill(colour, form)}/>`;
  }

  /** A thin line of detail: a vein, a rib, a seam. */
  detail(path: string, width: number, colour: Colour, opacity = 1): string {
    return `<path d="${path}" fill="none" stroke="${css(colour)}" stroke-width="${num(width)}" stroke-linecap="round" opacity="${num(opacity)}"/>`;
  }

  /** Puts the content inside the outline only. */
  clipped(path: string, content: string): string {
    const id = this.define((name) => `<clipPath id="${name}"><path d="${path}"/></clipPath>`);
    return `<g clip-path="url(#${id})">${content}</g>`;
  }

  #gradient(colour: Colour, form: Form): string {
    const [x, y] = [Math.cos(this.light) / 2, Math.sin(this.light) / 2];
    const stop = (offset: number, amount: number): string =>
      `<stop offset="${num(offset * 100)}%" stop-color="${css(lighter(colour, amount * this.relief))}"/>`;
    if (form === 'ball')
      return this.define(
        (id) =>
          `<radialGradient id="${id}" cx="${percent(0.5 + x * 0.6)}" cy="${percent(0.5 + y * 0.6)}" r="85%">${stop(0, 0.26)}${stop(0.35, 0.06)}${stop(0.75, -0.18)}${stop(1, -0.3)}</radialGradient>`,
      );
    if (form === 'tube')
      return this.define(
        (id) =>
          `<linearGradient id="${id}">${stop(0, -0.16)}${stop(0.5 + x * 0.6, 0.2)}${stop(0.62 + x * 0.4, 0.02)}${stop(1, -0.28 + x * 0.2)}</linearGradient>`,
      );
    const end = (sign: number, edge: string): string =>
      `x${edge}="${percent(0.5 + sign * x)}" y${edge}="${percent(0.5 + sign * y)}"`;
    return this.define(
      (id) =>
        `<linearGradient id="${id}" ${end(1, '1')} ${end(-1, '2')}>${stop(0, 0.18)}${stop(0.45, 0)}${stop(1, -0.22)}</linearGradient>`,
    );
  }
}

function percent(fraction: number): string {
  return `${num(fraction * 100)}%`;
}
