/** The doctor's page and table. */

import type { Extraction } from '../features/extraction.ts';
import { thumbnails } from '../features/thumbnails.ts';
import { dataAddress } from '../report/pictures.ts';
import { csvTable } from '../results/csv.ts';
import type { DoctorResult } from '../results/doctorResult.ts';
import { reviewRules } from '../ui/reviewRules.ts';
import { inlineShell } from '../ui/shell.ts';
import type { DoctorPlatform } from './doctorTypes.ts';

/** Pictures in the page: each is some 4 KB. */
const mostPictures = 6000;

/** One row for each photo with something to look at, and what that is; of label errors first the likeliest. */
export function doctorTable({ labelErrors, duplicates, problems }: DoctorResult): string {
  const header = ['path', 'label', 'finding', 'figure', 'suggested', 'group', 'keep', 'text'];
  const labels = (labelErrors?.photos ?? []).map(({ path, label, suggested, wrong }) => [
    path,
    label,
    'label',
    wrong.toFixed(3),
    suggested,
    '',
    '',
    `Looks like ${suggested}, labelled ${label}; figure: chance that the label is wrong.`,
  ]);
  const copies = duplicates.groups.flatMap(({ photos, equal, conflict, leak }, group) =>
    photos.map(({ path, label, keep }) => [
      path,
      label ?? '',
      leak ? 'leak' : conflict ? 'two labels' : 'duplicate',
      '',
      '',
      String(group + 1),
      keep ? 'yes' : 'no',
      equal ? 'Equal photos.' : 'Nearly equal photos.',
    ]),
  );
  const hurting = problems.photos.map(({ path, label, what, figure, sentence }) => [
    path,
    label ?? '',
    what,
    figure === null ? '' : String(Number(figure.toFixed(3))),
    '',
    '',
    '',
    sentence,
  ]);
  return csvTable([header, ...labels, ...copies, ...hurting]);
}

/**
 * Writes the page, with a small picture of every photo that it speaks of, as far as there is room. It shows the photos themselves
 * where they still lie as they do now, seen from the page.
 */
export async function writeDoctorPage(
  result: DoctorResult,
  { items, photos }: Pick<Extraction, 'items' | 'photos'>,
  platform: DoctorPlatform,
  out: string,
): Promise<void> {
  const wanted = new Set(picturesOf(result).slice(0, mostPictures));
  const pictured = items.flatMap(({ path, file }, row) =>
    wanted.has(path) ? [{ path, file, sha256: photos[row]!.sha256 }] : [],
  );
  const pictures = await thumbnails(pictured, platform);
  const shown = Object.fromEntries([...pictures].map(([path, webp]) => [path, dataAddress(webp)]));
  const page = inlineShell({
    title: 'Photo doctor',
    script: await platform.pageScript(),
    data: { result, pictures: shown, folder: folderOf(pictured, (file) => platform.relative(out, file)) },
    rules: reviewRules,
    sha256: platform.sha256,
  });
  await platform.write(result.files.page, page);
}

/** The folder that all paths are below, as `relative` tells the way to a file; null where they have no such folder. */
function folderOf(
  photos: readonly { readonly path: string; readonly file: string }[],
  relative: (file: string) => string,
): string | null {
  const folders = new Set(
    photos.map(({ path, file }) => {
      const way = `./${relative(file)}`;
      return way.endsWith(`/${path}`) ? way.slice(0, -path.length - 1) : null;
    }),
  );
  const [folder = null] = folders;
  return folders.size === 1 ? folder : null;
}

/** Paths in the order in which a reader meets them. */
function picturesOf({ labelErrors, duplicates, problems, shortcuts }: DoctorResult): string[] {
  const listed = labelErrors?.photos ?? [];
  return [
    ...new Set([
      ...listed.map(({ path }) => path),
      ...(shortcuts ?? []).flatMap(({ shownBy = [] }) => shownBy),
      ...problems.photos.map(({ path }) => path),
      ...listed.flatMap(({ nearest }) => [...nearest.label, ...nearest.suggested].map(({ path }) => path)),
      ...duplicates.groups.flatMap((group) => group.photos.map(({ path }) => path)),
    ]),
  ];
}
