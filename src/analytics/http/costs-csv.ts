import { type CellValue, csvLine } from '../rules/csv';
import { type InvoiceLineDto } from './costs.dto';

const COLUMNS: readonly [string, (line: InvoiceLineDto) => CellValue][] = [
  ['month', (line) => line.month],
  ['channel', (line) => line.channel],
  ['provider', (line) => line.provider],
  ['category', (line) => line.category],
  ['country', (line) => line.country],
  ['messages', (line) => line.messages],
  ['delivered', (line) => line.delivered],
  ['failed', (line) => line.failed],
  ['units', (line) => line.units],
  ['assumed', (line) => line.assumed],
  ['unpriced', (line) => line.unpriced],
  ['currency', (line) => line.cost?.currency ?? null],
  ['cost_minor_units', (line) => line.cost?.amount ?? null],
  ['gst_minor_units', (line) => line.cost?.gst ?? null],
];

/** The months as CSV with a head line. */
export const csvOfInvoices = (lines: readonly InvoiceLineDto[]): string =>
  [COLUMNS.map(([name]) => name), ...lines.map((line) => COLUMNS.map(([, value]) => value(line)))].map(csvLine).join('');
