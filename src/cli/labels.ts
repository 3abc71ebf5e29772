import type { LabelEvaluation } from '../evaluation/labelEvaluation.ts';
import type { LabelsResult } from '../report/trainResult.ts';
import { failuresText } from './failures.ts';
import { bytes, count, orDash, percent, plural, table, withInterval } from './show.ts';
import { paint, safe } from './terminal.ts';
import {
  chanceText,
  changesText,
  curveText,
  duplicatesText,
  shortcutsText,
  untestedText,
  viewsText,
  withoutGroupsText,
} from './train.ts';
import { verdictText } from './verdict.ts';

/** The result of training on photos with several labels, in a page of text. */
export function labelsText(result: LabelsResult): string {
  const { images, unlabelled = 0, evaluation, split, head, backbone, seconds, files } = result;
  return [
    verdictText(result.verdict),
    `${plural(images.found, 'image')}: ${count(images.cached)} cached, ${count(images.computed)} computed, ${count(images.failed.length)} failed\n`,
    failuresText(images.failed),
    duplicatesText(result),
    `  Several labels a photo${unlabelled > 0 ? `, ${plural(unlabelled, 'photo')} without any` : ''}: each label is decided separately\n`,
    shortcutsText(result),
    labelFigures(evaluation),
    `  ${safe(split.reason)}\n`,
    withoutGroupsText(result),
    '\n',
    result.changes ? changesText(result.changes, 'labels') : '',
    labelTable(evaluation),
    curveText(result),
    result.views ? viewsText(result.views) : '',
    `\nHead ${head.name} (${Object.entries(head.settings)
      .map(([key, value]) => `${key} ${value}`)
      .join(', ')}) on ${backbone.name}, ${count(backbone.width)} features\n`,
    `${seconds.total.toFixed(1)} s: photos ${seconds.extraction.toFixed(1)}, fitting ${seconds.fitting.toFixed(1)}, evaluation ${seconds.evaluation.toFixed(1)}\n\n`,
    `Classifier  ${paint('cyan', safe(files.classifier))} (${bytes(files.classifierBytes)}, ${split.file === 'measured' ? 'the one that was measured' : 'trained once more on all photos'})\n`,
    `Report      ${paint('cyan', safe(files.report))}\n`,
    files.tensorboard === undefined ? '' : `Curves      ${paint('cyan', safe(files.tensorboard))}\n`,
  ].join('');
}

export function labelFigures(evaluation: LabelEvaluation): string {
  const { meanAveragePrecision, microF1, macroF1, accuracy, logLoss, ece } = evaluation;
  return [
    `\nMean average precision ${withInterval(meanAveragePrecision)}\n`,
    `  F1 of all answers ${withInterval(microF1)}\n`,
    `  F1, mean over the labels ${withInterval(macroF1)}\n`,
    `  Photos with every label right ${withInterval(accuracy)}\n`,
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
