/** The result of a training run, in a page of text. */

import type { AnyTrainResult, LabelsResult, TrainResult } from '../../results/trainResult.ts';
import { failuresText } from '../failures.ts';
import { bytes, count, percent, plural, withInterval } from '../show.ts';
import { paint, safe } from '../terminal.ts';
import { verdictText } from '../verdict.ts';
import { finetuningText, leaderboardText, widthsText } from './choices.ts';
import { chanceText, classesText, labelFigures, labelTable, mistakesText, setsText } from './figures.ts';
import {
  changesText,
  curveText,
  duplicatesText,
  labelErrorsText,
  morePhotosText,
  representationsText,
  robustnessText,
  shortcutsText,
  viewsText,
  withoutGroupsText,
} from './parts.ts';

/** What a training run has to say. */
export function textOf(result: AnyTrainResult): string {
  return result.task === 'multi-label' ? labelsText(result) : trainText(result);
}

/** The result in a page of text. */
function trainText(result: TrainResult): string {
  const { images, evaluation, split, head, backbone, seconds, files } = result;
  return [
    verdictText(result.verdict),
    `${plural(images.found, 'image')}: ${count(images.cached)} cached, ${count(images.computed)} computed, ${count(images.failed.length)} failed\n`,
    failuresText(images.failed),
    duplicatesText(result),
    shortcutsText(result),
    labelErrorsText(result),
    `\nAccuracy ${withInterval(evaluation.accuracy)}\n`,
    `  ${safe(split.reason)}\n`,
    withoutGroupsText(result, evaluation.accuracy),
    `  Log-loss ${evaluation.logLoss.toFixed(3)}, calibration error ${percent(evaluation.ece.before)} before and ${percent(evaluation.ece.after)} after temperature ${evaluation.temperature.toFixed(2)}${evaluation.bias ? ' and a bias a class' : ''}${chanceText(evaluation.ece)}\n\n`,
    result.changes ? changesText(result.changes, 'classes') : '',
    classesText(evaluation),
    mistakesText(evaluation),
    setsText(evaluation),
    leaderboardText(result),
    widthsText(result),
    representationsText(result),
    finetuningText(result),
    curveText(result),
    morePhotosText(result),
    robustnessText(result),
    result.views ? viewsText(result.views) : '',
    `\nHead ${[head.name, ...Object.entries(head.settings).map(([key, value]) => `${key} ${value}`)].join(', ')} on ${backbone.name}, photos ${seenText(backbone)}, ${count(backbone.width)} features\n`,
    `${seconds.total.toFixed(1)} s: photos ${seconds.extraction.toFixed(1)}, fitting ${seconds.fitting.toFixed(1)}, evaluation ${seconds.evaluation.toFixed(1)}\n\n`,
    `Classifier  ${paint('cyan', safe(files.classifier))} (${bytes(files.classifierBytes)}, ${split.file === 'measured' ? 'the one that was measured' : 'trained once more on all photos'})\n`,
    `Report      ${paint('cyan', safe(files.report))}\n`,
    files.tensorboard === undefined ? '' : `Curves      ${paint('cyan', safe(files.tensorboard))}\n`,
  ].join('');
}

/** The result of training on photos with several labels, in a page of text. */
function labelsText(result: LabelsResult): string {
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
    withoutGroupsText(result, evaluation.meanAveragePrecision),
    '\n',
    result.changes ? changesText(result.changes, 'labels') : '',
    labelTable(evaluation),
    representationsText(result),
    curveText(result),
    result.views ? viewsText(result.views) : '',
    `\nHead ${head.name} (${Object.entries(head.settings)
      .map(([key, value]) => `${key} ${value}`)
      .join(', ')}) on ${backbone.name}, photos ${seenText(backbone)}, ${count(backbone.width)} features\n`,
    `${seconds.total.toFixed(1)} s: photos ${seconds.extraction.toFixed(1)}, fitting ${seconds.fitting.toFixed(1)}, evaluation ${seconds.evaluation.toFixed(1)}\n\n`,
    `Classifier  ${paint('cyan', safe(files.classifier))} (${bytes(files.classifierBytes)}, ${split.file === 'measured' ? 'the one that was measured' : 'trained once more on all photos'})\n`,
    `Report      ${paint('cyan', safe(files.report))}\n`,
    files.tensorboard === undefined ? '' : `Curves      ${paint('cyan', safe(files.tensorboard))}\n`,
  ].join('');
}

function seenText({ framing, looks }: AnyTrainResult['backbone']): string {
  const seen = { crop: 'cropped', squash: 'squashed', pad: 'padded' }[framing];
  return looks === 1 ? seen : `${seen} and looked at ${count(looks)} times`;
}
