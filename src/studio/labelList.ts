/** The list of a project whose photos may have several labels: CSV that the command reads, and its reading. */

import { CarafeError } from '../errors.ts';
import { message, messageOf } from '../message.ts';
import { type ListFormat, type OtherColumns, otherColumns, parseImageList } from '../sets/imageList.ts';
import { listText } from '../sets/listText.ts';
import type { LabelledPhoto, ListedPhotos, NewPhoto } from './engine.ts';

const formats: ReadonlyMap<string, ListFormat> = new Map([
  ['csv', 'csv'],
  ['tsv', 'csv'],
  ['jsonl', 'jsonl'],
  ['ndjson', 'jsonl'],
  ['json', 'json'],
]);

/**
 * What a list says, in its order.
 * @throws CarafeError BAD_LIST; USAGE for what a project would not keep: sides of a split, groups, photos elsewhere
 */
export function readLabelList(bytes: Uint8Array, name: string): LabelledPhoto[] {
  const items = parseImageList(listText(bytes, name), formatOf(name), { source: name });
  const divided = items.find(({ split, group }) => split !== undefined || group !== undefined);
  if (divided)
    throw new CarafeError(
      'USAGE',
      message`${name} has ${messageOf(divided.split === undefined ? 'groups' : 'its own split')}, which the studio would not keep to.`,
      'Train on it with the command, which keeps to it, or take that column out.',
    );
  const outside = items.find(({ path }) => /^(\/|\.\.\/|[a-z]:|[a-z][a-z0-9+.-]+:\/\/)/i.test(path));
  if (outside)
    throw new CarafeError(
      'USAGE',
      message`${name} names ${outside.path}, which does not lie beside it.`,
      'Lay the photos into the folder of the list, and give their paths in it.',
    );
  const parted = items.flatMap(({ labels }) => labels).find((label) => label.includes('|'));
  if (parted !== undefined)
    throw new CarafeError(
      'USAGE',
      message`${name} has the label '${parted}'.`,
      'Give it a name without |, which parts labels.',
    );
  return items.map(({ path, labels }) => ({ path: path.replaceAll('\\', '/'), labels }));
}

/** What a list that is dropped on the page says. @throws CarafeError as `readLabelList` */
export function readListed({ name, bytes }: NewPhoto): ListedPhotos {
  return { photos: readLabelList(bytes, name), further: furtherColumns(bytes, name) };
}

/** Columns of a CSV list that say something else of photos. */
function furtherColumns(bytes: Uint8Array, name: string): readonly string[] {
  return formatOf(name) === 'csv' ? readOtherColumns(bytes, name).names : [];
}

function formatOf(name: string): ListFormat {
  return formats.get(name.split('.').at(-1)?.toLowerCase() ?? '') ?? 'csv';
}

/** What a list says besides of photos; they keep it as long as they are listed. */
export function readOtherColumns(bytes: Uint8Array, name: string): OtherColumns {
  const { names, cells } = otherColumns(listText(bytes, name), name);
  return { names, cells: new Map([...cells].map(([path, own]) => [path.replaceAll('\\', '/'), own])) };
}

/** @param others columns of the list before, which are kept behind the labels */
export function writeLabelList(labels: ReadonlyMap<string, readonly string[]>, others?: OtherColumns): string {
  const names = others?.names ?? [];
  const rows = [...labels].map(([path, own]) => {
    const more = others?.cells.get(path) ?? names.map(() => '');
    return [path, own.join('|'), ...more];
  });
  return [['path', 'labels', ...names], ...rows].map((row) => `${row.map(cell).join(',')}\n`).join('');
}

/** As RFC 4180 has it. */
function cell(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
