/** The single-label task: one class per photo. */

import { findLabelErrors } from '../doctor/labelErrors.ts';
import { findShortcuts } from '../doctor/shortcuts.ts';
import { classVerdict } from '../doctor/verdict.ts';
import { headNamed, heads } from '../heads/registry.ts';
import {
  type ClassCalibration,
  classProbabilities,
  fitClassCalibration,
  uncalibratedClasses,
} from '../metrics/classCalibration.ts';
import { evaluate } from '../metrics/evaluate.ts';
import { accuracy } from '../metrics/metric.ts';
import { indexOfLargest } from '../numerics/statistics.ts';
import { classTargets, type Targets } from '../sets/targets.ts';
import type { Measured, Task } from './task.ts';

/** Single-label (multi-class) classification. */
export const singleLabel: Task<Targets, ClassCalibration, Extract<Measured, { task: 'single-label' }>> = {
  name: 'single-label',
  kind: 'classes',
  heads,
  usual: headNamed('softmax'),
  light: headNamed('prototype'),
  refuses: {},
  headNamed,
  targets: classTargets,
  restrict({ classes, labels }, some) {
    const placeOf = new Map(some.map((label, place) => [label, place]));
    return {
      targets: {
        classes: some.map((label) => classes[label]),
        labels: labels.map((label) => placeOf.get(label) ?? 0),
      },
      photos: Int32Array.from(labels.keys()).filter((photo) => placeOf.has(labels[photo])),
    };
  },
  // It may answer with a class that the other does not know: that is a mistake which only the one that knows it can make.
  comparable: (answered) => answered,
  calibration: {
    fit: fitClassCalibration,
    probabilities: classProbabilities,
    logits: uncalibratedClasses,
    toGraph(builder, logits, { temperature, bias }) {
      const cooled = builder.node('Div', [logits, builder.floats(temperature)]);
      const calibrated = bias ? builder.node('Add', [cooled, builder.floats(Float32Array.from(bias))]) : cooled;
      return builder.node('Softmax', [calibrated], { axis: -1 });
    },
  },
  metric: accuracy,
  given: (probabilities) => [indexOfLargest(probabilities)],
  evaluate: (answers, targets, facts) => ({
    task: 'single-label',
    calibration: answers.calibration,
    evaluation: evaluate(answers, targets, facts),
  }),
  verdict: classVerdict,
  shortcuts: (photos, { labels, classes }, groups, seed) => findShortcuts(photos, labels, classes, groups, seed),
  labelErrors: findLabelErrors,
};
