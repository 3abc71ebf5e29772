/** What the doctor found, in a page of text. */

import { labelCount, listedCount } from '../../doctor/labelWords.ts';
import type { ApplyResult, DoctorResult, UndoResult } from '../../results/doctorResult.ts';
import { inFlags } from '../flags.ts';
import { count, decimal, percent, plural, table } from '../show.ts';
import { paint, safe } from '../terminal.ts';
import { morePhotosText, robustnessText } from './parts.ts';

const shownLabels = 10;
const shownProblems = 8;
const shownClasses = 5;
/** Of fewer photos, chance may hide what the network sees. */
const few = 100;

/** The summary: what is most probably wrong first, and where the rest stands. */
export function doctorText(result: DoctorResult): string {
  const { images, classes, skipped, seconds, files } = result;
  const what = classes.length > 0 ? ` in ${plural(classes.length, 'class', 'classes')}` : '';
  return [
    `${plural(images.found - images.failed.length, 'photo')}${what}: ${count(images.cached)} cached, ${count(images.computed)} computed, ${count(images.failed.length)} failed\n`,
    labelsText(result),
    duplicatesText(result),
    problemsText(result),
    shortcutsText(result),
    outlookText(result),
    ...[...new Set(skipped.map(({ reason }) => reason))].map((reason) => `\n${safe(inFlags(reason))}\n`),
    `\n${decimal(seconds.total)} s\n`,
    `\nPage   ${paint('cyan', safe(files.page))}\nTable  ${paint('cyan', safe(files.table))}\n`,
  ].join('');
}

function labelsText({ labelErrors, correction }: DoctorResult): string {
  if (!labelErrors) return '';
  const { expected, photos, planted, judged } = labelErrors;
  if (!expected)
    return `\n${paint('bold', 'Labels: not judged')}, because ${judged < few ? 'so few photos do not show whether the network tells their classes apart' : 'the network does not tell these classes apart'}\n`;
  const unseen = unrecognisedText(labelErrors);
  const head = `\n${paint('bold', labelCount({ ...labelErrors, expected }))}\n`;
  if (photos.length === 0) return head + unseen;
  const rows = photos
    .slice(0, shownLabels)
    .map(({ path, label, suggested, wrong }) => [safe(path), safe(label), safe(suggested), percent(wrong, 0)]);
  const gain = correction
    ? `Accuracy on photos whose labels are not in question: ${percent(correction.before)} now, ${percent(correction.after)} with the suggestions (${pointsText(correction.gain)})\n`
    : '';
  return [
    head,
    unseen,
    `${listedCount(labelErrors)} Of ${plural(planted.count, 'label')} made wrong on purpose, a list as long as this one caught ${percent(planted.caughtInTwice.value, 0)}\n`,
    table([['photo', 'label', 'looks like', 'chance wrong'], ...rows]),
    photos.length > shownLabels ? `  and ${count(photos.length - shownLabels)} more to check\n` : '',
    gain,
  ].join('');
}

/** Classes whose labels say nothing of the photos, as far as the network sees. */
function unrecognisedText({ unrecognised }: { readonly unrecognised: readonly string[] }): string {
  if (unrecognised.length === 0) return '';
  const names = unrecognised.slice(0, shownClasses).map(safe).join(', ');
  const more = unrecognised.length - shownClasses;
  return `  Not judged: ${names}${more > 0 ? ` and ${count(more)} more classes` : ''}, whose photos are mostly classified as others\n`;
}

function pointsText({ value, low, high }: { value: number; low: number; high: number }): string {
  const points = (share: number) => `${share < 0 ? '' : '+'}${decimal(100 * share)}`;
  return `${points(value)} points, 95% interval ${points(low)} to ${points(high)}`;
}

function duplicatesText({ duplicates: { groups, spare, accuracy } }: DoctorResult): string {
  if (groups.length === 0) return `\n${paint('bold', 'Duplicates: none')}\n`;
  const conflicts = groups.filter(({ conflict }) => conflict);
  const leaks = groups.filter(({ leak }) => leak);
  const first = conflicts[0]?.photos ?? [];
  return [
    `\n${paint('bold', `Duplicates: ${plural(groups.length, 'group')}`)}, ${plural(spare, 'photo')} could be left out\n`,
    conflicts.length > 0
      ? `  ${paint('yellow', `${plural(conflicts.length, 'group')} with several labels`)}, such as ${first.map(({ path, label }) => `${safe(path)} (${safe(label ?? '')})`).join(', ')}\n`
      : '',
    leaks.length > 0
      ? `  ${paint('yellow', `${plural(leaks.length, 'group')} on both sides of your split`)}: figures on such a test are too good\n`
      : '',
    accuracy
      ? `  A simple model, with groups kept together: ${percent(accuracy.together.value)}; torn apart it would seem ${percent(accuracy.apart.value)}\n`
      : '',
  ].join('');
}

function problemsText({ problems: { photos } }: DoctorResult): string {
  if (photos.length === 0) return `\n${paint('bold', 'Photos that hurt: none')}\n`;
  const rows = photos.slice(0, shownProblems).map(({ path, sentence }) => `  ${safe(path)}: ${safe(sentence)}\n`);
  const more = photos.length > shownProblems ? `  and ${count(photos.length - shownProblems)} more\n` : '';
  return `\n${paint('bold', `Photos that hurt: ${count(photos.length)}`)}\n${rows.join('')}${more}`;
}

function shortcutsText({ shortcuts }: DoctorResult): string {
  if (!shortcuts) return '';
  if (shortcuts.length === 0) return `\n${paint('bold', 'Shortcuts: none found')}\n`;
  return `\n${paint('bold', `Shortcuts: ${count(shortcuts.length)}`)}\n${shortcuts.map(({ sentence }) => `  ${safe(sentence)}\n`).join('')}`;
}

/** What to photograph next, and what bad photos cost. */
function outlookText(result: DoctorResult): string {
  const next = morePhotosText(result);
  const bad = robustnessText(result, 'page');
  return `${next && `\n${paint('bold', 'What to photograph next')}\n  ${next}`}${bad && `\n${bad}`}`;
}

export function appliedText({ applied, correction, list, journal }: ApplyResult): string {
  const { kept, moved, dropped, unsure } = applied;
  return [
    `${plural(moved, 'photo')} with a new class, ${count(dropped)} left out, ${count(kept)} kept, ${count(unsure)} unsure\n`,
    correction
      ? `Accuracy on ${plural(correction.tested, 'photo')} that were not in question: ${percent(correction.before)} before, ${percent(correction.after)} now (${pointsText(correction.gain)})\n`
      : '',
    list ? `\nList     ${paint('cyan', safe(list))}\nTrain on it with carafe train ${safe(list)}\n` : '',
    journal ? `\nJournal  ${paint('cyan', safe(journal))}\nUndo with carafe doctor --undo ${safe(journal)}\n` : '',
    list === null && journal === null ? 'Nothing to move\n' : '',
  ].join('');
}

export function undoneText({ restored, failed }: UndoResult): string {
  const rows = failed.map(({ path, reason }) => `  ${safe(path)}: ${safe(reason)}\n`).join('');
  const lost = failed.length > 0 ? `${plural(failed.length, 'file')} could not be moved back:\n${rows}` : '';
  const back =
    restored === 0 && failed.length === 0
      ? 'Nothing to move back: all files are in their places'
      : `${plural(restored, 'file')} moved back`;
  return `${back}\n${lost}`;
}
