import { type Column } from '../rules/csv';
import { type InvoiceLineDto } from './costs.dto';

/** The lines of the months as a table. */
export const INVOICE_COLUMNS: readonly Column<InvoiceLineDto>[] = [
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
  ['list', (line) => line.lists.messages],
];
