/** What a training run found out besides its figures, as the terminal shows it. */

import type { LabelErrors } from '../../doctor/labelErrors.ts';
import { labelCount } from '../../doctor/labelWords.ts';
import type { Shortcuts } from '../../doctor/shortcut.ts';
import { type ClassGains, gainOrder } from '../../evaluation/classGains.ts';
import type { Robustness } from '../../evaluation/robustness.ts';
import { corruptionWords } from '../../images/corruptions.ts';
import type { Interval } from '../../metrics/evaluation.ts';
import { gainWords } from '../../metrics/powerLaw.ts';
import type { AnyTrainResult, TrainResult } from '../../results/trainResult.ts';
import { count, decimal, percent, plural, signed, withInterval } from '../show.ts';
import { paint, safe } from '../terminal.ts';

/** What a split would say that knows no groups, beside the figure that keeps them together. */
export function withoutGroupsText({ withoutGroups, duplicates }: AnyTrainResult, together: Interval): string {
  if (!withoutGroups) return '';
  const misled = duplicates.conflicts.length > 0 && withoutGroups.value < together.value;
  const why = misled ? ', since copies under other labels mislead it' : '';
  return `  A random split, with photos of one group on both sides, would show ${withInterval(withoutGroups)}${why}\n`;
}

export const said = { better: 'better', worse: 'worse', tie: 'a tie' } as const;

export function changesText(
  { added, removed, compared, notCompared }: NonNullable<TrainResult['changes']>,
  kind: 'classes' | 'labels',
): string {
  const lines = [];
  if (added.length > 0) lines.push(`New ${kind}: ${added.map(safe).join(', ')}\n`);
  if (removed.length > 0) lines.push(`Removed ${kind}: ${removed.map(safe).join(', ')}\n`);
  if (compared) {
    const { metric, photos, before, after, verdict, flipped: flips } = compared;
    const fixed = flips.filter(({ became }) => became === 'right').length;
    const broken = flips.filter(({ became }) => became === 'wrong').length;
    const figure = metric === 'accuracy' ? '' : `, ${metric}`;
    lines.push(
      `Compared with the earlier classifier, retrained without the ${plural(photos, 'photo')} of this test${figure}: ${percent(before)} before, ${percent(after)} now (${said[verdict]}); ${count(fixed)} now right, ${count(broken)} now wrong\n`,
    );
  } else lines.push(`The earlier classifier cannot be compared with this one: ${notCompared}\n`);
  return `${lines.join('')}\n`;
}

/** Would more photos help? */
export function curveText({ learningCurve: curve, head }: AnyTrainResult): string {
  if (!curve) return '';
  const figure = curve.metric;
  const { photos, gain } = curve.expected;
  if (!gain) return '\nThe test found no mistakes, so it cannot show what more photos would gain.\n';
  const points = (value: number) => decimal(100 * value);
  const whose = curve.head === head.name ? figure : `the ${figure} of a ${curve.head} head, which is quicker to train,`;
  const twice = `With ${count(photos)} photos, twice as many,`;
  const between = `by ${points(gain.low)} to ${points(gain.high)} points (95% interval)`;
  const said = {
    hardly: `${twice} ${whose} would hardly rise: ${between}`,
    rises: `${twice} ${whose} would rise by about ${points(gain.value)} points (95% interval ${points(gain.low)} to ${points(gain.high)})`,
    untold: `So few photos cannot show whether twice as many (${count(photos)}) would help: ${whose} would rise ${between}`,
  };
  return `\n${said[gainWords(gain)]}\n`;
}

/** Which class to photograph next. */
export function morePhotosText({ morePhotos: gains }: { readonly morePhotos?: ClassGains | null | undefined }): string {
  if (!gains) return '';
  const { best, most } = gainOrder(gains);
  const points = (value: number) => decimal(100 * value);
  if (!best)
    return `No class stands out: ${gains.photos} more photos of one would gain at most ${points(most)} points\n`;
  const { label, gain, mends } = best;
  const mistake = mends ? `, most of all where ${safe(mends.label)} is mistaken for ${safe(mends.takenFor)}` : '';
  return `Photograph ${safe(label)} next: ${gains.photos} more would gain about ${points(gain.value)} points (95% interval ${points(gain.low)} to ${points(gain.high)})${mistake}\n`;
}

/** What bad photos cost, the worst three. */
export function robustnessText(
  { robustness: found }: { readonly robustness?: Robustness | null | undefined },
  where: 'report' | 'page' = 'report',
): string {
  if (!found) return '';
  const worst = found.losses.slice(0, 3).map(({ corruption, lost: { value, low, high } }) => {
    const points = (part: number) => decimal(100 * part);
    return `${corruptionWords[corruption]} ${points(value)} points (${points(low)} to ${points(high)})`;
  });
  return `Bad photos cost, of ${percent(found.accuracy)} on ${plural(found.photos, 'held-out photo')}: ${worst.join(', ')}; the ${where} shows all\n`;
}

const kinds = { framing: 'Framing', depths: 'Depths' } as const;

/** How photos are seen and read, where that was chosen, and what several looks gained. */
export function representationsText({ representations = [], looks, split }: AnyTrainResult): string {
  const lines = representations.map(({ kind, chosen, photos, candidates, inParts, gain }) => {
    const [usual, ...others] = candidates;
    const loss = (name: string) => candidates.find((one) => one.name === name)?.logLoss.toFixed(3);
    const other = others.reduce((best, one) => (one.logLoss < best.logLoss ? one : best));
    const [better, than] = chosen === usual.name ? [other.name, chosen] : [chosen, usual.name];
    const figures = `log-loss ${loss(better)} against ${loss(than)} on ${plural(photos, 'photo')} of the training part`;
    const said =
      chosen === usual.name
        ? `${chosen}; ${other.name} was not clearly better (${figures})`
        : `${chosen}, better than ${usual.name} (${figures})`;
    return `${kinds[kind]} ${said}.${split.kind === 'holdout' ? '' : ` ${foldsText(chosen, inParts)}.`}${gain ? ` The choice is ${gainText(gain)}.` : ''}\n`;
  });
  if (looks)
    lines.push(
      `${count(looks.count)} looks at each photo: ${gainText(looks)}, for ${looks.seconds.toFixed(1)} s of extraction, and ${count(looks.count)} times the work for each prediction\n`,
    );
  return lines.length > 0 ? `\n${lines.join('')}` : '';
}

/** What each fold is tested with, which was chosen without its photos. */
function foldsText(chosen: string, inParts: NonNullable<AnyTrainResult['representations']>[number]['inParts']): string {
  if (inParts.every(({ name }) => name === chosen))
    return `Each fold, choosing without its own photos, took ${chosen} too`;
  const taken = inParts.map(({ name, parts }) => `${name} ${parts === 1 ? 'once' : `${count(parts)} times`}`);
  return `The folds, each choosing without its own photos, took ${taken.join(', ')}`;
}

function gainText({ gain, verdict }: Pick<NonNullable<TrainResult['looks']>, 'gain' | 'verdict'>): string {
  const points = (value: number) => signed(100 * value);
  const said = { better: 'a gain', worse: 'a loss', tie: 'a tie' }[verdict];
  return `${said}, ${points(gain.value)} points (95% interval ${points(gain.low)} to ${points(gain.high)})`;
}

export function viewsText(views: NonNullable<TrainResult['views']>): string {
  const { gain, verdict, seconds } = views;
  const points = (value: number) => signed(100 * value);
  const said = { better: 'a gain', worse: 'a loss', tie: 'a tie' }[verdict];
  return `${plural(views.count, 'view')} of each photo: ${said}, ${points(gain.value)} points (${points(gain.low)} to ${points(gain.high)}), for ${(seconds.extraction + seconds.fitting).toFixed(1)} s (${count(views.cached)} cached, ${count(views.computed)} computed)\n`;
}

export function duplicatesText({ duplicates: { groups, conflicts, series } }: Pick<TrainResult, 'duplicates'>): string {
  const lines = [];
  if (groups.length > 0)
    lines.push(
      `  ${plural(groups.length, 'group')} of equal or nearly equal photos, each kept on one side of the split\n`,
    );
  for (const photos of conflicts.slice(0, 3))
    lines.push(
      `  ${paint('yellow', 'Nearly the same photo, labelled differently')}: ${photos.map(({ path, label }) => `${safe(path)} (${safe(label)})`).join(', ')}\n`,
    );
  if (conflicts.length > 3) lines.push(`  and ${conflicts.length - 3} more; the report lists them\n`);
  if (series) lines.push(`  ${paint('yellow', safe(series.sentence))}\n`);
  return lines.join('');
}

export function shortcutsText({ shortcuts = [] }: { readonly shortcuts?: Shortcuts | undefined }): string {
  return shortcuts.map(({ sentence }) => `  ${paint('yellow', safe(sentence))}\n`).join('');
}

export function labelErrorsText({ labelErrors }: { readonly labelErrors?: LabelErrors | undefined }): string {
  const first = labelErrors?.photos[0];
  if (!labelErrors?.expected || !first) return '';
  const about = labelCount({ ...labelErrors, expected: labelErrors.expected });
  return `  ${about}; look at ${safe(first.path)} first: labelled ${safe(first.label)}, looks like ${safe(first.suggested)}; the report shows them\n`;
}
