/** Labels from CSV and JSONL lists. */

import { parse } from 'csv-parse/sync';
import { CarafeError } from '../errors.ts';
import { type Message, message } from '../message.ts';
import type { GivenSplit, ListedItem } from './imageSet.ts';
import { type ColumnOptions, type Columns, columnsOf, isYes } from './listColumns.ts';
import { choicesOf, jsonListRows } from './listJson.ts';
import { sidesOf } from './splitNames.ts';

/** The list of a zip, or of a studio project, whose photos may have several labels. */
export const labelListName = 'labels.csv';

export type ListFormat = 'csv' | 'jsonl' | 'json';

export interface ListOptions extends ColumnOptions {
  /** The list's name, for messages. */
  readonly source: string;
  /** Do not read the column split. */
  readonly ignoreSplit?: boolean | undefined;
  /** Hears how the list was read, where that is not plain. */
  readonly onNote?: ((note: string) => void) | undefined;
}

/** Columns of a list that say neither path nor label: their names, and the cells of each photo in that order. */
export interface OtherColumns {
  readonly names: readonly string[];
  readonly cells: ReadonlyMap<string, readonly string[]>;
}

/** One row: its cells by column, and the line it ends on. */
interface Row {
  readonly line: number;
  readonly cells: ReadonlyMap<string, unknown>;
}

const layout =
  'A list needs the columns path and label (or labels, several joined by |); the columns group and split (train, val, test) are optional.';

/**
 * Reads a list of photos: CSV (comma, semicolon or tab, with a header), JSON lines, or JSON, with `path` and `label`, or
 * `labels` (an array, or several joined by `|`), and where wanted `group` and `split`. Columns of other names are taken
 * where it is clear what they say (see `columnsOf`). Paths are given as they stand.
 * @throws CarafeError BAD_LIST with the line's number; USAGE where a column that was named is missing
 */
export function parseImageList(text: string, format: ListFormat, options: ListOptions): ListedItem[] {
  const { source, ignoreSplit, onNote } = options;
  const rows =
    format === 'csv' ? csvRows(text, source) : format === 'json' ? wholeJson(text, options) : jsonRows(text, source);
  if (rows.length === 0) return [];
  const all = new Set<string>();
  for (const { cells } of rows) for (const column of cells.keys()) all.add(column);
  const values = (column: string) => rows.map(({ cells }) => textOf(cells.get(column)));
  const columns = columnsOf([...all], values, source, options);
  if (columns.told.length > 0) onNote?.(`${source}: ${columns.told.join(', ')}.`);
  const lines = new Map<string, number>();
  const { split } = columns;
  const sides = ignoreSplit || split === undefined ? undefined : sidesOf(new Set(values(split)));
  return rows.map((row) => {
    const item = listedItem(row, columns, sides, source);
    const first = lines.get(item.path);
    if (first !== undefined)
      throw bad(
        message`${source}, line ${row.line}: ${shown(item.path)} is already listed in line ${first}`,
        'List each photo once; if it has several classes, put them all in the column labels, joined by |.',
      );
    lines.set(item.path, row.line);
    return item;
  });
}

/** A cell as text; what is no text is empty here, and refused where it is needed. */
function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

function wholeJson(text: string, { source, onNote }: ListOptions): Row[] {
  const { rows, note } = jsonListRows(text, source);
  if (note !== undefined) onNote?.(`${source}: ${note}`);
  return rows.map((cells, i) => ({ line: i + 1, cells }));
}

/** What a CSV list says besides. @throws CarafeError BAD_LIST, USAGE */
export function otherColumns(text: string, source: string): OtherColumns {
  const rows = csvRows(text, source);
  const all = [...new Set(rows.flatMap(({ cells }) => [...cells.keys()]))];
  if (rows.length === 0) return { names: [], cells: new Map() };
  const values = (column: string) => rows.map(({ cells }) => textOf(cells.get(column)));
  const { path, label } = columnsOf(all, values, source, {});
  const taken = new Set([path, ...('each' in label ? label.each : [label.column])]);
  const names = all.filter((name) => !taken.has(name));
  return {
    names,
    cells: new Map(
      rows.map(({ cells }) => [pathOf(textOf(cells.get(path))), names.map((name) => textOf(cells.get(name)))]),
    ),
  };
}

/** A path as it stands, without `./` before it. */
function pathOf(cell: string): string {
  return cell.replace(/^(\.\/)+/, '');
}

function listedItem(
  { line, cells }: Row,
  { path: pathColumn, label, group: groupColumn, split: splitColumn }: Columns,
  sides: ReadonlyMap<string, GivenSplit | undefined> | undefined,
  source: string,
): ListedItem {
  const at = message`${source}, line ${line}`;
  const cell = (column: string | undefined): string => {
    const value = (column === undefined ? undefined : cells.get(column)) ?? '';
    if (typeof value === 'string') return value;
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    throw bad(message`${at}: ${column ?? ''} is ${JSON.stringify(value)}, which is not text`, layout);
  };
  const path = pathOf(cell(pathColumn));
  if (!path) throw bad(message`${at}: the path is missing`, layout);
  const labels = labelsOf(cells, label, cell);
  if (!labels) throw bad(message`${at}: the label of ${shown(path)} is missing`, layout);
  const group = cell(groupColumn);
  const side = sides ? cell(splitColumn) : '';
  const split = sides?.get(side);
  if (side && !split)
    throw bad(
      message`${at}: ${splitColumn ?? ''} is ${shown(side)}`,
      'A split is train, val, test or empty; `ignoreSplit` ignores the column.',
    );
  return { path, labels, ...(group && { group }), ...(split && { split }) };
}

/** undefined: the row has no label. An empty `labels` is a photo that shows none of the classes. */
function labelsOf(
  cells: Row['cells'],
  label: Columns['label'],
  cell: (column: string) => string,
): string[] | undefined {
  if ('each' in label) return label.each.filter((column) => isYes(cell(column)));
  const value = cells.get(label.column);
  const chosen = choicesOf(value);
  if (chosen) return [...new Set(chosen)];
  if (!label.several || value === undefined) {
    // A row may have its label in the other of the two columns.
    const one = value === undefined ? cell('label') : cell(label.column);
    return one ? [one] : undefined;
  }
  const list = Array.isArray(value) ? value : cell(label.column).split('|');
  return [...new Set(list.map((one) => String(one)).filter((one) => one !== ''))];
}

/** The separator that the header has most of, outside quotes; Excel may name it in a line of its own, `sep=;`. */
function separator(text: string): { delimiter: string; from: number } {
  const named = /^\uFEFF?sep=(.)(?:\r\n|\n|\r)/i.exec(text);
  if (named) return { delimiter: named[1], from: named[0].length };
  const header = (/^[^\r\n]*/.exec(text)?.[0] ?? '').replace(/"[^"]*"/g, '');
  const [first] = [',', ';', '\t']
    .map((delimiter) => ({ delimiter, count: header.split(delimiter).length }))
    .sort((a, b) => b.count - a.count);
  return { delimiter: first.delimiter, from: 0 };
}

function csvRows(text: string, source: string): Row[] {
  const { delimiter, from } = separator(text);
  try {
    const records = parse<{ info: { lines: number }; record: Record<string, string> }>(text.slice(from), {
      bom: true,
      columns: true,
      delimiter,
      info: true,
      skip_empty_lines: true,
      trim: true,
    });
    return records.map(({ info, record }) => ({ line: info.lines, cells: new Map(Object.entries(record)) }));
  } catch (error) {
    throw bad(
      message`${source} is not well-formed CSV: ${error instanceof Error ? error.message : String(error)}`,
      layout,
      error,
    );
  }
}

function jsonRows(text: string, source: string): Row[] {
  const rows: Row[] = [];
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .entries()) {
    if (!line.trim()) continue;
    const at = message`${source}, line ${index + 1}`;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (error) {
      throw bad(message`${at} is not JSON: ${error instanceof Error ? error.message : String(error)}`, layout, error);
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw bad(
        message`${at} is not a JSON object`,
        'Each line must be an object such as {"path": "a.jpg", "label": "cat"}.',
      );
    rows.push({ line: index + 1, cells: new Map(Object.entries(value)) });
  }
  return rows;
}

/** Text from outside on one line, so that a newline in it cannot pass for Carafe's own words. */
function shown(text: string): string {
  return JSON.stringify(text);
}

function bad(what: Message, hint: string, cause?: unknown): CarafeError {
  return new CarafeError('BAD_LIST', message`${what}.`, hint, { cause });
}
