import { isUtf8 } from 'node:buffer';
import { CsvError, parse } from 'csv-parse/sync';

/** One record of a CSV file. */
export interface CsvLine {
  readonly cells: readonly string[];
  /** False when its bytes are not UTF-8: then the cells are not what the sender meant. */
  readonly isText: boolean;
  /** The line of the file on which it begins, from 1. */
  readonly line: number;
}

export interface ReadLines {
  readonly lines: readonly CsvLine[];
  /**
   * Where reading goes on, in bytes from the start of the window: empty lines are passed over. 0 when nothing could be read: what
   * comes is no CSV, or goes on behind the window.
   */
  readonly end: number;
  readonly nextLine: number;
}

export interface Window {
  readonly bytes: Buffer;
  /** The line of the file with which the window begins, from 1. */
  readonly line: number;
  /** Nothing comes behind it. */
  readonly isLast: boolean;
}

const LONGEST_LINE = 16 * 1024;
const LF = 0x0a;
const CR = 0x0d;

/**
 * Reads at most `most` records from a piece of a CSV file that begins where a record may begin. A record counts only when it
 * surely ends inside the piece; records before one that is no CSV are given all the same. Never throws on what a file says.
 */
export function readLines({ bytes, line, isLast }: Window, most: number): ReadLines {
  const lines: CsvLine[] = [];
  let place = pastEmptyLines(bytes, { end: 0, nextLine: line }, isLast);
  for (const { cells, end } of recordsIn(bytes, most)) {
    if (!isLast && end >= bytes.length) break; // Its last field, or its line break, may go on behind the window.
    lines.push({ cells, isText: isUtf8(bytes.subarray(place.end, end)), line: place.nextLine });
    const behind = { end, nextLine: place.nextLine + breaksIn(bytes, place.end, end) };
    place = pastEmptyLines(bytes, behind, isLast);
  }
  return { lines, ...place };
}

interface Place {
  readonly end: number;
  readonly nextLine: number;
}

/** Those before the first that is no CSV. `end`: bytes from the start up to what comes behind the record. */
function recordsIn(bytes: Buffer, most: number): { readonly cells: readonly string[]; readonly end: number }[] {
  const records: { cells: readonly string[]; end: number }[] = [];
  try {
    parse(bytes, {
      // Given, not found out: each piece must be read as the whole file would be. The longer one first.
      record_delimiter: ['\r\n', '\n', '\r'],
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: LONGEST_LINE,
      to: most,
      on_record: (cells: string[], { bytes: end }) => {
        records.push({ cells, end });
        return null;
      },
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
  }
  return records;
}

/** The last byte of a piece may be half of a line break: it is left for the next one. */
function pastEmptyLines(bytes: Buffer, { end: from, nextLine }: Place, isLast: boolean): Place {
  const stop = isLast ? bytes.length : bytes.length - 1;
  let end = from;
  while (end < stop && (bytes[end] === LF || bytes[end] === CR)) end += 1;
  if (!isLast && end > from && bytes[end - 1] === CR && bytes[end] === LF) end -= 1;
  return { end, nextLine: nextLine + breaksIn(bytes, from, end) };
}

/** A carriage return with a line feed is one line break. */
function breaksIn(bytes: Buffer, from: number, to: number): number {
  let breaks = 0;
  for (let at = from; at < to; at += 1) if (bytes[at] === LF || (bytes[at] === CR && bytes[at + 1] !== LF)) breaks += 1;
  return breaks;
}
