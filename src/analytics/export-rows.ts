import { Readable } from 'node:stream';
import { Inject, Injectable } from '@nestjs/common';
import { type RateBook } from '@wapas/rates';
import { CONFIG, type Config } from '../config/config';
import { rateBook } from './rate-book';
import { type BilledGroup, priced } from './rules/cost';
import { type CellValue, csvLine } from './rules/csv';
import { type ExportKind } from './rules/export-kinds';
import { ReportReads } from './report-reads';
import { EXPORT_COLUMNS, type ExportedRow, exportStore, type Place } from './store/export.store';

const RUNS_A_PAGE = 2_000;
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';

/**
 * Reads an export page after page while it is being sent: memory stays flat, and a slow reader slows the reading. When the
 * database goes away in the middle the connection is cut, so that half an export does not look like a whole one.
 */
@Injectable()
export class ExportRows {
  constructor(
    @Inject(ReportReads) private readonly reads: ReportReads,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  stream(kind: ExportKind, range: { from: Date; to: Date }, format: 'csv' | 'ndjson'): Readable {
    return Readable.from(this.lines(kind, range, format));
  }

  private async *lines(kind: ExportKind, range: { from: Date; to: Date }, format: 'csv' | 'ndjson'): AsyncGenerator<string> {
    const columns = EXPORT_COLUMNS[kind];
    if (format === 'csv') yield csvLine(columns);
    const book = await rateBook(this.reads, this.config);
    let place: Place | null = { at: range.from, id: BEFORE_ALL };
    while (place !== null) {
      const { rows, next } = await exportStore.page(this.reads, kind, range, place, RUNS_A_PAGE);
      const whole = kind === 'attempts' ? rows.map((row) => withPrice(row, book)) : rows;
      const plain = whole.map((row) => columns.map((column) => plainOf(row[column])));
      if (rows.length > 0) yield plain.map((cells) => lineOf(columns, cells, format)).join('');
      place = next;
    }
  }
}

/** As its line of the month has it: what these come to is what the line says, before it is rounded. */
function withPrice(row: ExportedRow, book: RateBook): ExportedRow {
  const { pricedAs: category, pricedBillable: billable, called_on: calledOn } = row;
  const { units, isAssumed, cost, ...line } = priced({ ...row, category, billable, calledOn } as unknown as BilledGroup, book);
  return {
    ...row,
    priced_as: line.category,
    priced_in: line.country,
    units,
    assumed: isAssumed,
    cost_currency: cost?.currency ?? null,
    cost_milli: cost?.milli ?? null,
  };
}

function lineOf(columns: readonly string[], cells: readonly CellValue[], format: 'csv' | 'ndjson'): string {
  if (format === 'csv') return csvLine(cells);
  return `${JSON.stringify(Object.fromEntries(columns.map((column, index) => [column, cells[index]])))}\n`;
}

const plainOf = (value: CellValue | Date | undefined): CellValue =>
  value instanceof Date ? value.toISOString() : (value ?? null);
