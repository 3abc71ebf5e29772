/** Leaf, feather, mushroom. */

import { num, type Point, pointAt, polygon, Spine, smooth } from './curve.ts';
import type { Colours } from './decor.ts';
import { type Canvas, css, lighter } from './paint.ts';

export function leaf(canvas: Canvas, colours: Colours): string {
  return canvas.dice.chance(0.3) ? lobedLeaf(canvas, colours) : bladeLeaf(canvas, colours);
}

/** A leaf along one rib: from a willow's to a lime tree's, smooth or toothed. */
function bladeLeaf(canvas: Canvas, colours: Colours): string {
  const { dice } = canvas;
  const spine = new Spine(dice.range(150, 180), dice.range(-22, 22));
  const half = dice.range(36, 66);
  const widest = dice.range(0.65, 1.25);
  const tip = dice.range(0.75, 1.3);
  const teeth = dice.chance(0.45) ? dice.int(7, 14) : 0;
  const depth = dice.range(0.05, 0.16);
  const skew = dice.range(0.9, 1.1);
  const outline = spine.outline(
    (t, side) => {
      const curve = Math.sin(Math.PI * t ** widest) ** tip;
      const tooth = teeth ? 1 + depth * (1 - ((t * teeth) % 1) * 2) : 1;
      return half * curve * tooth * (side > 0 ? skew : 1 / skew);
    },
    teeth ? 60 : 18,
  );
  const path = teeth ? polygon(outline) : smooth(outline);
  const vein = lighter(colours.main, dice.chance(0.7) ? 0.16 : -0.18);
  const veins: string[] = [];
  const count = dice.int(4, 9);
  for (let i = 1; i <= count; i++) {
    const t = 0.1 + (0.78 * (i - 0.5)) / count;
    for (const side of [-1, 1]) {
      const reach = half * 0.82 * Math.sin(Math.PI * Math.min(t + 0.1, 1) ** widest) ** tip;
      const [from, mid, to] = [
        spine.at(t),
        spine.at(t + 0.07, side * reach * 0.55),
        spine.at(Math.min(t + 0.17, 0.97), side * reach),
      ];
      veins.push(`M${from.map(num).join(' ')}Q${mid.map(num).join(' ')} ${to.map(num).join(' ')}`);
    }
  }
  const fold = dice.chance(0.5)
    ? canvas.clipped(
        path,
        `<path d="${smooth(spine.outline((_, side) => (side > 0 ? 0 : half * 1.3), 12))}" fill="#000" opacity="0.12"/>`,
      )
    : '';
  const stalk = spine.at(0);
  return [
    canvas.limb(
      `M${stalk.map(num).join(' ')}q${num(-dice.range(10, 26))} ${num(dice.range(-6, 6))} ${num(-dice.range(18, 32))} ${num(dice.range(-14, 14))}`,
      dice.range(3, 5.5),
      lighter(colours.main, -0.1),
    ),
    canvas.shape(path, colours.main),
    fold,
    blemishes(canvas, path, colours),
    canvas.detail(veins.join(''), dice.range(1.4, 2.4), vein, 0.9),
    canvas.detail(spine.line(0.96), dice.range(2, 3.4), vein),
  ].join('');
}

/** A leaf with lobes round one point: maple, plane, oxalis. */
function lobedLeaf(canvas: Canvas, colours: Colours): string {
  const { dice } = canvas;
  const lobes = dice.pick([3, 5, 5, 7]);
  const depth = dice.range(0.35, 0.62);
  const centre: Point = [-22, 0];
  const spread = dice.range(1.9, 2.5);
  const outline: Point[] = [[-46, 0]];
  const veins: string[] = [];
  for (let i = 0; i < lobes; i++) {
    const share = (i / (lobes - 1)) * 2 - 1;
    const angle = share * spread;
    const length = dice.range(92, 104) * (1 - 0.42 * share ** 2);
    const gap = spread / (lobes - 1);
    outline.push(
      pointAt(angle - gap * 0.42, length * 0.72, centre),
      pointAt(angle, length, centre),
      pointAt(angle + gap * 0.42, length * 0.72, centre),
    );
    if (i < lobes - 1) outline.push(pointAt(angle + gap, length * depth, centre));
    const to = pointAt(angle, length * 0.86, centre);
    veins.push(`M${centre.map(num).join(' ')}L${to.map(num).join(' ')}`);
  }
  const path = dice.chance(0.6) ? polygon(outline) : smooth(outline);
  const vein = lighter(colours.main, dice.chance(0.7) ? 0.16 : -0.18);
  return [
    canvas.limb(
      `M-24 0q-26 ${num(dice.range(-10, 10))} -62 ${num(dice.range(-16, 16))}`,
      dice.range(3, 5),
      lighter(colours.main, -0.1),
    ),
    canvas.shape(path, colours.main),
    blemishes(canvas, path, colours),
    canvas.detail(veins.join(''), dice.range(1.4, 2.6), vein),
  ].join('');
}

/** Autumn spots, and holes that something has eaten. */
function blemishes(canvas: Canvas, path: string, { accent }: Colours): string {
  const { dice } = canvas;
  if (dice.chance(0.5)) return '';
  const spots = Array.from({ length: dice.int(2, 9) }, () => {
    const [x, y] = [dice.range(-60, 70), dice.range(-30, 30)];
    return `<ellipse cx="${num(x)}" cy="${num(y)}" rx="${num(dice.range(2, 12))}" ry="${num(dice.range(2, 8))}" fill="${css(accent)}" opacity="${num(dice.range(0.3, 0.8))}"/>`;
  });
  return canvas.clipped(path, spots.join(''));
}

export function feather(canvas: Canvas, colours: Colours): string {
  const { dice } = canvas;
  const spine = new Spine(dice.range(185, 215), dice.range(-34, 34));
  const half = dice.range(22, 38);
  const lean = dice.range(0.55, 1.5);
  const start = dice.range(0.14, 0.3);
  const blunt = dice.range(0.45, 0.9);
  // Notches where the barbs have come apart.
  const notches = Array.from({ length: dice.int(0, 4) }, () => ({
    t: dice.range(0.35, 0.9),
    side: dice.sign(),
    depth: dice.range(0.35, 0.8),
  }));
  const steps = 64;
  const outline = spine.outline((t, side) => {
    if (t < start) return 1.2;
    const along = (t - start) / (1 - start);
    const curve = Math.sin(Math.PI * Math.min(1, along * 0.9 + 0.07)) ** blunt * (1 - along ** 8);
    const gap = notches.find((notch) => notch.side === side && Math.abs(notch.t - t) < 0.014);
    return half * curve * (side > 0 ? lean : 1 / lean) ** 0.5 * (gap ? 1 - gap.depth : 1);
  }, steps);
  const path = polygon(outline);
  const barb = lighter(colours.main, dice.chance(0.5) ? 0.12 : -0.14);
  const barbs: string[] = [];
  const count = dice.int(26, 44);
  for (let i = 0; i < count; i++) {
    const t = start + ((1 - start) * i) / count;
    for (const side of [-1, 1]) {
      const [from, to] = [spine.at(t), spine.at(Math.min(t + 0.13, 1), side * half * 1.2)];
      barbs.push(`M${from.map(num).join(' ')}L${to.map(num).join(' ')}`);
    }
  }
  const down = Array.from({ length: dice.chance(0.7) ? 14 : 0 }, (_, i) => {
    const t = start - 0.02 + (i % 7) * 0.012;
    const from = spine.at(t);
    const to = spine.at(t + dice.range(-0.05, 0.06), (i < 7 ? 1 : -1) * dice.range(8, 20));
    return `M${from.map(num).join(' ')}q${num(dice.range(-6, 6))} ${num(dice.range(-6, 6))} ${num(to[0] - from[0])} ${num(to[1] - from[1])}`;
  });
  return [
    canvas.detail(down.join(''), 1.6, lighter(colours.main, 0.14), 0.8),
    canvas.shape(path, colours.main),
    markings(canvas, path, colours, spine, half),
    canvas.clipped(path, canvas.detail(barbs.join(''), 1.2, barb, 0.9)),
    canvas.detail(spine.line(0.97), dice.range(2, 3.6), lighter(colours.main, dice.chance(0.75) ? 0.24 : -0.24)),
  ].join('');
}

/** What a feather wears: bars across, a dark tip, or an eye as a peacock's. */
function markings(canvas: Canvas, path: string, colours: Colours, spine: Spine, half: number): string {
  const { dice } = canvas;
  const kind = dice.pick(['none', 'none', 'bars', 'tip', 'eye'] as const);
  if (kind === 'none') return '';
  if (kind === 'eye') {
    const at = spine.at(0.82);
    return canvas.clipped(
      path,
      canvas.ellipse(at, half * 0.7, half * 0.6, colours.accent, 'plain') +
        canvas.ellipse(at, half * 0.4, half * 0.36, colours.extra, 'plain'),
    );
  }
  const bands = kind === 'tip' ? [0.93] : Array.from({ length: dice.int(4, 8) }, (_, i) => 0.3 + i * 0.1);
  const width = kind === 'tip' ? 40 : dice.range(5, 9);
  const lines = bands.map((t) => {
    const points = [spine.at(t + 0.06, -half * 1.4), spine.at(t), spine.at(t + 0.06, half * 1.4)];
    return `M${points.map((point) => point.map(num).join(' ')).join('L')}`;
  });
  return canvas.clipped(
    path,
    `<path d="${lines.join('')}" fill="none" stroke="${css(colours.accent)}" stroke-width="${num(width)}" opacity="0.7"/>`,
  );
}

export function mushroom(canvas: Canvas, colours: Colours): string {
  const { dice } = canvas;
  const count = dice.pick([1, 1, 1, 2, 3]);
  const one = (x: number, scale: number, lean: number): string =>
    `<g transform="translate(${num(x)} ${num((1 - scale) * 62)}) rotate(${num(lean)} 0 60) scale(${scale.toFixed(2)})">${singleMushroom(canvas, colours)}</g>`;
  if (count === 1) return one(0, 1, 0);
  const small = Array.from({ length: count - 1 }, (_, i) =>
    one((i ? -1 : 1) * dice.range(44, 58), dice.range(0.42, 0.66), (i ? -1 : 1) * dice.range(4, 16)),
  );
  return small.join('') + one(0, dice.range(0.84, 0.95), dice.range(-6, 6));
}

function singleMushroom(canvas: Canvas, colours: Colours): string {
  const { dice } = canvas;
  const half = dice.range(56, 88);
  const capHeight = dice.range(34, 78);
  const brim = dice.range(-22, 2);
  const stem = dice.range(12, 24);
  const foot = stem * dice.range(0.9, 1.9);
  const lean = dice.range(-10, 10);
  const under = dice.range(6, 20);
  const peak = dice.range(0.55, 1.1);
  const top = brim - capHeight;
  const pale = dice.chance(0.6) ? lighter({ ...colours.extra, c: colours.extra.c * 0.4 }, 0.15) : colours.accent;
  const stalk =
    `M${num(-stem)} ${num(brim)}C${num(-stem * 0.8)} 30 ${num(lean - foot)} 50 ${num(lean - foot)} 84` +
    `Q${num(lean)} 96 ${num(lean + foot)} 84C${num(lean + foot)} 50 ${num(stem * 0.8)} 30 ${num(stem)} ${num(brim)}Z`;
  const cap =
    `M${num(-half)} ${num(brim)}C${num(-half)} ${num(brim - capHeight * peak)} ${num(-half * 0.5)} ${num(top)} 0 ${num(top)}` +
    `C${num(half * 0.5)} ${num(top)} ${num(half)} ${num(brim - capHeight * peak)} ${num(half)} ${num(brim)}Q0 ${num(brim + under * 0.5)} ${num(-half)} ${num(brim)}Z`;
  const gills = `M${num(-half)} ${num(brim)}Q0 ${num(brim + under * 2.4)} ${num(half)} ${num(brim)}Q0 ${num(brim + under * 0.3)} ${num(-half)} ${num(brim)}Z`;
  const ribs = Array.from({ length: 15 }, (_, i) => {
    const x = ((i - 7) / 7) * half;
    return `M0 ${num(brim - 8)}L${num(x)} ${num(brim + under * 1.6)}`;
  });
  const ring = dice.chance(0.35)
    ? canvas.shape(
        `M${num(-stem * 0.95)} ${num(brim + 24)}Q0 ${num(brim + 20)} ${num(stem * 0.95)} ${num(brim + 24)}L${num(stem * 1.5)} ${num(brim + 36)}Q0 ${num(brim + 46)} ${num(-stem * 1.5)} ${num(brim + 36)}Z`,
        pale,
      )
    : '';
  const warts = dice.chance(0.4)
    ? canvas.clipped(
        cap,
        Array.from({ length: dice.int(6, 14) }, () =>
          canvas.ellipse(
            [dice.range(-half, half), dice.range(top + 6, brim - 2)],
            dice.range(3, 8),
            dice.range(2.5, 6),
            pale,
            'plain',
          ),
        ).join(''),
      )
    : '';
  return [
    canvas.shape(gills, lighter(pale, -0.12), 'plain'),
    canvas.clipped(gills, canvas.detail(ribs.join(''), 1, lighter(pale, -0.3), 0.8)),
    canvas.shape(stalk, pale, 'tube'),
    ring,
    canvas.shape(cap, colours.main, dice.chance(0.7) ? 'ball' : 'round'),
    warts,
  ].join('');
}
