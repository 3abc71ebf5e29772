import { expect, test } from 'vitest';
import { planeChart } from '../../src/report/charts/plane.ts';

function drawn(classes: number): string {
  const labels = Array.from({ length: classes }, (_, i) => `kind number ${i}`);
  return planeChart(
    {
      classes: labels.map((label) => ({ label, count: 1 })),
      plane: labels.map((label, i) => ({ path: `${i}.jpg`, label, x: i, y: i % 5 })),
    },
    new Map(labels.map((_, i) => [`${i}.jpg`, 'data:image/webp;base64,AA'])),
  ).toString();
}

/** Colour, stroke and mark of each photo's picture and of its dot. */
function looks(svg: string): string[] {
  return [...svg.slice(svg.indexOf('translate(')).matchAll(/<(?:rect|path) class="([^"]+)"/g)].map(([, name]) => name);
}

test('each of 18 classes looks like no other, on its photos, its dots and in the key', () => {
  const svg = drawn(18);
  expect(new Set(looks(svg)).size).toBe(18);
  expect(svg.match(/<text /g)).toHaveLength(18);
  // Marks of the same colour differ in shape, which dots show where pictures are too many.
  const marks = [...svg.matchAll(/<path class="c0 s\d" d="M[\d.]+ [\d.]+([a-z])/g)].map(([, shape]) => shape);
  expect(new Set(marks)).toEqual(new Set(['a', 'h', 'l']));
});

test('of more classes the rest is named as such, and the key stays inside the picture', () => {
  const svg = drawn(30);
  expect(new Set(looks(svg)).size).toBe(19);
  expect(svg).toContain('>12 more</text>');
  const places = [...svg.matchAll(/<text x="([\d.]+)"[^>]*>([^<]+)</g)].map(
    ([, x, text]) => Number(x) + 7 * text.length,
  );
  expect(places).toHaveLength(19);
  expect(Math.max(...places)).toBeLessThanOrEqual(760);
});
