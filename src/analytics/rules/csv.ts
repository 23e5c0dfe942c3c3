/** What a cell may hold. Null is an empty cell. */
export type CellValue = string | number | boolean | null;

/** One line of RFC 4180 CSV with its CRLF. A text that a spreadsheet would run as a formula gets an apostrophe in front. */
export function csvLine(cells: readonly CellValue[]): string {
  return `${cells.map(cellText).join(',')}\r\n`;
}

function cellText(cell: CellValue): string {
  if (cell === null) return '';
  if (typeof cell !== 'string') return String(cell);
  const safe = FORMULA.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Leading white space does not keep a spreadsheet from it; the wide forms count as well. */
const FORMULA = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/;
