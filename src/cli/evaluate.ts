import type { Evaluation } from '../index.ts';
import { evaluateClassifier, loadClassifier } from '../index.ts';
import { labelFigures, labelTable } from './labels.ts';
import type { Run } from './main.ts';
import { count, percent, plural, withInterval } from './show.ts';
import { assertAccuracy, classesText, failuresText, mistakesText } from './train.ts';

export const run: Run<'evaluate'> = async (
  [file, source],
  { json, assertAccuracy: wanted, threads, ...options },
  terminal,
) => {
  const classifier = await loadClassifier(file, { threads });
  const result = await evaluateClassifier(classifier, source, { ...options, signal: terminal.signal });
  const { images, evaluation } = result;
  if (json) terminal.out(`${JSON.stringify(result)}\n`);
  else
    terminal.out(
      [
        `${plural(images.found, 'image')}: ${count(images.failed.length)} failed\n`,
        failuresText(images.failed),
        'perLabel' in evaluation ? `${labelFigures(evaluation)}\n${labelTable(evaluation)}` : classFigures(evaluation),
      ].join(''),
    );
  return assertAccuracy(evaluation.accuracy, wanted, terminal);
};

function classFigures(evaluation: Evaluation): string {
  return [
    `\nAccuracy ${withInterval(evaluation.accuracy)}\n`,
    `  ${evaluation.method}\n`,
    `  Log-loss ${evaluation.logLoss.toFixed(3)}, calibration error ${percent(evaluation.ece.after)}\n\n`,
    classesText(evaluation),
    mistakesText(evaluation),
  ].join('');
}
