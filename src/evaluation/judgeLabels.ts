import type { FitContext, Head, Problem } from '../heads/head.ts';
import type { Matrix } from '../platform.ts';
import type { Split } from '../split/split.ts';
import { type CalibratedJudgement, type JudgeOptions, judgeCalibrated } from './judge.ts';
import { calibrateLabels, type LabelCalibration, labelProbabilities } from './labelCalibration.ts';

export interface LabelJudgement<Settings, Fitted> extends CalibratedJudgement<Settings, Fitted, LabelCalibration> {
  /** [rows, labels], calibrated without the row itself. */
  readonly probabilities: Matrix;
}

/** As `judge`, for a problem with `truth`, several labels a photo: calibration and thresholds, too, are chosen inside each training part. */
export async function judgeLabels<Settings, Fitted>(
  head: Head<Settings, Fitted>,
  problem: Problem,
  split: Split,
  options: JudgeOptions<Settings>,
  context: FitContext,
): Promise<LabelJudgement<Settings, Fitted>> {
  const { truth } = problem;
  if (!truth) throw new TypeError('each photo has one class here');
  const judged = await judgeCalibrated(
    head,
    problem,
    split,
    options,
    (outOfFold, validated) => calibrateLabels(outOfFold, validated, truth),
    context,
  );
  return { ...judged, probabilities: labelProbabilities(judged.logits, judged.calibrations) };
}
