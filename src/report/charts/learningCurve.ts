/** Accuracy against the number of training photos. */

import { scaleLinear, scaleLog } from 'd3-scale';
import type { LearningCurve } from '../../evaluation/learningCurve.ts';
import { smallestOf } from '../../numerics/statistics.ts';
import { count, percent } from '../format.ts';
import type { Html } from '../html.ts';
import { type Axis, area, dots, frame, line, whiskers } from './frame.ts';

const width = 380;
const height = 320;

/** A metric against the number of training photos, each point with the range of its repeats. */
export function learningCurveChart({ points, metric: title }: Pick<LearningCurve, 'points' | 'metric'>): Html {
  const plot = area(width, height);
  const sizes = points.map(({ photos }) => photos);
  const lowest = smallestOf(points.map(({ score }) => score.lowest));
  const floor = Math.min(0.9, Math.floor(lowest * 10) / 10);
  const middle = (floor + 1) / 2;
  const x: Axis = {
    // A little room on both sides, so that whiskers do not stand on the frame.
    scale: scaleLog([sizes[0] / 1.15, sizes[sizes.length - 1] * 1.15], plot.x),
    ticks: sizes,
    format: count,
    title: 'training photos',
  };
  const y: Axis = {
    scale: scaleLinear([floor, 1], plot.y),
    ticks: [floor, middle, 1],
    format: (value) => percent(value, Number.isInteger(Math.round(value * 1000) / 10) ? 0 : 1),
    title,
  };
  return frame({
    width,
    height,
    label: `${title[0].toUpperCase()}${title.slice(1)} with ${sizes.map(count).join(', ')} training photos: ${points.map(({ score }) => percent(score.value)).join(', ')}`,
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
        points.map(({ photos, score: { value, lowest, highest } }) => ({
          at: [photos, value],
          text: `${count(photos)} photos: ${percent(value)} (${percent(lowest)} to ${percent(highest)} over the repeats)`,
        })),
        'first',
      ),
    ],
  });
}
