/** The photos themselves. */

import { largestOf } from '../../numerics/statistics.ts';
import type { FailedImage } from '../../results/images.ts';
import type { TrainResult } from '../../results/trainResult.ts';
import { bars } from '../charts/bars.ts';
import { count, name, pathName, plural } from '../format.ts';
import { type Html, html } from '../html.ts';
import { maxGroups, maxOfGroup, type Picture } from '../pictures.ts';
import { gallery } from './gallery.ts';

/** The photos themselves: how many of each class, which could not be read, which are the same. */
export function photos(
  { images, classes, duplicates, split }: Pick<TrainResult, 'images' | 'classes' | 'duplicates' | 'split'>,
  picture: Picture,
): Html {
  const most = Math.max(1, largestOf(classes.map((one) => one.count)));
  const items = classes.map((one) => ({
    label: one.label,
    share: one.count / most,
    figure: count(one.count),
    kind: 'plain' as const,
  }));
  return html`<section id="photos"><h2>The photos</h2>
<p class="soft">${plural(images.found, 'photo')} found, ${count(images.found - images.failed.length)} used.${leftOutText(images)}</p>
<div class="counts${classes.length > 20 && ' scroll tall'}" tabindex="0" role="region" aria-label="Photos of each class">${bars(items)}</div>
${conflictList(duplicates.conflicts, picture)}
${duplicateList(duplicates.groups, split.leaks, picture)}
${failedList(images.failed)}</section>`;
}

/** Files that are no photos by their names, and photos that were to be kept together. */
export function leftOutText({ leftOut = [], groups }: TrainResult['images']): string {
  const files = leftOut.reduce((sum, one) => sum + one.count, 0);
  const kinds = leftOut.map((one) => `${count(one.count)} ${one.kind}`).join(', ');
  const left = files > 0 ? ` ${plural(files, 'other file')} left out (${kinds}).` : '';
  if (!groups) return left;
  const { by, unmatched } = groups;
  const bare = unmatched > 0 ? `; ${plural(unmatched, 'photo')} ${unmatched === 1 ? 'matches' : 'match'} nothing` : '';
  return `${left} ${plural(groups.groups, 'group')} by ${by}${bare}.`;
}

function conflictList(conflicts: TrainResult['duplicates']['conflicts'], picture: Picture): Html | undefined {
  if (conflicts.length === 0) return undefined;
  return html`<h3 id="conflicts">Nearly the same photo, labelled differently</h3>
<p class="soft">At least one of the labels must be wrong. Carafe changed nothing: move or delete the wrong one and train again.</p>
${groupList(
  conflicts.map((group) => group.map(({ path, label }) => ({ path, note: html`<strong>${name(label)}</strong>` }))),
  picture,
)}`;
}

function duplicateList(groups: TrainResult['duplicates']['groups'], leaks: number, picture: Picture): Html | undefined {
  if (groups.length === 0) return undefined;
  return html`<h3 id="duplicates">Equal or nearly equal photos</h3>
<p class="soft">${plural(groups.length, 'group')}. Such photos are harmless as long as they stay on one side of the split${leaks === 0 ? ', where Carafe kept them' : '; here, not all do'}.</p>
${groupList(
  groups.map((group) => group.map((path) => ({ path, note: html`` }))),
  picture,
)}`;
}

function groupList(
  groups: readonly (readonly { readonly path: string; readonly note: Html }[])[],
  picture: Picture,
): Html {
  const item = (group: (typeof groups)[number], pictured: boolean) =>
    html`<li>${gallery(group.map((photo, i) => ({ ...photo, picture: pictured && i < maxOfGroup ? picture(photo.path) : undefined })))}</li>`;
  const more = groups.slice(maxGroups);
  return html`<ul class="groups">${groups.slice(0, maxGroups).map((group) => item(group, true))}</ul>
${more.length > 0 && html`<details><summary>${plural(more.length, 'more group')}, by name</summary><ul class="groups">${more.map((group) => item(group, false))}</ul></details>`}`;
}

function failedList(failed: readonly FailedImage[]): Html | undefined {
  if (failed.length === 0) return undefined;
  const reasons = new Map<string, FailedImage[]>();
  for (const photo of failed) {
    const own = reasons.get(photo.reason);
    if (own) own.push(photo);
    else reasons.set(photo.reason, [photo]);
  }
  const sorted = [...reasons].sort(([, a], [, b]) => b.length - a.length);
  return html`<h3 id="failed">Photos that could not be read</h3>
<ul class="reasons">${sorted.map(
    ([reason, own]) =>
      html`<li><strong>${count(own.length)}</strong> ${reason} <span class="path">${own.slice(0, 3).map(({ path }, i) => html`${i > 0 && ', '}${pathName(path)}`)}${own.length > 3 && ', …'}</span></li>`,
  )}</ul>
<details><summary>All ${count(failed.length)}, by name</summary><ul class="names">${failed.map(({ path, reason }) => html`<li><span class="path">${pathName(path)}</span> <span class="note">${reason}</span></li>`)}</ul></details>`;
}
