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
