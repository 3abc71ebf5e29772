import { scaleLinear, scaleLog } from 'd3-scale';
import type { GrownCurve } from '../../evaluation/growCurve.ts';
import { smallestOf } from '../../numerics/statistics.ts';
import { count, percent } from '../format.ts';
import type { Html } from '../html.ts';
import { type Axis, area, dots, frame, line, whiskers } from './frame.ts';

const width = 380;
const height = 320;

/**
 * A figure against the number of training photos, each point with the range of its repeats.
 * @param title what the figure is called
 */
export function learningCurveChart({ points }: Pick<GrownCurve, 'points'>, title: string): Html {
  const plot = area(width, height);
  const sizes = points.map(({ photos }) => photos);
  const lowest = smallestOf(points.map(({ figure }) => figure.lowest));
  const floor = Math.min(0.9, Math.floor(lowest * 10) / 10);
  const middle = (floor + 1) / 2;
  const x: Axis = {
    // A little room on both sides, so that whiskers do not stand on the frame.
    scale: scaleLog([sizes[0] / 1.15, sizes[sizes.length - 1] * 1.15], plot.x),
    ticks: sizes,
    format: count,
    title: 'photos to train on',
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
    label: `${title[0].toUpperCase()}${title.slice(1)} with ${sizes.map(count).join(', ')} photos to train on: ${points.map(({ figure }) => percent(figure.value)).join(', ')}`,
    x,
    y,
    key: [],
    marks: [
      line(
        x,
        y,
        points.map(({ photos, figure }) => [photos, figure.value]),
        'first',
      ),
      whiskers(
        x,
        y,
        points.map(({ photos, figure }) => ({ x: photos, low: figure.lowest, high: figure.highest })),
        'first',
      ),
      dots(
        x,
        y,
        points.map(({ photos, figure: { value, lowest, highest } }) => ({
          at: [photos, value],
          text: `${count(photos)} photos: ${percent(value)} (${percent(lowest)} to ${percent(highest)} over the repeats)`,
        })),
        'first',
      ),
    ],
  });
}
