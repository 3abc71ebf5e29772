/** Accuracy against width, and against bytes. */

import { scaleLinear, scaleLog } from 'd3-scale';
import { largestOf, smallestOf } from '../../numerics/statistics.ts';
import type { StudyResult } from '../../results/studyResult.ts';
import { bytes, count, percent } from '../format.ts';
import { type Html, html } from '../html.ts';
import { type Axis, area, band, dots, frame, line, type Series, whiskers } from './frame.ts';

type Point = StudyResult['points'][number];

const width = 760;
const height = 420;

const kinds: readonly { readonly kind: Point['kind']; readonly text: string; readonly series: Series }[] = [
  { kind: 'random', text: 'random', series: 'fifth' },
  { kind: 'linear', text: 'trained, linear', series: 'second' },
  { kind: 'relu', text: 'trained, ReLU', series: 'third' },
  { kind: 'conv', text: '1x1 convolution', series: 'fourth' },
  { kind: 'pca', text: 'principal components', series: 'first' },
];

/** Kinds stand a little beside each other, by this factor of the width: else their intervals lie on each other. */
const beside = 1.07;

/**
 * Accuracy against the width of the bottleneck, with 95% intervals, for each kind: a band where it is principal
 * components, upright lines elsewhere, since five bands on each other are one smear.
 */
export function accuracyChart({ points, backbone }: Pick<StudyResult, 'points' | 'backbone'>): Html {
  const all = points.find(({ kind, precision }) => kind === 'all' && precision === 'float32');
  const lines = kinds.flatMap((each) => {
    const own = points.filter(({ kind, precision }) => kind === each.kind && precision === 'float32');
    // All principal components are all units; the other kinds end where they were measured.
    const whole = all && each.kind === 'pca' ? [...own, all] : own;
    return own.length > 0 ? [{ ...each, points: whole }] : [];
  });
  const ticks = [1, 4, 16, 64, 256, backbone.width].filter(
    (tick, i, list) => tick === backbone.width || (tick <= backbone.width / 2 && list.indexOf(tick) === i),
  );
  return chart(
    lines.map(({ kind, text, series, points: own }, place) => {
      const intervals = kind === 'pca' ? 'band' : 'whiskers';
      const aside = beside ** (place - lines.length + 1);
      return { text, series, intervals, points: own.map((point) => ({ at: point.width * aside, point })) };
    }),
    {
      scale: scaleLog([beside ** -kinds.length, backbone.width], area(width, height).x),
      ticks,
      format: count,
      title: 'numbers in the bottleneck',
    },
    'Accuracy against the width of the bottleneck',
  );
}

/** Accuracy against the bytes of a photo's stored features, for each precision. */
export function bytesChart({ points }: StudyResult): Html {
  const kept = points.filter(({ kind }) => kind === 'pca' || kind === 'all');
  const most = largestOf(kept.map((point) => point.bytes));
  const series = [
    ['binary', 'one bit a number', 'fourth'],
    ['int8', 'one byte', 'third'],
    ['float16', 'two bytes', 'second'],
    ['float32', 'four bytes', 'first'],
  ] as const;
  return chart(
    series.map(([precision, text, one]) => ({
      text,
      series: one,
      // Four bands over each other would hide the lines; the table has the intervals.
      intervals: 'none',
      points: kept
        .filter((point) => point.precision === precision)
        .map((point) => ({ at: point.bytes, point }))
        .sort((a, b) => a.at - b.at),
    })),
    {
      scale: scaleLog([1, most], area(width, height).x),
      ticks: [1, 8, 64, 512, 4096].filter((tick) => tick <= most),
      format: (value) => bytes(value).replace(/ bytes?$/, ' B'),
      title: 'bytes a photo',
    },
    "Accuracy against the bytes of a photo's features",
  );
}

function chart(
  lines: readonly {
    readonly text: string;
    readonly series: Series;
    readonly intervals: 'band' | 'whiskers' | 'none';
    readonly points: readonly { readonly at: number; readonly point: Point }[];
  }[],
  x: Axis,
  label: string,
): Html {
  const lowest = smallestOf(lines.flatMap(({ points }) => points.map(({ point }) => point.accuracy.value)));
  const floor = Math.max(0, Math.min(0.9, Math.floor(lowest * 10) / 10));
  const ticks = Array.from({ length: 6 }, (_, i) => floor + (i * (1 - floor)) / 5);
  const y: Axis = {
    scale: scaleLinear([floor, 1], area(width, height).y).clamp(true),
    ticks,
    format: (value) => percent(value, 0),
    title: 'accuracy',
  };
  return frame({
    ...{ width, height, wide: true, label, x, y },
    key: lines.map(({ text, series }) => ({ text, series })),
    marks: [
      ...lines.map(({ points, series, intervals }) => {
        const ranges = points.map(({ at, point: { accuracy } }) => ({ x: at, low: accuracy.low, high: accuracy.high }));
        return { band, whiskers, none: () => html`` }[intervals](x, y, ranges, series);
      }),
      ...lines.flatMap(({ points, series, text }) => [
        line(
          x,
          y,
          points.map(({ at, point }) => [at, point.accuracy.value]),
          series,
        ),
        dots(
          x,
          y,
          points.map(({ at, point: { accuracy, width: units } }) => ({
            at: [at, accuracy.value],
            text: `${text}, ${count(units)} numbers: ${percent(accuracy.value)} (${percent(accuracy.low)} to ${percent(accuracy.high)})`,
          })),
          series,
        ),
      ]),
    ],
  });
}
