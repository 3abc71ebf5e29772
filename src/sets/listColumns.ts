/** The meaning of a list's columns. */

import { CarafeError } from '../errors.ts';
import { message } from '../message.ts';
import { isImageName } from './imageNames.ts';
import { sidesOf } from './splitNames.ts';

/** Columns as the user names them. */
export interface ColumnOptions {
  readonly pathColumn?: string | undefined;
  readonly labelColumn?: string | undefined;
  readonly splitColumn?: string | undefined;
  readonly groupBy?: string | undefined;
}

/** Which column says what. */
export interface Columns {
  readonly path: string;
  /** Of one label, or of several in one cell; or a column a label, with 1 where the photo has it. */
  readonly label: { readonly column: string; readonly several: boolean } | { readonly each: readonly string[] };
  readonly split?: string | undefined;
  readonly group?: string | undefined;
  /** Columns of other names than path, label and labels, as they are told. */
  readonly told: readonly string[];
}

/** Names that say where a photo lies, the surest first; as `keyOf` writes them. */
const pathNames = [
  ['path'],
  ['filepath', 'imagepath', 'imgpath', 'photopath', 'relativepath'],
  ['filename', 'file', 'imagefile', 'imagefilename', 'imagename', 'imgname', 'photoname'],
  ['image', 'images', 'img', 'photo', 'picture'],
  ['imageid', 'imgid', 'photoid', 'id'],
];
const labelNames = [
  ['labels'],
  ['label'],
  ['classname', 'categoryname', 'labelname', 'choice'],
  ['class', 'category', 'target', 'tag', 'species', 'diagnosis'],
  ['tags', 'classes', 'categories'],
];
const splitNames = ['split', 'subset', 'partition', 'datasetsplit', 'set', 'phase'];
const severalNames = new Set(['labels', 'tags', 'classes', 'categories']);

function keyOf(column: string): string {
  return column.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}

/**
 * Which column says what, where that is clear.
 * @param values all cells of a column, as text
 * @throws CarafeError BAD_LIST where it is not clear, with the flag that says it; USAGE for a column that is not there
 */
export function columnsOf(
  all: readonly string[],
  values: (column: string) => Iterable<string>,
  source: string,
  options: ColumnOptions,
): Columns {
  const found = message`its columns are ${all.map((column) => JSON.stringify(column)).join(', ')}`;
  const given = (flag: string, column: string | undefined): string | undefined => {
    if (column === undefined || all.includes(column)) return column;
    throw new CarafeError(
      'USAGE',
      message`${flag} names the column ${JSON.stringify(column)}, which ${source} does not have; ${found}.`,
      message`Give ${flag} the name of one of these columns.`,
    );
  };
  const pick = (names: readonly (readonly string[])[], among: readonly string[]): string | undefined => {
    for (const tier of names) {
      const own = among.filter((column) => tier.includes(keyOf(column)));
      // Of columns that differ in spelling only, the one that is spelt as documented.
      const exact = own.find((column) => tier.includes(column));
      if (own.length === 1 || (exact !== undefined && tier.length === 1)) return exact ?? own[0];
      if (own.length > 1) return undefined;
    }
    return undefined;
  };

  if (all.some((column) => keyOf(column) === 'regionshapeattributes'))
    throw new CarafeError(
      'BAD_LIST',
      message`${source} is an export of the VGG Image Annotator, which stores labels inside other cells.`,
      'Make a list with the columns path and label: one row per photo, with its label from file_attributes. The regions in region_attributes are parts of photos: crop each into a photo of its own.',
    );
  const wantedLabel = given('`labelColumn`', options.labelColumn);
  const path =
    given('`pathColumn`', options.pathColumn) ??
    pick(
      pathNames,
      all.filter((column) => column !== wantedLabel),
    );
  if (path === undefined)
    throw new CarafeError(
      'BAD_LIST',
      message`${source} has no column for the path; ${found}.`,
      all.some(looksLikePhoto)
        ? 'The first line must name the columns, for example path,label.'
        : 'Name the path column with `pathColumn` and the label column with `labelColumn`.',
    );
  const group = given('`groupBy`', options.groupBy) ?? all.find((column) => keyOf(column) === 'group');
  const split =
    given('`splitColumn`', options.splitColumn) ??
    all.find((column) => keyOf(column) === 'split') ??
    all.find((column) => column !== path && splitNames.includes(keyOf(column)) && saysSides(values(column)));
  const rest = all.filter((column) => ![path, group, split].includes(column));
  const column = wantedLabel ?? pick(labelNames, rest) ?? (rest.length === 1 ? rest[0] : undefined);
  const each = column === undefined && rest.length >= 2 && rest.every((one) => saysYesOrNo(values(one)));
  if (column === undefined && !each)
    throw new CarafeError(
      'BAD_LIST',
      message`${source} has neither a column label nor labels; ${found}.`,
      rest.length === 0 ? 'Add a column label.' : 'Name the label column with `labelColumn`.',
    );
  const label = column === undefined ? { each: rest } : { column, several: severalNames.has(keyOf(column)) };
  const told = [
    ...(keyOf(path) === 'path' || options.pathColumn !== undefined
      ? []
      : [`paths from the column ${JSON.stringify(path)}`]),
    ...(column === undefined
      ? [`labels from ${rest.length} columns of 0 and 1`]
      : ['label', 'labels'].includes(keyOf(column)) || wantedLabel !== undefined
        ? []
        : [`labels from ${JSON.stringify(column)}`]),
    ...(split === undefined || keyOf(split) === 'split' || options.splitColumn !== undefined
      ? []
      : [`the split from ${JSON.stringify(split)}`]),
  ];
  return { path, label, split, group, told };
}

function looksLikePhoto(cell: string | undefined): boolean {
  return cell !== undefined && isImageName(cell);
}

function saysSides(values: Iterable<string>): boolean {
  const sides = sidesOf([...new Set(values)].filter((value) => value !== ''));
  return sides.size > 0 && [...sides.values()].every((side) => side !== undefined);
}

const yesOrNo = new Map([
  ...['1', '1.0', 'true', 'yes'].map((word) => [word, true] as const),
  ...['0', '0.0', 'false', 'no', ''].map((word) => [word, false] as const),
]);

/** What a cell of a column a label says; undefined: neither yes nor no. */
export function isYes(cell: string): boolean | undefined {
  return yesOrNo.get(cell.toLowerCase());
}

function saysYesOrNo(values: Iterable<string>): boolean {
  for (const value of values) if (isYes(value) === undefined) return false;
  return true;
}
