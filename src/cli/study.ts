/** `carafe study`. */

import { CarafeError } from '../errors.ts';
import { enoughText, kindNames } from '../report/studyWords.ts';
import type { StudyResult } from '../results/studyResult.ts';
import { study } from '../runs/library.node.ts';
import type { Run } from './command.ts';
import { failuresText } from './failures.ts';
import { inFlags } from './flags.ts';
import { readPreprocessing } from './preprocessing.ts';
import { display } from './progress.ts';
import { count, decimal, percent, plural, table } from './show.ts';
import { paint, safe } from './terminal.ts';

export const run: Run<'study'> = async (
  [source],
  { json, quick, thorough, out: folder = 'carafe-study', ...values },
  { out, stderr, signal },
) => {
  if (quick && thorough)
    throw new CarafeError('USAGE', '--quick and --thorough cannot be used together.', 'Leave one of them out.');
  const depth = quick ? 'quick' : thorough ? 'thorough' : 'usual';
  const preprocessing = await readPreprocessing(values.preprocessing);
  const shown = display(stderr);
  try {
    const result = await study(source, { ...values, out: folder, depth, preprocessing, signal, ...shown.listeners });
    shown.done();
    out(json ? `${JSON.stringify(result)}\n` : studyText(result));
  } finally {
    shown.done();
  }
  return 0;
};

function studyText(result: StudyResult): string {
  const { images, sentence, notes, seconds, files } = result;
  return [
    `${plural(images.found, 'image')}: ${count(images.cached)} cached, ${count(images.computed)} computed, ${count(images.failed.length)} failed\n`,
    failuresText(images.failed),
    `\n${paint('bold', sentence)}\n`,
    plotText(result),
    answersText(result),
    featuresText(result),
    result.folds ? `\n${safe(result.folds.reason)}\n` : '\n',
    ...notes.map((note) => `  ${safe(inFlags(note))}\n`),
    `\n${seconds.total.toFixed(1)} s: photos ${seconds.extraction.toFixed(1)}, study ${seconds.study.toFixed(1)}\n`,
    `\nReport    ${paint('cyan', safe(files.report))}\n`,
    `Pictures  ${files.pictures.map((file) => paint('cyan', safe(file))).join(', ')}\n`,
  ].join('');
}

/** What the features have in common. */
function featuresText({ backbone, portrait: { participationRatio, redundant, silent, leaning } }: StudyResult): string {
  const none = redundant === 0 && silent === 0;
  const alike = [
    redundant !== null && redundant > 0 && `${count(redundant)} nearly duplicate another`,
    redundant === null && 'with so few photos, duplicates cannot be counted',
    silent > 0 && `${count(silent)} are constant`,
  ].filter((part) => part !== false);
  const sentence = none ? 'none are duplicates or constant' : alike.join(', ');
  const half = leaning ? `; ${count(leaning.half)} account for half of the decision` : '';
  return `\nThe ${count(backbone.width)} features carry about as much variation as ${participationRatio.toFixed(0)} independent ones. ${sentence[0].toUpperCase()}${sentence.slice(1)}${half}.\n`;
}

const plotColumns = 40;

/** Accuracy against the width of the bottleneck, principal components first. */
function plotText({ points }: StudyResult): string {
  const shown = points.filter(({ kind, precision }) => (kind === 'pca' || kind === 'all') && precision === 'float32');
  if (shown.length === 0) return '';
  const rows = shown
    .toSorted((a, b) => a.width - b.width)
    .map(({ width, accuracy: { value, low, high } }) => {
      const at = (share: number) => Math.round(share * (plotColumns - 1));
      const cells = Array.from({ length: plotColumns }, (_, i) =>
        i === at(value) ? '●' : i >= at(low) && i <= at(high) ? '─' : ' ',
      );
      return `  ${count(width).padStart(7)}  │${cells.join('')}│ ${percent(value)}\n`;
    });
  return `\n  numbers  accuracy, 0% to 100%, with 95% intervals\n${rows.join('')}`;
}

function answersText({ answers, backbone }: StudyResult): string {
  if (answers.length === 0) return '';
  const points = (share: number) => decimal(100 * share);
  const rows = answers.map(({ kind, verdict, width, accuracy, compared: { difference, ...compared }, collapsed }) => [
    kindNames[kind] ?? kind,
    enoughText({ verdict, width }, backbone.width),
    accuracy === null ? '–' : percent(accuracy),
    `${count(compared.width)}: ${points(difference.value)} (${points(difference.low)} to ${points(difference.high)})`,
    collapsed ? `${percent(collapsed.accuracy)} at ${count(collapsed.width)}` : 'nowhere',
  ]);
  return `\nHow many numbers are enough, and what they cost, with 95% intervals (none: no width measured is enough)\n${table([['bottleneck', 'enough', 'accuracy', 'compared with all', 'collapses to'], ...rows])}`;
}
