/** Colours and patterns of a thing. */

import { num, type Point, pointAt, polygon, smooth } from './curve.ts';
import { type Canvas, type Colour, css } from './paint.ts';

/** The colours of a thing. They are drawn alike for all classes, so that no colour gives a class away. */
export interface Colours {
  readonly main: Colour;
  readonly accent: Colour;
  readonly extra: Colour;
}

/** A pattern on a surface: bands, stripes, dots, a chequer or an emblem; often none. `outline` lies within ±100. */
export function decor(canvas: Canvas, outline: string, { accent, extra }: Colours, often = 0.35): string {
  const { dice } = canvas;
  if (!dice.chance(often)) return '';
  const opacity = `opacity="${num(dice.range(0.5, 0.95))}"`;
  const line = (path: string, width: number): string =>
    `<path d="${path}" fill="none" stroke="${css(accent)}" stroke-width="${num(width)}"/>`;
  const parts: string[] = [];
  const kind = dice.pick(['bands', 'stripes', 'dots', 'chequer', 'emblem'] as const);
  if (kind === 'bands') {
    const wave = dice.chance(0.4) ? dice.range(3, 9) : 0;
    const step = dice.range(18, 46);
    for (let y = dice.range(-80, -50); y < 90; y += step)
      parts.push(
        line(
          smooth(
            [-90, -60, -30, 0, 30, 60, 90].map((x, i): Point => [x, y + (i % 2) * wave]),
            false,
          ),
          step * 0.32,
        ),
      );
  } else if (kind === 'stripes') {
    const step = dice.range(12, 34);
    const slant = dice.range(-30, 30);
    for (let x = -130; x < 130; x += step)
      parts.push(line(`M${num(x - slant)} -100L${num(x + slant)} 100`, step * 0.4));
  } else if (kind === 'dots') {
    const step = dice.range(16, 32);
    for (let y = -96, row = 0; y < 100; y += step * 0.8, row++)
      for (let x = -96 + (row % 2) * (step / 2); x < 100; x += step)
        parts.push(`<circle cx="${num(x)}" cy="${num(y)}" r="${num(step * 0.24)}" fill="${css(accent)}"/>`);
  } else if (kind === 'chequer') {
    const step = dice.range(14, 30);
    for (let y = -100, row = 0; y < 100; y += step, row++)
      for (let x = -100 + (row % 2) * step; x < 100; x += step * 2)
        parts.push(`<path d="M${num(x)} ${num(y)}h${num(step)}v${num(step)}h${num(-step)}Z" fill="${css(accent)}"/>`);
  } else
    parts.push(
      emblem(canvas, [dice.range(-15, 15), dice.range(-5, 25)], dice.range(13, 24), dice.chance(0.5) ? accent : extra),
    );
  return canvas.clipped(outline, `<g ${opacity}>${parts.join('')}</g>`);
}

/** A small sign: a star, a disc, a ring, a heart or a flower. */
export function emblem({ dice }: Canvas, at: Point, radius: number, colour: Colour): string {
  const paint = `fill="${css(colour)}"`;
  const kind = dice.pick(['star', 'disc', 'ring', 'heart', 'flower'] as const);
  const [x, y] = at;
  if (kind === 'star') {
    const rays = dice.int(4, 8);
    const points = Array.from({ length: rays * 2 }, (_, i) =>
      pointAt((i * Math.PI) / rays, radius * (i % 2 ? 0.45 : 1), at),
    );
    return `<path d="${polygon(points)}" ${paint}/>`;
  }
  if (kind === 'heart')
    return `<path d="M${num(x)} ${num(y + radius)}C${num(x - radius * 1.8)} ${num(y - radius * 0.3)} ${num(x - radius * 0.7)} ${num(y - radius * 1.4)} ${num(x)} ${num(y - radius * 0.4)}C${num(x + radius * 0.7)} ${num(y - radius * 1.4)} ${num(x + radius * 1.8)} ${num(y - radius * 0.3)} ${num(x)} ${num(y + radius)}Z" ${paint}/>`;
  if (kind === 'flower')
    return Array.from({ length: 6 }, (_, i) => {
      const [cx, cy] = pointAt((i * Math.PI) / 3, radius * 0.6, at);
      return `<circle cx="${num(cx)}" cy="${num(cy)}" r="${num(radius * 0.36)}" ${paint}/>`;
    }).join('');
  const hollow = kind === 'ring' ? `fill="none" stroke="${css(colour)}" stroke-width="${num(radius * 0.35)}"` : paint;
  return `<circle cx="${num(x)}" cy="${num(y)}" r="${num(radius * 0.85)}" ${hollow}/>`;
}
