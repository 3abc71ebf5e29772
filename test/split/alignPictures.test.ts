import { describe, expect, it } from 'vitest';
import {
  layerOf,
  type Picture,
  refinedAgreement,
  roughAlignment,
  turnedPicture,
} from '../../src/split/alignPictures.ts';
import { drawScene, type Scene, shoot } from './scenes.ts';

const seeds = Array.from({ length: 12 }, (_, seed) => seed);

function agreement(first: Picture, second: Picture): number {
  const [a, b] = [layerOf(first), layerOf(second)];
  return refinedAgreement(a, b, roughAlignment(a, b).place);
}

describe('a picture agrees with', () => {
  it.each([
    ['itself', {}],
    ['a darker one', { brightness: 90 }],
    ['one of less contrast', { contrast: 3 }],
    ['its crop', { left: 0.05, top: 0.05, width: 0.9, height: 0.9 }],
    ['its crop at one side', { left: 0.2, width: 0.8 }],
    ['a wider frame', { left: -0.1, top: -0.1, width: 1.2, height: 1.2 }],
    ['a frame shifted across and down', { left: 0.13, top: 0.09 }],
    ['a frame of another shape', { top: 0.15, height: 0.7 }],
  ])('%s', (_, frame) => {
    for (const seed of seeds) {
      const scene = drawScene(seed);
      expect(agreement(shoot(scene), shoot(scene, frame))).toBeGreaterThan(0.88);
      expect(agreement(shoot(scene, frame), shoot(scene))).toBeGreaterThan(0.88);
    }
  });

  it('its mirrored and turned copies, brought back', () => {
    const turns: ((scene: Scene) => Scene)[] = [
      (scene) => scene,
      (scene) => (x, y) => scene(1 - x, y),
      (scene) => (x, y) => scene(x, 1 - y),
      (scene) => (x, y) => scene(1 - x, 1 - y),
      (scene) => (x, y) => scene(y, x),
      (scene) => (x, y) => scene(y, 1 - x),
      (scene) => (x, y) => scene(1 - y, x),
      (scene) => (x, y) => scene(1 - y, 1 - x),
    ];
    const scene = drawScene('turned');
    const views = turns.map((turn) => shoot(turn(scene)));
    const turned = views.map((_, position) => turnedPicture(shoot(scene), position));
    for (const view of views) expect(turned.filter(({ cells }) => `${cells}` === `${view.cells}`)).toHaveLength(1);
  });
});

describe('a picture does not agree with', () => {
  it('another scene', () => {
    const scores = seeds.flatMap((a) =>
      seeds.slice(a + 1).map((b) => agreement(shoot(drawScene(a)), shoot(drawScene(b)))),
    );
    expect(scores.toSorted((a, b) => a - b)[scores.length >> 1]).toBeLessThan(0.6);
    for (const score of scores) expect(score).toBeLessThan(0.8);
  });

  it('a plain surface, nor do plain surfaces', () => {
    const plain = shoot(() => 0);
    expect(agreement(plain, shoot(drawScene(1)))).toBeLessThan(0.5);
    expect(
      agreement(
        plain,
        shoot(() => 0, { brightness: 60 }),
      ),
    ).toBeLessThan(0.5);
  });
});

it('a picture of any shape can be laid upon any other', () => {
  const scene = drawScene('shapes');
  for (const aspect of [0.01, 0.3, 1, 4, 500])
    for (const other of [0.01, 0.3, 1, 4, 500]) {
      const found = agreement({ ...shoot(scene), aspect }, { ...shoot(drawScene('other')), aspect: other });
      expect(found).toBeGreaterThanOrEqual(-1);
      expect(found).toBeLessThanOrEqual(1);
    }
});
