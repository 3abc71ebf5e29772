import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accuracyChart } from '../../src/report/charts/widths.ts';
import { html } from '../../src/report/html.ts';
import { page } from '../../src/report/page.ts';
import type { StudyResult } from '../../src/results/studyResult.ts';
import { launchChromium, missing } from '../chromium.ts';

type Point = StudyResult['points'][number];

const backbone = { name: 'tiny', width: 1024 };

function point(kind: Point['kind'], width: number, value: number): Point {
  const accuracy = { value, low: value - 0.05, high: value + 0.05 };
  const cost = { parameters: 1, macs: 1, bytes: 4 * width, latency: null };
  const rest = { logLoss: accuracy, difference: accuracy, verdict: 'tie', rounds: 1, precision: 'float32' } as const;
  return { kind, width, accuracy, ...rest, ...cost };
}

const kinds = ['pca', 'random', 'linear', 'relu', 'conv'] as const;
const points = [
  point('all', 1024, 0.9),
  ...kinds.flatMap((kind, i) => [1, 4, 16].map((width) => point(kind, width, 0.6 + 0.02 * i + width / 100))),
];
const chart = accuracyChart({ points, backbone });

test('a line ends where its kind was measured; all principal components are all units', () => {
  const dots = (series: string) =>
    (new RegExp(`<g class="dots ${series}">(.*?)</g>`).exec(chart.toString())?.[1].match(/<circle/g) ?? []).length;
  expect(dots('first')).toBe(4);
  for (const series of ['second', 'third', 'fourth', 'fifth']) expect(dots(series)).toBe(3);
});

test('intervals of one width do not stand on each other', () => {
  const places = [...chart.toString().matchAll(/<g class="line whiskers \w+"><line x1="([\d.]+)"/g)].map(([, x]) => x);
  expect(new Set(places).size).toBe(4);
});

if (missing) console.log(`test/report/charts.test.ts skipped in part: ${missing}`);

describe.skipIf(missing)('on a phone', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser?.close());

  test('a chart keeps its text readable, scrolls, and fades where it goes on', async () => {
    const opened = await browser.newPage({ viewport: { width: 390, height: 800 } });
    const body = html`<div class="scroll">${chart}</div>`;
    await opened.setContent(page({ title: 'chart', kind: 'chart', version: '0', body }));
    const seen = () =>
      opened.evaluate(() => {
        const frame = document.querySelector('.scroll')!;
        const svg = document.querySelector<SVGSVGElement>('svg.chart')!;
        const shrink = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
        return {
          text: shrink * Number.parseFloat(getComputedStyle(svg).fontSize),
          hidden: frame.scrollWidth - frame.clientWidth - frame.scrollLeft,
          mask: getComputedStyle(frame).maskImage,
          page: document.documentElement.scrollWidth,
        };
      });
    const first = await seen();
    expect(first.text).toBeGreaterThan(10);
    expect(first.hidden).toBeGreaterThan(100);
    expect(first.mask).toContain('linear-gradient');
    expect(first.page).toBe(390);
    await opened.evaluate(async () => {
      document.querySelector('.scroll')!.scrollLeft = 10_000;
      await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
    });
    const last = await seen();
    expect(last.hidden).toBeLessThan(1);
    expect(last.mask).toBe('none');
  });
});
