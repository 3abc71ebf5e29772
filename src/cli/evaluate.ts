/** `carafe evaluate`. */

import { CarafeError } from '../errors.ts';
import type { Evaluation } from '../metrics/evaluation.ts';
import type { EvaluateResult } from '../results/predictResult.ts';
import { type EvaluateOptions, evaluateClassifier } from '../runs/answers.node.ts';
import { evaluateDetector, PhotoDetector } from '../runs/detect.node.ts';
import { loadFile } from '../runs/load.node.ts';
import { availableCores } from '../runtime/cores.node.ts';
import { assertAccuracy } from './assertAccuracy.ts';
import type { Run, Terminal } from './command.ts';
import { failuresText } from './failures.ts';
import { inFlags } from './flags.ts';
import { count, percent, plural, withInterval } from './show.ts';
import { paint } from './terminal.ts';
import { chanceText, classesText, labelFigures, labelTable, mistakesText, setsText } from './text/figures.ts';
import { figuresText } from './text/oneClass.ts';
import { verdictText } from './verdict.ts';

export const run: Run<'evaluate'> = async (
  [file, source],
  { json, assertAccuracy: wanted, threads, ...options },
  terminal,
) => {
  const classifier = await loadFile(file, { workers: threads ?? availableCores() });
  if (classifier instanceof PhotoDetector && wanted !== undefined)
    throw new CarafeError(
      'USAGE',
      `--assert-accuracy: ${file} is a one-class classifier, which has no accuracy.`,
      'Leave it out.',
    );
  if (classifier instanceof PhotoDetector) return evaluateOneClass(classifier, source, options, json, terminal);
  if (options.normal !== undefined)
    throw new CarafeError('USAGE', '--normal only works with one-class classifiers.', 'Leave it out.');
  const result = await evaluateClassifier(classifier, source, { ...options, signal: terminal.signal });
  const { images, evaluation, calledUnknown } = result;
  if (json) terminal.out(`${JSON.stringify(result)}\n`);
  else
    terminal.out(
      [
        verdictText(result.verdict),
        imagesText(images),
        'perLabel' in evaluation ? `${labelFigures(evaluation)}\n${labelTable(evaluation)}` : classFigures(evaluation),
        calledUnknown ? `\nCalled unknown ${withInterval(calledUnknown)}\n` : '',
      ].join(''),
    );
  return assertAccuracy(evaluation, wanted);
};

async function evaluateOneClass(
  detector: PhotoDetector,
  source: string,
  options: EvaluateOptions & { readonly normal?: string | undefined },
  json: boolean,
  { out, signal }: Terminal,
): Promise<number> {
  const result = await evaluateDetector(detector, source, { ...options, signal });
  const { images, evaluation } = result;
  out(
    json
      ? `${JSON.stringify(result)}\n`
      : `${verdictText(result.verdict)}${imagesText(images)}\n${figuresText(evaluation)}`,
  );
  return 0;
}

function imagesText({ found, failed, learned, notes }: EvaluateResult['images']): string {
  const warning = `The classifier learned from ${count(learned)} of these photos, so these figures are too good.`;
  return [
    `${plural(found, 'image')}: ${count(failed.length)} failed\n`,
    failuresText(failed),
    ...notes.map((note) => `${paint('yellow', inFlags(note))}\n`),
    learned > 0 ? `${paint('yellow', warning)}\n` : '',
  ].join('');
}

function classFigures(evaluation: Evaluation): string {
  return [
    `\nAccuracy ${withInterval(evaluation.accuracy)}\n`,
    `  ${evaluation.method}\n`,
    `  Log-loss ${evaluation.logLoss.toFixed(3)}, calibration error ${percent(evaluation.ece.after)}${chanceText(evaluation.ece)}\n\n`,
    classesText(evaluation),
    mistakesText(evaluation),
    setsText(evaluation),
  ].join('');
}
