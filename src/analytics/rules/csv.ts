/** What a cell may hold. Null is an empty cell. */
export type CellValue = string | number | boolean | null;

/** One line of RFC 4180 CSV with its CRLF. A text that a spreadsheet would run as a formula gets an apostrophe in front. */
export function csvLine(cells: readonly CellValue[]): string {
  return `${cells.map(cellText).join(',')}\r\n`;
}

/** A column of a table: its name in the head line, and what a row has in it. */
export type Column<Row> = readonly [name: string, cell: (row: Row) => CellValue];

/** A table line by line, the head line first, made as it is read. */
export function* csvTable<Row>(columns: readonly Column<Row>[], rows: Iterable<Row>): Generator<string> {
  yield csvLine(columns.map(([name]) => name));
  for (const row of rows) yield csvLine(columns.map(([, cell]) => cell(row)));
}

function cellText(cell: CellValue): string {
  if (cell === null) return '';
  if (typeof cell !== 'string') return String(cell);
  const safe = FORMULA.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Leading white space does not keep a spreadsheet from it; the wide forms count as well. */
const FORMULA = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/;
