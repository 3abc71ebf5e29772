import { parse } from 'csv-parse/sync';
import { CarafeError } from '../errors.ts';
import type { GivenSplit, ListedItem } from './imageSet.ts';
import { sidesOf } from './splitNames.ts';

export type ListFormat = 'csv' | 'jsonl';

export interface ListOptions {
  /** The list's name, for messages. */
  readonly source: string;
  /** The column that names a photo's group; `group` unless told. */
  readonly groupBy?: string | undefined;
  /** Do not read the column split. */
  readonly ignoreSplit?: boolean | undefined;
}

/** One row: its cells by column, and the line it ends on. */
interface Row {
  readonly line: number;
  readonly cells: ReadonlyMap<string, unknown>;
}

const layout =
  'A list has the columns path and label (or labels, several joined by |), and may have group and split (train, val, test).';

/**
 * Reads a list of photos: CSV (comma, semicolon or tab, with a header) or JSON lines, with `path` and `label`, or
 * `labels` (an array, or several joined by `|`), and where wanted `group` and `split`. Paths are given as they stand.
 * @throws CarafeError BAD_LIST with the line's number; USAGE where the column of `groupBy` is missing
 */
export function parseImageList(text: string, format: ListFormat, options: ListOptions): ListedItem[] {
  const { source, groupBy, ignoreSplit } = options;
  const rows = format === 'csv' ? csvRows(text, source) : jsonRows(text, source);
  const columns = new Set(rows.flatMap(({ cells }) => [...cells.keys()]));
  if (rows.length > 0) requireColumns(columns, source, groupBy);
  const lines = new Map<string, number>();
  const sides = ignoreSplit ? undefined : sidesOf(rows.map(({ cells }) => String(cells.get('split') ?? '')));
  return rows.map((row) => {
    const item = listedItem(row, groupBy ?? 'group', sides, source);
    const first = lines.get(item.path);
    if (first !== undefined)
      throw bad(
        `${source}, line ${row.line}: ${shown(item.path)} was named before, in line ${first}`,
        'Name each photo once; a photo of several classes has them all in the column labels, joined by |.',
      );
    lines.set(item.path, row.line);
    return item;
  });
}

function requireColumns(columns: ReadonlySet<string>, source: string, groupBy: string | undefined): void {
  const found = `its columns are ${[...columns].map(shown).join(', ')}`;
  if (!columns.has('path')) throw bad(`${source} has no column path; ${found}`, layout);
  if (!columns.has('label') && !columns.has('labels'))
    throw bad(`${source} has neither a column label nor labels; ${found}`, layout);
  if (groupBy !== undefined && !columns.has(groupBy))
    throw new CarafeError(
      'USAGE',
      `--group-by names the column ${shown(groupBy)}, which ${source} does not have; ${found}.`,
      'Give --group-by the name of one of these columns.',
    );
}

function listedItem(
  { line, cells }: Row,
  groupColumn: string,
  sides: ReadonlyMap<string, GivenSplit | undefined> | undefined,
  source: string,
): ListedItem {
  const at = `${source}, line ${line}`;
  const cell = (column: string): string => {
    const value = cells.get(column) ?? '';
    if (typeof value === 'string') return value;
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    throw bad(`${at}: ${column} is ${JSON.stringify(value)}, which is no text`, layout);
  };
  const path = cell('path').replace(/^(\.\/)+/, '');
  if (!path) throw bad(`${at}: no path`, layout);
  const labels = labelsOf(cells, cell);
  if (!labels) throw bad(`${at}: no label for ${shown(path)}`, layout);
  const group = cell(groupColumn);
  const side = sides ? cell('split') : '';
  const split = sides?.get(side);
  if (side && !split)
    throw bad(
      `${at}: split is ${shown(side)}`,
      'A split is train, val or test, or is left empty; --ignore-split leaves the column unread.',
    );
  return { path, labels, ...(group && { group }), ...(split && { split }) };
}

/** undefined: the row has no label. An empty `labels` is a photo that shows none of the classes. */
function labelsOf(cells: Row['cells'], cell: (column: string) => string): string[] | undefined {
  const several = cells.get('labels');
  if (several === undefined) {
    const label = cell('label');
    return label ? [label] : undefined;
  }
  const list = Array.isArray(several) ? several : cell('labels').split('|');
  return [...new Set(list.map((label) => String(label)).filter((label) => label !== ''))];
}

function csvRows(text: string, source: string): Row[] {
  const header = /^[^\r\n]*/.exec(text)?.[0] ?? '';
  const delimiter = [',', ';', '\t'].find((character) => header.includes(character)) ?? ',';
  try {
    const records = parse<{ info: { lines: number }; record: Record<string, string> }>(text, {
      bom: true,
      columns: true,
      delimiter,
      info: true,
      skip_empty_lines: true,
      trim: true,
    });
    return records.map(({ info, record }) => ({ line: info.lines, cells: new Map(Object.entries(record)) }));
  } catch (error) {
    throw bad(`${source} is no well-formed CSV: ${error instanceof Error ? error.message : error}`, layout, error);
  }
}

function jsonRows(text: string, source: string): Row[] {
  const rows: Row[] = [];
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .entries()) {
    if (!line.trim()) continue;
    const at = `${source}, line ${index + 1}`;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (error) {
      throw bad(`${at} is no JSON: ${error instanceof Error ? error.message : error}`, layout, error);
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw bad(`${at} is no JSON object`, 'Each line is an object such as {"path": "a.jpg", "label": "cat"}.');
    rows.push({ line: index + 1, cells: new Map(Object.entries(value)) });
  }
  return rows;
}

/** Text from outside on one line, so that a newline in it cannot pass for Carafe's own words. */
function shown(text: string): string {
  return JSON.stringify(text);
}

function bad(what: string, hint: string, cause?: unknown): CarafeError {
  return new CarafeError('BAD_LIST', `${what}.`, hint, { cause });
}
