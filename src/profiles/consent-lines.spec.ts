import fc from 'fast-check';
import { type CsvLine, readLines } from './consent-lines';

/** Reads all of it, a window of so many bytes at a time, twice as many where nothing was in one. */
function readAll(text: string | Buffer, windowBytes: number, most: number): { lines: CsvLine[]; rest: number; line: number } {
  const file = Buffer.from(text as string);
  const lines: CsvLine[] = [];
  let [at, line, size] = [0, 1, windowBytes];
  while (at < file.length) {
    const isLast = at + size >= file.length;
    const read = readLines({ bytes: file.subarray(at, at + size), line, isLast }, most);
    lines.push(...read.lines);
    if (read.end === 0 && isLast) break;
    size = read.end === 0 ? size * 2 : windowBytes;
    at += read.end;
    line = read.nextLine;
  }
  return { lines, rest: file.length - at, line };
}

const cell = fc.string({ unit: fc.constantFrom('a', 'ब', '🙏', '"', ',', '\n', '\r\n', '\r', ' '), maxLength: 6 });
const breaks = fc.constantFrom('\n', '\r\n', '\r', '\n\n', '\r\n\r\n\r\n');
const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
const linesIn = (text: string): number => text.split(/\r\n|\n|\r/).length - 1;

it('in pieces of any size a file is read as it was written, each record with the line it begins on', () =>
  fc.assert(
    fc.property(
      fc.array(fc.record({ cells: fc.array(cell, { minLength: 1, maxLength: 4 }), after: breaks }), { maxLength: 12 }),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 4 }),
      fc.boolean(),
      (records, windowBytes, most, isUnended) => {
        let text = '';
        const wanted = records.map(({ cells, after }, index) => {
          const line = linesIn(text) + 1;
          text += cells.map(quoted).join(',') + (isUnended && index === records.length - 1 ? '' : after);
          return { cells, isText: true, line };
        });
        expect(readAll(text, windowBytes, most)).toEqual({ lines: wanted, rest: 0, line: linesIn(text) + 1 });
      },
    ),
  ));

it.each<[string, string]>([
  ['a quote that is never closed', '"b,c\nd,e\n'],
  ['a quote inside a word', 'b"c\n'],
  ['more after a closing quote', '"b"c\n'],
  ['a record longer than 16 KB', `${'b'.repeat(20_000)}\n`],
])('records before %s are given, and reading ends there', (_case, end) => {
  const { lines, rest, line } = readAll(`a,1\n\na,2\n${end}`, 8, 100);
  expect([lines.map(({ line: one }) => one), rest, line]).toEqual([[1, 3], end.length, 4]);
});

it('a record that is not UTF-8 says so, and those around it are read', () =>
  expect(readAll(Buffer.from('a\nJos\xe9\nb\n', 'latin1'), 100, 100).lines.map(({ isText }) => isText)).toEqual([
    true,
    false,
    true,
  ]));

it('empty lines alone are passed over, however many', () =>
  expect(readAll('\r\n'.repeat(50), 7, 1)).toEqual({ lines: [], rest: 0, line: 51 }));
