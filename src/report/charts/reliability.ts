/** The reliability curve. */

import { scaleLinear } from 'd3-scale';
import type { Evaluation } from '../../metrics/evaluation.ts';
import { count, percent, plural } from '../format.ts';
import type { Html } from '../html.ts';
import { type Axis, area, dots, frame, line } from './frame.ts';

type Bin = Evaluation['reliability']['after'][number];

const width = 380;
const height = 400;

/** Below this many photos a dot stands where chance put it, and joining such dots would draw a shape that is not there. */
const steady = 20;

/** Whether some dot stands for so few photos that the curve is mostly chance. */
export function isShaky({ after }: Evaluation['reliability']): boolean {
  return after.some((bin) => bin.count < steady);
}

/** How often answers of a given confidence are right: before and after calibration, and as it ought to be. */
export function reliabilityChart(bins: Evaluation['reliability']): Html {
  const { before, after } = bins;
  const joined = !isShaky(bins);
  const plot = area(width, height);
  const ticks = [0, 0.25, 0.5, 0.75, 1];
  const format = (value: number) => percent(value, 0);
  const x: Axis = { scale: scaleLinear([0, 1], plot.x), ticks, format, title: 'its confidence' };
  const y: Axis = { scale: scaleLinear([0, 1], plot.y), ticks, format, title: 'how often it is right' };
  const points = (bins: readonly Bin[]) =>
    bins.map(
      ({ confidence, accuracy, count: photos }) =>
        ({
          at: [confidence, accuracy],
          text: `${plural(photos, 'photo')}: ${percent(confidence)} sure, ${percent(accuracy)} right`,
        }) as const,
    );
  const places = (bins: readonly Bin[]) => bins.map(({ confidence, accuracy }) => [confidence, accuracy] as const);
  return frame({
    width,
    height,
    label: `How often answers of a given confidence are right, in ${count(after.length)} groups of photos`,
    x,
    y,
    key: [
      { text: 'calibrated', series: 'first' },
      { text: 'before', series: 'second' },
      { text: 'perfect', series: 'guide' },
    ],
    marks: [
      line(
        x,
        y,
        [
          [0, 0],
          [1, 1],
        ],
        'guide',
      ),
      ...(joined ? [line(x, y, places(before), 'second')] : []),
      dots(x, y, points(before), 'second'),
      ...(joined ? [line(x, y, places(after), 'first')] : []),
      dots(x, y, points(after), 'first'),
    ],
  });
}
