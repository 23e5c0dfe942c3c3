import { type CellValue, type Column } from '../rules/csv';
import { type SeriesRowDto } from './analytics.dto';

/** The rows of a series as a table. */
export const SERIES_COLUMNS: readonly Column<SeriesRowDto>[] = [
  ['from', (row) => row.from],
  ['to', (row) => row.to],
  ['part', (row) => row.part],
  ['arm', (row) => row.arm],
  ['entered', (row) => row.entered],
  ['eligible', (row) => row.eligible],
  ['messaged', (row) => row.messaged],
  ['messages_sent', (row) => row.messages.sent],
  ['messages_delivered', (row) => row.messages.delivered],
  ['messages_read', (row) => row.messages.read],
  ['messages_clicked', (row) => row.messages.clicked],
  ['recovered', (row) => row.recovered],
  ['attributed', (row) => row.attributed],
  ['recovered_untouched', (row) => row.recoveredUntouched],
  ['median_seconds_to_recovery', (row) => row.timeToRecoverySeconds?.median ?? null],
  ['median_seconds_to_first_message', (row) => row.firstMessageSeconds?.median ?? null],
  // A cell holds one amount: several currencies stand in one text, each with its own.
  ['revenue_minor_units', (row) => moneyCell(row.revenue)],
  ['cost_minor_units', (row) => moneyCell(row.cost.costs)],
  ['gst_minor_units', (row) => moneyCell(row.cost.costs.map(({ currency, gst }) => ({ currency, amount: gst })))],
  ['unpriced_units', (row) => row.cost.unpriced],
  // By channel: those that were messaged on it, or came back before any message.
  ['runs', (row) => row.runs.entered ?? (row.part === '' ? row.runs.recovered : row.runs.messaged)],
  ['sent_messages', (row) => row.messages.lists.sent],
];

function moneyCell(sums: readonly { currency: string; amount: number }[]): CellValue {
  return sums.map(({ currency, amount }) => `${currency} ${amount}`).join('; ') || null;
}
