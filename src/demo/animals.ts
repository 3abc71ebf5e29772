/** Fish, butterfly. */

import { num, type Point, polygon, Spine, smooth } from './curve.ts';
import { type Colours, decor, emblem } from './decor.ts';
import { type Canvas, type Colour, css, lighter } from './paint.ts';

export function fish(canvas: Canvas, colours: Colours): string {
  const { dice } = canvas;
  const spine = new Spine(dice.range(140, 165), dice.range(-14, 14));
  const half = dice.range(30, 56);
  const nose = dice.range(0.5, 0.8);
  const tailRoot = dice.range(4, 9);
  // The head is at t = 1.
  const width = (t: number): number =>
    tailRoot * (1 - t) + half * Math.sin(Math.PI * t ** 0.8) * (t > 0.6 ? ((1 - t) / 0.4) ** (nose - 0.5) : 1);
  const outline = spine.outline((t, side) => width(t) * (side < 0 ? 1 : 0.9), 20);
  const path = smooth(outline);
  const fin = dice.chance(0.5) ? colours.accent : lighter(colours.main, -0.08);
  const [rootX, rootY] = spine.at(0.04);
  const span = dice.range(22, 48);
  const reach = dice.range(26, 42);
  const fork = dice.range(-0.1, 0.75);
  const tail = `M${num(rootX + 8)} ${num(rootY - tailRoot)}Q${num(rootX - reach * 0.4)} ${num(rootY - span * 0.5)} ${num(rootX - reach)} ${num(rootY - span)}Q${num(rootX - reach * (1 - fork) - 4)} ${num(rootY)} ${num(rootX - reach * dice.range(0.8, 1))} ${num(rootY + span)}Q${num(rootX - reach * 0.4)} ${num(rootY + span * 0.5)} ${num(rootX + 8)} ${num(rootY + tailRoot)}Z`;
  const back = finOn(canvas, spine, width, -1, [dice.range(0.25, 0.4), dice.range(0.6, 0.8)], dice.range(14, 34));
  const belly = finOn(canvas, spine, width, 1, [dice.range(0.2, 0.3), dice.range(0.4, 0.5)], dice.range(10, 24));
  const [gillX, gillY] = spine.at(0.74);
  const eye = spine.at(0.85, -width(0.85) * 0.3);
  const eyeSize = dice.range(4, 7.5);
  const [px, py] = spine.at(0.62, width(0.62) * 0.2);
  const side = `M${num(px)} ${num(py)}q${num(-dice.range(14, 26))} -4 ${num(-dice.range(24, 36))} ${num(dice.range(8, 20))}q14 6 30 -4Z`;
  const [mx, my] = spine.at(0.985, 4);
  return [
    canvas.shape(tail, fin),
    canvas.shape(back, fin),
    canvas.shape(belly, fin),
    canvas.shape(path, colours.main, 'round'),
    dice.chance(0.22) ? decor(canvas, path, colours, 1) : '',
    dice.chance(0.85) ? scales(canvas, path, colours.main) : '',
    dice.chance(0.5)
      ? canvas.clipped(
          path,
          `<path d="${smooth(spine.outline((t, s) => (s > 0 ? width(t) * 1.4 : -width(t) * 0.35), 12))}" fill="#fff" opacity="0.25"/>`,
        )
      : '',
    canvas.detail(
      `M${num(gillX)} ${num(gillY - half * 0.5)}q${num(-half * 0.35)} ${num(half * 0.5)} 0 ${num(half * 0.95)}`,
      2,
      lighter(colours.main, -0.25),
      0.9,
    ),
    canvas.shape(side, fin),
    `<circle cx="${num(eye[0])}" cy="${num(eye[1])}" r="${num(eyeSize)}" fill="#f6f2e4"/><circle cx="${num(eye[0] + 0.8)}" cy="${num(eye[1])}" r="${num(eyeSize * 0.58)}" fill="#16181c"/>`,
    canvas.detail(`M${num(mx)} ${num(my)}q-6 3 -11 1`, 1.8, lighter(colours.main, -0.3)),
  ].join('');
}

/** A fin along the spine from t0 to t1, on one side, spiny or round. */
function finOn(
  { dice }: Canvas,
  spine: Spine,
  width: (t: number) => number,
  side: number,
  [t0, t1]: Point,
  height: number,
): string {
  const spines = dice.chance(0.4);
  const points: Point[] = [spine.at(t0, side * (width(t0) - 5))];
  for (let i = 0; i <= 6; i++) {
    const t = t0 + ((t1 - t0) * i) / 6 - 0.05;
    const rise = height * (1 - 0.75 * (i / 6) ** 2) * (spines && i % 2 ? 0.55 : 1);
    points.push(spine.at(t, side * (width(t) + (i === 0 ? rise * 0.7 : i === 6 ? 0 : rise))));
  }
  points.push(spine.at(t1, side * (width(t1) - 5)));
  return spines ? polygon(points) : smooth(points);
}

function scales(canvas: Canvas, path: string, main: Colour): string {
  const step = canvas.dice.range(9, 15);
  const arcs: string[] = [];
  for (let x = -80, column = 0; x < 40; x += step * 0.8, column++)
    for (let y = -66 + (column % 2) * (step / 2); y < 66; y += step)
      arcs.push(`M${num(x)} ${num(y)}q${num(-step * 0.6)} ${num(step / 2)} 0 ${num(step)}`);
  return canvas.clipped(
    path,
    canvas.detail(arcs.join(''), 1.3, lighter(main, canvas.dice.chance(0.5) ? -0.2 : 0.18), 0.8),
  );
}

export function butterfly(canvas: Canvas, colours: Colours): string {
  const { dice } = canvas;
  const wings = wing(canvas, colours);
  const dark = lighter({ ...colours.extra, c: 0.04 }, -0.35);
  const length = dice.range(34, 48);
  const body = `M0 ${num(-length)}C${num(dice.range(6, 10))} ${num(-length * 0.4)} 6 ${num(length * 0.4)} 0 ${num(length)}C-6 ${num(length * 0.4)} -8 ${num(-length * 0.4)} 0 ${num(-length)}Z`;
  const feelers = dice.range(26, 40);
  const curl = dice.range(8, 24);
  const feeler = (side: number): string =>
    `M0 ${num(-length * 0.9)}q${num(side * 4)} ${num(-feelers * 0.6)} ${num(side * curl)} ${num(-feelers)}`;
  const antennae =
    canvas.detail(feeler(1) + feeler(-1), 2, dark) +
    [1, -1].map((side) => canvas.ellipse([side * curl, -length * 0.9 - feelers], 2.8, 2.8, dark, 'plain')).join('');
  // At rest with wings folded it shows one side; else both, one of them turned away a little.
  if (dice.chance(0.22))
    return `<g transform="rotate(${num(dice.range(-20, 20))})"><g transform="translate(-20 0) scale(1.3)">${wings}</g><g transform="translate(-20 0)">${canvas.shape(body, dark)}${antennae}</g></g>`;
  const turn = dice.range(0.62, 1);
  return `<g transform="scale(${turn.toFixed(2)} 1)">${wings}</g><g transform="scale(-1 1)">${wings}</g>${antennae}${canvas.shape(body, dark, 'tube')}`;
}

/** The two wings of the right side, with their markings. */
function wing(canvas: Canvas, colours: Colours): string {
  const { dice } = canvas;
  const reach = dice.range(66, 92);
  const high = dice.range(46, 84);
  const low = dice.range(44, 80);
  const tail = dice.chance(0.25) ? dice.range(14, 28) : 0;
  const scallop = dice.chance(0.4) ? dice.range(3, 6) : 0;
  const fore = smooth([
    [3, -18],
    [reach * 0.34, -high * 0.82],
    [reach * 0.92, -high],
    [reach, -high * 0.72],
    [reach * 0.86 - scallop, -high * 0.32],
    [reach * 0.7, dice.range(-6, 8)],
    [3, 6],
  ]);
  const hind = smooth([
    [3, -6],
    [reach * 0.62, -6],
    [reach * 0.8, low * 0.36],
    [reach * 0.66 - scallop, low * 0.62],
    [reach * 0.56, low * 0.85 + tail],
    [reach * 0.34 - scallop, low * 0.8],
    [reach * 0.2, low * 0.78],
    [3, 22],
  ]);
  const second = dice.chance(0.5) ? colours.main : colours.accent;
  const border = dice.chance(0.9)
    ? `<path d="${fore}${hind}" fill="none" stroke="${css(lighter(colours.extra, -0.3))}" stroke-width="${num(dice.range(4, 11))}" opacity="0.85"/>`
    : '';
  const veins = Array.from(
    { length: 5 },
    (_, i) =>
      `M4 -6L${num(reach * (0.5 + i * 0.1))} ${num(-high * (0.95 - i * 0.22))}M4 8L${num(reach * (0.75 - i * 0.13))} ${num(low * (0.2 + i * 0.18))}`,
  );
  const spots = Array.from({ length: dice.int(1, 5) }, () =>
    canvas.ellipse(
      [reach * dice.range(0.45, 0.75), dice.chance(0.5) ? -high * dice.range(0.35, 0.7) : low * dice.range(0.2, 0.5)],
      dice.range(5, 11),
      dice.range(5, 11),
      dice.chance(0.5) ? colours.extra : lighter(colours.accent, 0.15),
      'plain',
    ),
  );
  return [
    canvas.shape(hind, second),
    canvas.shape(fore, colours.main),
    canvas.clipped(fore + hind, border + spots.join('')),
    dice.chance(0.9) ? canvas.detail(veins.join(''), 1.8, lighter(colours.main, -0.25), 0.8) : '',
    dice.chance(0.2) ? emblem(canvas, [reach * 0.5, -high * 0.4], 10, colours.accent) : '',
  ].join('');
}
