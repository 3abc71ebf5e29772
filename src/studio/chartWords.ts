/** What charts say on the page, in its language. */

import type { IntervalWords } from '../report/charts/interval.ts';
import type { CurveWords } from '../report/charts/learningCurve.ts';
import { common } from '../ui/common.ts';
import { number, percent } from '../ui/texts.ts';
import { say } from './texts.ts';

export function intervalWords(): IntervalWords {
  return {
    baseline: common('baseline'),
    mark: (place) => percent(place / 100, 0),
    label: ({ value, low, high }) =>
      `${percent(value)}, ${common('between', { low: percent(low), high: percent(high) })}`,
  };
}

export function curveWords(): CurveWords {
  const metric: CurveWords['metric'] = (name) => say(name === 'accuracy' ? 'curveAccuracy' : 'curvePrecision');
  return {
    count: number,
    percent,
    photos: say('curvePhotos'),
    metric,
    point: ({ photos, score: { value, lowest, highest } }) =>
      say('curvePoint', {
        count: photos,
        value: percent(value),
        low: percent(lowest),
        high: percent(highest),
      }),
    label: ({ metric: name, points }) =>
      `${metric(name)}: ${points.map(({ photos, score }) => `${number(photos)}: ${percent(score.value)}`).join(', ')}`,
  };
}
