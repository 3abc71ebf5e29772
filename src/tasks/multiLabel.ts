/** The multi-label task: any number of labels per photo. */

import { findLabelShortcuts } from '../doctor/shortcuts.ts';
import { labelVerdict } from '../doctor/verdict.ts';
import { labelHeadNamed, labelHeads } from '../heads/registry.ts';
import { evaluateLabels } from '../metrics/evaluateLabels.ts';
import {
  fitLabelCalibration,
  type LabelCalibration,
  labelProbabilities,
  uncalibratedLabels,
} from '../metrics/labelCalibration.ts';
import { meanAveragePrecision } from '../metrics/metric.ts';
import type { Matrix } from '../runtime/platform.ts';
import { type LabelTargets, labelTargets } from '../sets/targets.ts';
import type { Measured, Task } from './task.ts';

const notHere = (flag: string) => ({
  what: `${flag} cannot be used if photos have several labels, or none.`,
  hint: 'Leave it out, or give each photo one label.',
});

/** Multi-label classification: each label is decided separately, with its own threshold. */
export const multiLabel: Task<LabelTargets, LabelCalibration, Extract<Measured, { task: 'multi-label' }>> = {
  name: 'multi-label',
  kind: 'labels',
  heads: labelHeads,
  usual: labelHeadNamed('sigmoid'),
  refuses: {
    balance: {
      what: '`balance` cannot be used if photos have several labels, or none. Each label has its own threshold, which accounts for how rare it is.',
      hint: 'Leave it out.',
    },
    budget: notHere('`budget`'),
    bottleneck: notHere('`bottleneck`'),
    robustness: notHere('`robustness`'),
    coverage: {
      what: '`coverage` cannot be used if photos have several labels, or none. Each label is decided separately, with its own threshold, so there is no set that holds the right one.',
      hint: 'Leave it out.',
    },
    auto: {
      what: "`head: 'auto'` cannot be used if photos have several labels, or none.",
      hint: `Choose one of ${labelHeads.map(({ name }) => name).join(', ')}.`,
    },
  },
  headNamed: labelHeadNamed,
  targets: labelTargets,
  restrict({ classes, labels, truth }, some) {
    return {
      targets: {
        classes: some.map((label) => classes[label]),
        labels,
        truth: Uint8Array.from(placesOf(labels.length, classes.length, some), (at) => truth[at]),
      },
      photos: Int32Array.from(labels.keys()),
    };
  },
  comparable({ probabilities, calibrations, targets }, some) {
    return {
      probabilities: columnsOf(probabilities, some),
      calibrations: calibrations.map(({ scale, shift, thresholds }) => ({
        scale: some.map((label) => scale[label]),
        shift: some.map((label) => shift[label]),
        thresholds: some.map((label) => thresholds[label]),
      })),
      targets: multiLabel.restrict(targets, some).targets,
    };
  },
  calibration: {
    fit: (data) => fitLabelCalibration(data),
    probabilities: labelProbabilities,
    logits: uncalibratedLabels,
    toGraph(builder, logits, { scale, shift }) {
      const scaled = builder.node('Mul', [logits, builder.floats(scale)]);
      return builder.node('Sigmoid', [builder.node('Add', [scaled, builder.floats(shift)])]);
    },
  },
  metric: meanAveragePrecision,
  given: (probabilities, { thresholds }) =>
    [...probabilities.keys()].filter((label) => probabilities[label] >= thresholds[label]),
  evaluate: (answers, targets, facts) => ({
    task: 'multi-label',
    calibration: answers.calibration,
    evaluation: evaluateLabels(answers, targets, facts),
  }),
  verdict: labelVerdict,
  shortcuts: (photos, { truth, classes }, groups, seed) => findLabelShortcuts(photos, truth, classes, groups, seed),
};

function columnsOf({ rows, columns, data }: Matrix, some: readonly number[]): Matrix {
  return {
    rows,
    columns: some.length,
    data: Float32Array.from(placesOf(rows, columns, some), (at) => data[at]),
  };
}

/** Where some of a matrix's columns lie, row by row. */
function placesOf(rows: number, columns: number, some: readonly number[]): number[] {
  return Array.from({ length: rows }, (_, row) => some.map((column) => row * columns + column)).flat();
}
