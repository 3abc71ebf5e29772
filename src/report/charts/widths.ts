import { scaleLinear, scaleLog } from 'd3-scale';
import { bytes, count, percent } from '../format.ts';
import type { Html } from '../html.ts';
import type { StudyResult } from '../studyResult.ts';
import { type Axis, area, band, dots, frame, line, type Series } from './frame.ts';

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

/** Accuracy against the width of the bottleneck, with its 95% bands, for each kind. */
export function accuracyChart({ points, backbone }: StudyResult): Html {
  const all = points.find(({ kind, precision }) => kind === 'all' && precision === 'float32');
  const lines = kinds.flatMap((each) => {
    const own = points.filter(({ kind, precision }) => kind === each.kind && precision === 'float32');
    // Projections end in all units; what is trained ends where it was measured.
    const whole = all && (each.kind === 'pca' || each.kind === 'random') ? [...own, all] : own;
    return own.length > 0 ? [{ ...each, points: whole }] : [];
  });
  const ticks = [1, 4, 16, 64, 256, backbone.width].filter(
    (tick, i, list) => tick === backbone.width || (tick <= backbone.width / 2 && list.indexOf(tick) === i),
  );
  return chart(
    lines.map((one) => ({ ...one, points: one.points.map((point) => ({ at: point.width, point })) })),
    {
      scale: scaleLog([1, backbone.width], area(width, height).x),
      ticks,
      format: count,
      title: 'numbers in the bottleneck',
    },
    'Accuracy against the width of the bottleneck',
    true,
  );
}

/** Accuracy against the bytes of a photo's stored features, for each precision. */
export function bytesChart({ points }: StudyResult): Html {
  const kept = points.filter(({ kind }) => kind === 'pca' || kind === 'all');
  const most = Math.max(...kept.map((point) => point.bytes));
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
    // Four bands over each other would hide the lines; the table has the intervals.
    false,
  );
}

function chart(
  lines: readonly {
    readonly text: string;
    readonly series: Series;
    readonly points: readonly { readonly at: number; readonly point: Point }[];
  }[],
  x: Axis,
  label: string,
  hasBands: boolean,
): Html {
  const lowest = Math.min(...lines.flatMap(({ points }) => points.map(({ point }) => point.accuracy.value)));
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
      ...(hasBands ? lines : []).map(({ points, series }) =>
        band(
          x,
          y,
          points.map(({ at, point: { accuracy } }) => ({ x: at, low: accuracy.low, high: accuracy.high })),
          series,
        ),
      ),
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
