/** Comma-separated values (RFC 4180; lines end in \n) that no spreadsheet takes for formulas. */

/** Lines of cells, with a byte order mark where there are letters beyond ASCII, which Excel would take for others without it. */
export function csvTable(rows: readonly (readonly string[])[]): string {
  const csv = rows.map((cells) => `${cells.map(csvCell).join(',')}\n`).join('');
  return /[\u0080-\uffff]/.test(csv) ? `\ufeff${csv}` : csv;
}

/** A cell that a spreadsheet would take for a formula is given as text; a number is none, below zero either. */
export function csvCell(text: string): string {
  const isFormula = /^[=+\-@\t\r]/.test(text) && !/^-\d+(\.\d+)?(e[+-]?\d+)?$/.test(text);
  const inert = isFormula ? `'${text}` : text;
  return /[",\n\r]/.test(inert) || inert !== text ? `"${inert.replaceAll('"', '""')}"` : inert;
}
