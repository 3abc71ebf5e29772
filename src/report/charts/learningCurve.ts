/** Accuracy against the number of training photos. */

import { scaleLinear, scaleLog } from 'd3-scale';
import type { LearningCurve } from '../../evaluation/learningCurve.ts';
import { smallestOf } from '../../numerics/statistics.ts';
import { count, percent } from '../format.ts';
import type { Html } from '../html.ts';
import { type Axis, area, dots, frame, line, whiskers } from './frame.ts';

const width = 380;
const height = 320;

type Curve = Pick<LearningCurve, 'points' | 'metric'>;
type CurvePoint = Curve['points'][number];

const english = {
  count,
  percent,
  photos: 'training photos',
  metric: (metric: Curve['metric']): string => metric,
  point: ({ photos, score: { value, lowest, highest } }: CurvePoint): string =>
    `${count(photos)} photos: ${percent(value)} (${percent(lowest)} to ${percent(highest)} over the repeats)`,
  /** For those who do not see it. */
  label: ({ metric, points }: Curve): string =>
    `${metric[0].toUpperCase()}${metric.slice(1)} with ${points.map(({ photos }) => count(photos)).join(', ')} training photos: ${points.map(({ score }) => percent(score.value)).join(', ')}`,
};
/** What a learning curve's drawing says. */
export type CurveWords = typeof english;

/** A metric against the number of training photos, each point with the range of its repeats. */
export function learningCurveChart(curve: Curve, words: CurveWords = english): Html {
  const { points, metric } = curve;
  const plot = area(width, height);
  const sizes = points.map(({ photos }) => photos);
  const lowest = smallestOf(points.map(({ score }) => score.lowest));
  const floor = Math.min(0.9, Math.floor(lowest * 10) / 10);
  const middle = (floor + 1) / 2;
  const x: Axis = {
    // A little room on both sides, so that whiskers do not stand on the frame.
    scale: scaleLog([sizes[0] / 1.15, sizes[sizes.length - 1] * 1.15], plot.x),
    ticks: sizes,
    format: words.count,
    title: words.photos,
  };
  const y: Axis = {
    scale: scaleLinear([floor, 1], plot.y),
    ticks: [floor, middle, 1],
    format: (value) => words.percent(value, Number.isInteger(Math.round(value * 1000) / 10) ? 0 : 1),
    title: words.metric(metric),
  };
  return frame({
    width,
    height,
    label: words.label(curve),
    x,
    y,
    key: [],
    marks: [
      line(
        x,
        y,
        points.map(({ photos, score }) => [photos, score.value]),
        'first',
      ),
      whiskers(
        x,
        y,
        points.map(({ photos, score }) => ({ x: photos, low: score.lowest, high: score.highest })),
        'first',
      ),
      dots(
        x,
        y,
        points.map((point) => ({ at: [point.photos, point.score.value], text: words.point(point) })),
        'first',
      ),
    ],
  });
}
