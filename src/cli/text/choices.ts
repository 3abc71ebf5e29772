/** Heads and bottlenecks that were compared, as the terminal shows them. */

import { frozenName } from '../../evaluation/choices.ts';
import type { TrainResult } from '../../results/trainResult.ts';
import { count, decimal, percent, plural, signed, table } from '../show.ts';
import { safe } from '../terminal.ts';

export function leaderboardText({ leaderboard, split }: TrainResult): string {
  if (!leaderboard) return '';
  const { chosen, heads, leftOut, inParts } = leaderboard;
  const rows = heads.map(({ name, logLoss, accuracy, verdict, seconds }) => [
    `${name === chosen ? '>' : ' '} ${name}`,
    logLoss.toFixed(3),
    `${percent(accuracy.value)} (${percent(accuracy.low)} to ${percent(accuracy.high)})`,
    verdict,
    `${seconds.toFixed(1)} s`,
  ]);
  return [
    '\nHeads, compared inside the training part; > is the simplest whose log-loss is at most half a standard error above the lowest\n',
    table([['  head', 'log-loss', 'accuracy', 'verdict', 'took'], ...rows]),
    ...leftOut.map(({ name, reason }) => `    ${safe(name)} was left out: ${safe(reason)}\n`),
    partsText(
      split,
      inParts.map(({ name, parts }) => [name, parts]),
    ),
  ].join('');
}

/** Where folds judge: what was chosen without each of them. */
function partsText({ kind }: TrainResult['split'], taken: readonly (readonly [string, number])[]): string {
  if (kind === 'holdout') return '';
  const all = taken.map(([what, parts]) => `${what} (${parts === 1 ? 'once' : `${count(parts)} times`})`);
  return `  Each fold is tested with a choice made without it: ${all.join(', ')}\n`;
}

export function widthsText({ widths: found, split }: TrainResult): string {
  if (!found) return '';
  const { chosen, margin, widths, inParts } = found;
  const all = widths[widths.length - 1].width;
  const sign = (value: number) => signed(100 * value);
  const rows = widths.map(({ width, accuracy, difference: { value, low, high } }) => [
    `${width === (chosen ?? all) ? '>' : ' '} ${count(width)}`,
    percent(accuracy.value),
    width === all ? '' : `${sign(value)} (${sign(low)} to ${sign(high)})`,
  ]);
  return [
    `\nBottlenecks, compared inside the training part; > is the narrowest that loses no more than ${decimal(100 * margin)} points\n`,
    table([['  numbers', 'accuracy', 'points vs. all'], ...rows]),
    partsText(
      split,
      inParts.map(({ width, parts }) => [count(width ?? all), parts]),
    ),
  ].join('');
}

/** Whether the last stage was fine-tuned, and by what that was decided. */
export function finetuningText({ finetuning: found, split }: TrainResult): string {
  if (!found) return '';
  const { chosen, reason, epochs, photos = 0, logLoss, accuracy, seconds = 0, inParts } = found;
  if (!logLoss || !accuracy) return `\nThe network stays frozen: ${safe(reason ?? 'fine-tuning was not tried')}\n`;
  const parts = partsText(
    split,
    inParts.map((part) => [part.chosen ? 'fine-tuned' : 'frozen', part.parts]),
  );
  return [
    `\n${chosen ? `The network's last stage is fine-tuned, for ${plural(epochs ?? 0, 'epoch')}` : 'The network stays frozen'}: compared on ${plural(photos, 'photo')} of the training part that neither had seen (${seconds.toFixed(0)} s)\n`,
    table([
      ['  network', 'log-loss', 'accuracy'],
      [`${chosen ? ' ' : '>'} ${frozenName(found)}`, logLoss.frozen.toFixed(3), percent(accuracy.frozen)],
      [`${chosen ? '>' : ' '} fine-tuned`, logLoss.finetuned.toFixed(3), percent(accuracy.finetuned)],
    ]),
    chosen && logLoss.finetuned >= logLoss.frozen
      ? '  Fine-tuning is no better here: it is taken because you asked for it in any case\n'
      : '',
    parts,
  ].join('');
}
