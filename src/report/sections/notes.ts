/** What deserves a look first. */

import { labelCount, labelStanding } from '../../doctor/labelWords.ts';
import type { Shortcuts } from '../../doctor/shortcut.ts';
import type { Interval } from '../../metrics/evaluation.ts';
import type { TrainResult } from '../../results/trainResult.ts';
import { enumerate, name, percent, plural } from '../format.ts';
import { type Html, html } from '../html.ts';

/** What deserves a look before any setting is turned. */
export function notes(
  {
    duplicates,
    images,
    classes,
    split,
    shortcuts = [],
    labelErrors,
    doctor,
  }: Pick<TrainResult, 'duplicates' | 'images' | 'classes' | 'split'> & {
    readonly shortcuts?: Shortcuts | undefined;
    readonly labelErrors?: TrainResult['labelErrors'];
    readonly doctor?: TrainResult['doctor'];
  },
  torn?: { readonly together: Interval; readonly withoutGroups: Interval },
): Html {
  const { groups, conflicts, series } = duplicates;
  const few = classes.filter(({ count }) => count < fewPhotos);
  const items = [
    ...shortcuts.map(({ sentence }) => html`${sentence}`),
    series !== undefined && html`${series.sentence}`,
    split.leaks > 0 &&
      html`${plural(split.leaks, 'photo')} it learned from ${split.leaks === 1 ? 'is' : 'are'} equal or nearly equal to test photos, because your own split divides them. <strong>The figures on this page are too good.</strong> <a href="#duplicates">See which</a>, or split all photos anew with <code>--ignore-split</code>.`,
    conflicts.length > 0 &&
      html`${conflictWords(conflicts)} <a href="#conflicts">Look at ${conflicts.length === 1 ? 'it' : 'them'}</a> first: wrong labels cost more accuracy than any setting.`,
    labelErrors !== undefined &&
      labelErrors.expected !== null &&
      labelStanding(labelErrors.expected) !== 'none' &&
      html`${labelCount({ ...labelErrors, expected: labelErrors.expected })}. <a href="#labels">Check the likeliest</a>.`,
    doctor !== undefined && doctorWords(doctor),
    images.failed.length > 0 &&
      html`${plural(images.failed.length, 'photo')} could not be read and ${images.failed.length === 1 ? 'was' : 'were'} left out. <a href="#failed">See why</a>.`,
    groups.length > 0 &&
      html`${plural(groups.length, 'group')} of photos ${groups.length === 1 ? 'is' : 'are'} equal or nearly equal. ${split.leaks === 0 && 'Each was kept on one side of the split, so no test photo had been learned. '}<a href="#duplicates">See them</a>.`,
    torn !== undefined &&
      html`A random split, which puts photos of one group on both sides, would show ${figure(torn.withoutGroups)}${conflicts.length > 0 && torn.withoutGroups.value < torn.together.value && ', since copies under other labels mislead it'}. With groups kept together it is ${figure(torn.together)}.`,
    few.length > 0 &&
      html`${enumerate(few.slice(0, 5).map(({ label }) => html`<strong>${name(label)}</strong>`))}${few.length > 5 && html` and ${few.length - 5} more`} ${few.length === 1 ? 'has' : 'have'} fewer than ${fewPhotos} photos. More photos of ${few.length === 1 ? 'that class' : 'those classes'} help most.`,
  ].filter((item) => item !== false);
  return items.length === 0
    ? html``
    : html`<ul class="notes" aria-label="Worth a look">${items.map((item) => html`<li>${item}</li>`)}</ul>`;
}

function figure({ value, low, high }: Interval): Html {
  return html`<strong>${percent(value)}</strong> (${percent(low)} to ${percent(high)})`;
}

/** What the doctor's page is about; it lies beside the report. */
function doctorWords({ labels, problems, duplicates, shortcuts }: NonNullable<TrainResult['doctor']>): Html {
  const wrong = Math.round(labels?.value ?? 0);
  const found = [
    wrong > 0 && `about ${plural(wrong, 'label')} that may be wrong`,
    problems > 0 && `${plural(problems, 'photo')} that ${problems === 1 ? 'hurts' : 'hurt'}`,
    duplicates > 0 && plural(duplicates, 'group of duplicates', 'groups of duplicates'),
    shortcuts > 0 && plural(shortcuts, 'shortcut'),
  ].filter((one) => one !== false);
  return html`<code>carafe doctor</code> examined these photos and found ${found.length > 0 ? enumerate(found.map((one) => html`${one}`)) : 'nothing wrong'}. <a href="doctor.html">Open its page</a> to go through them.`;
}

/** Below this a class is called small. */
const fewPhotos = 20;

function conflictWords(conflicts: TrainResult['duplicates']['conflicts']): Html {
  const labels = [...new Set(conflicts[0]!.map(({ label }) => label))];
  const both = enumerate(labels.map((label) => html`<strong>${name(label)}</strong>`));
  if (conflicts.length === 1) return html`Nearly the same photo is labelled ${both}.`;
  return html`${plural(conflicts.length, 'photo')} have more than one label; one of them is labelled ${both}.`;
}
