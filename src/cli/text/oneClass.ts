/** The result of a one-class run, in a page of text. */

import type { OneClassFigures } from '../../metrics/oneClass.ts';
import type { OneClassResult } from '../../results/oneClassResult.ts';
import { failuresText } from '../failures.ts';
import { bytes, count, percent, plural, share, table, withInterval } from '../show.ts';
import { paint, safe } from '../terminal.ts';
import { verdictText } from '../verdict.ts';
import { said, shortcutsText } from './parts.ts';

export function oneClassText(result: OneClassResult): string {
  const { images, normal, threshold, evaluation, suspects, head, backbone, seconds, files } = result;
  const shownSuspects = suspects.slice(0, 10).map(({ path, score }) => `  ${safe(path)}  ${score.toPrecision(4)}\n`);
  return [
    verdictText(result.verdict),
    `${plural(images.found, 'image')}: ${count(images.cached)} cached, ${count(images.computed)} computed, ${count(images.failed.length)} failed\n`,
    failuresText(images.failed),
    `  ${plural(normal.count, 'normal photo')} in '${safe(normal.label)}', ${plural(normal.groups, 'separate picture')}\n`,
    shortcutsText(result),
    '\n',
    `Photos scoring above ${paint('bold', threshold.value.toPrecision(4))} are called abnormal. ${lineText(result)}\n`,
    withoutSuspectsText(threshold.withoutSuspects),
    '\n',
    figuresText(evaluation),
    alarmsText(result),
    changesText(result),
    suspects.length > 0
      ? `\n${paint('yellow', `${plural(suspects.length, 'normal photo')} look${suspects.length === 1 ? 's' : ''} different from the others`)}; check ${suspects.length === 1 ? 'it' : 'them'}:\n${shownSuspects.join('')}${suspects.length > 10 ? `  and ${suspects.length - 10} more; the report shows them\n` : ''}`
      : '',
    `\nHead ${head.name} on ${safe(backbone.name)}\n`,
    `${seconds.total.toFixed(1)} s: photos ${seconds.extraction.toFixed(1)}, fitting ${seconds.fitting.toFixed(1)}, evaluation ${seconds.evaluation.toFixed(1)}\n\n`,
    `Classifier  ${paint('cyan', safe(files.classifier))} (${bytes(files.classifierBytes)})\n`,
    `Report      ${paint('cyan', safe(files.report))}\n`,
  ].join('');
}

/** How the line came about. */
function lineText({ threshold, folds }: OneClassResult): string {
  if (folds === 0) return 'This is the highest score among the photos it learned from, so it guarantees nothing.';
  const { target, guaranteed } = threshold.falsePositiveRate;
  const more = guaranteed > target ? ` You asked for ${share(target)}, but so few photos cannot guarantee less.` : '';
  return `About ${share(guaranteed)} of normal photos will be, too.${more}`;
}

function withoutSuspectsText(without: OneClassResult['threshold']['withoutSuspects']): string {
  if (!without) return '';
  const { value, guaranteed } = without;
  return `  ${paint('yellow', 'A suspicious photo (listed below) sets this threshold')}; without the suspects it would be about ${value.toPrecision(4)}, with ${share(guaranteed)} of normal photos above. If they are abnormal, take them out and train again.\n`;
}

/** What changed since an earlier classifier. */
function changesText({ changes }: OneClassResult): string {
  if (!changes) return '';
  if (!changes.compared) return `\nThe earlier classifier cannot be compared with this one: ${changes.notCompared}\n`;
  const { photos, figures, flipped } = changes.compared;
  const fixed = flipped.filter(({ became }) => became === 'right').length;
  const rows = figures.map(({ metric, before, after, verdict }) => [
    metric,
    `${percent(before)} before`,
    `${percent(after)} now`,
    said[verdict],
  ]);
  return `\nCompared with the earlier classifier, retrained without the ${plural(photos, 'photo')} of this test; ${count(fixed)} now right, ${count(flipped.length - fixed)} now wrong\n${table(rows)}`;
}

/** What other thresholds would catch. */
function alarmsText({ alarms, threshold }: OneClassResult): string {
  if (alarms.length === 0) return '';
  const range = ({ value, low, high }: { value: number; low: number; high: number }) =>
    `${percent(value)} (${percent(low)} to ${percent(high)})`;
  const rows = alarms.map((row) => [
    `${row.threshold === threshold.value ? '>' : ' '} ${share(row.guaranteed)}`,
    row.threshold.toPrecision(4),
    range(row.falsePositiveRate),
    range(row.caught),
  ]);
  const header = ['  expected', 'threshold', 'false alarms, measured', 'abnormal photos caught'];
  return `\nWhat other values of --false-positive-rate would do (> is the threshold in the file)\n${table([header, ...rows])}`;
}

/** The figures of a one-class classifier. */
export function figuresText({ falsePositiveRate, detection, method }: OneClassFigures): string {
  const lines = [`Normal photos called abnormal   ${withInterval(falsePositiveRate)}\n`];
  if (detection) {
    const { auroc, averagePrecision, f1, falseNegativeRate: miss, perKind } = detection;
    lines.push(
      `Abnormal photos called normal   ${withInterval(miss)}\n`,
      `Area under the ROC curve        ${withInterval(auroc)}\n`,
      `Average precision               ${withInterval(averagePrecision)}\n`,
      `F1                              ${withInterval(f1)}\n`,
    );
    const rows = perKind.map((kind) => [
      safe(kind.label),
      count(kind.count),
      percent(kind.auroc.value),
      percent(1 - kind.falseNegativeRate.value),
    ]);
    lines.push(`\n${table([['kind', 'photos', 'AUROC', 'caught'], ...rows])}`);
  }
  return `${lines.join('')}  ${method}\n`;
}
