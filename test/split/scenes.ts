import { cellsAcross } from '../../src/images/greyCells.ts';
import { Random } from '../../src/numerics/random.ts';
import type { Picture } from '../../src/split/alignPictures.ts';

/** Brightness at a point of a scene, in shares of both sides; it goes on beyond 0 .. 1. */
export type Scene = (x: number, y: number) => number;

/** A scene of many smooth waves. */
export function drawScene(seed: string | number): Scene {
  const random = new Random(seed);
  const waves = Array.from({ length: 40 }, () => ({
    x: 16 * random.uniform() - 8,
    y: 16 * random.uniform() - 8,
    phase: 6 * random.uniform(),
    strength: random.normal(),
  }));
  return (x, y) =>
    waves.reduce((sum, wave) => sum + wave.strength * Math.sin(2 * (wave.x * x + wave.y * y) + wave.phase), 0);
}

/** What a camera sees of a scene: the part from `left` and `top` on, `width` times `height` large. */
export function shoot(scene: Scene, { left = 0, top = 0, width = 1, height = 1, contrast = 9, brightness = 128 } = {}) {
  const cells = Uint8Array.from({ length: cellsAcross * cellsAcross }, (_, i) => {
    const [x, y] = [((i % cellsAcross) + 0.5) / cellsAcross, (Math.floor(i / cellsAcross) + 0.5) / cellsAcross];
    const value = brightness + contrast * scene(left + width * x, top + height * y);
    return Math.min(255, Math.max(0, Math.round(value)));
  });
  return { cells, aspect: width / height } satisfies Picture;
}

/** A picture inside a border, whose widths are shares of the picture's sides. */
export function framed(
  { cells, aspect }: Picture,
  { left, right, top, bottom }: Record<'left' | 'right' | 'top' | 'bottom', number>,
  grey: number,
): Picture {
  const fine = 8;
  const [wide, high] = [1 + left + right, 1 + top + bottom];
  const valueAt = (x: number, y: number) => {
    const [u, v] = [x * wide - left, y * high - top];
    if (u < 0 || u >= 1 || v < 0 || v >= 1) return grey;
    return cells[Math.floor(v * cellsAcross) * cellsAcross + Math.floor(u * cellsAcross)];
  };
  const out = Uint8Array.from({ length: cellsAcross ** 2 }, (_, at) => {
    let sum = 0;
    for (let i = 0; i < fine * fine; i++) {
      const x = (at % cellsAcross) + ((i % fine) + 0.5) / fine;
      const y = Math.floor(at / cellsAcross) + (Math.floor(i / fine) + 0.5) / fine;
      sum += valueAt(x / cellsAcross, y / cellsAcross);
    }
    return Math.round(sum / (fine * fine));
  });
  return { cells: out, aspect: (aspect * wide) / high };
}
