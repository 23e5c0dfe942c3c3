import { Readable } from 'node:stream';
import { StreamableFile } from '@nestjs/common';
import { type Column, csvTable } from '../rules/csv';

/** A table as an answer, streamed. */
export const csvAnswer = <Row>(columns: readonly Column<Row>[], rows: readonly Row[]): StreamableFile =>
  new StreamableFile(Readable.from(csvTable(columns, rows)), { type: 'text/csv; charset=utf-8' });
