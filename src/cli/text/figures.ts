/** Figures of a classifier as the terminal shows them. */

import type { LabelEvaluation } from '../../metrics/labelEvaluation.ts';
import type { TrainResult } from '../../results/trainResult.ts';
import { count, orDash, percent, share, table, withInterval } from '../show.ts';
import { safe } from '../terminal.ts';

/** What of a calibration error is chance. */
export function chanceText({ chance }: TrainResult['evaluation']['ece']): string {
  return chance === undefined ? '' : ` (perfect probabilities would show ${percent(chance)} by chance)`;
}

export function classesText({ perClass }: Pick<TrainResult['evaluation'], 'perClass'>): string {
  const shown = perClass.length > 20 ? [...perClass].sort((a, b) => (a.f1 ?? 2) - (b.f1 ?? 2)).slice(0, 20) : perClass;
  const rows = shown.map(({ label, precision, recall, f1, support }) => [
    safe(label),
    orDash(precision),
    orDash(recall),
    orDash(f1),
    count(support),
  ]);
  const note = shown.length < perClass.length ? `  (the 20 weakest of ${perClass.length} classes)\n` : '';
  return table([['class', 'precision', 'recall', 'F1', 'photos'], ...rows]) + note + untestedText(perClass, 'class');
}

/** Names what no judged photo shows. */
export function untestedText(
  all: readonly { readonly label: string; readonly support: number }[],
  kind: 'class' | 'label',
): string {
  const untested = all.filter(({ support }) => support === 0).map(({ label }) => safe(label));
  if (untested.length === 0) return '';
  const more = untested.length > 5 ? ` and ${untested.length - 5} more` : '';
  const what = kind === 'class' ? 'of' : 'with';
  return `  No photo ${what} ${untested.slice(0, 5).join(', ')}${more} was tested, so nothing can be said about ${untested.length === 1 ? 'it' : 'them'}.\n`;
}

export function mistakesText({ confusion: { labels, cells } }: TrainResult['evaluation']): string {
  const pairs = cells
    .filter(({ truth, predicted }) => predicted !== truth)
    .sort((a, b) => b.count - a.count)
    .slice(0, 3)
    .map(({ truth, predicted, count: times }) => `${safe(labels[truth])} for ${safe(labels[predicted])} (${times})`);
  return pairs.length > 0 ? `\nMost often mistaken: ${pairs.join(', ')}\n` : '';
}

/** Sets of classes: how often they hold the right one, and how large they are. */
export function setsText({ sets }: Pick<TrainResult['evaluation'], 'sets'>): string {
  if (!sets) return '';
  const { coverage, guaranteed, covered, size } = sets;
  const few = guaranteed < coverage ? `, of which so few photos guarantee ${percent(guaranteed)}` : '';
  return `Sets of classes for ${share(coverage)} coverage${few}: ${size.toFixed(2)} classes on average; they hold the right one for ${withInterval(covered)}\n`;
}

export function labelFigures(evaluation: LabelEvaluation): string {
  const { meanAveragePrecision, microF1, macroF1, exactMatch, logLoss, ece } = evaluation;
  return [
    `\nMean average precision ${withInterval(meanAveragePrecision)}\n`,
    `  F1 of all answers ${withInterval(microF1)}\n`,
    `  F1, mean over the labels ${withInterval(macroF1)}\n`,
    `  Photos with every label right ${withInterval(exactMatch)}\n`,
    `  Log-loss ${logLoss.toFixed(3)}, calibration error ${percent(ece.after)}${chanceText(ece)}\n`,
  ].join('');
}

export function labelTable({ perLabel }: LabelEvaluation): string {
  const weakest = perLabel.toSorted((a, b) => (a.averagePrecision?.value ?? 2) - (b.averagePrecision?.value ?? 2));
  const shown = perLabel.length > 20 ? weakest.slice(0, 20) : perLabel;
  const rows = shown.map(({ label, averagePrecision, precision, recall, f1, threshold, support }) => [
    safe(label),
    orDash(averagePrecision?.value),
    orDash(precision),
    orDash(recall),
    orDash(f1?.value),
    percent(threshold),
    count(support),
  ]);
  const note = shown.length < perLabel.length ? `  (the 20 weakest of ${perLabel.length} labels)\n` : '';
  const header = ['label', 'average precision', 'precision', 'recall', 'F1', 'threshold', 'photos'];
  return table([header, ...rows]) + note + untestedText(perLabel, 'label');
}
