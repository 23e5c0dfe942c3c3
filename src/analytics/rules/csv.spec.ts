import fc from 'fast-check';
import { csvLine } from './csv';

it.each([
  ['a formula', '=1+2', "'=1+2\r\n"],
  ['a plus', '+91981', "'+91981\r\n"],
  ['a minus', '-2+3', "'-2+3\r\n"],
  ['an at', '@SUM(A1)', "'@SUM(A1)\r\n"],
  ['a formula behind a space', ' =1', "' =1\r\n"],
  ['a tab', '\t=1', "'\t=1\r\n"],
  ['a wide equals sign', '\uff1d1', "'\uff1d1\r\n"],
  ['a DDE call with quotes', '=cmd|"/C calc"!A0', `"'=cmd|""/C calc""!A0"\r\n`],
  ['a comma and a quote', 'a,"b"', '"a,""b"""\r\n'],
  ['a line break', 'a\nb', '"a\nb"\r\n'],
  ['a plain text', 'payment_failed', 'payment_failed\r\n'],
])('%s: %j', (_name, text, line) => expect(csvLine([text])).toBe(line));

it('numbers stay numbers, nothing stays empty', () => expect(csvLine([-3, 0.5, true, null, ''])).toBe('-3,0.5,true,,\r\n'));

it('no text can begin a formula, and every text can be read back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const cell = csvLine([text]).slice(0, -2);
      const content = cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell;
      expect(content).not.toMatch(/^\s*[=+\-@]/);
      expect([text, `'${text}`]).toContain(content);
    }),
  );
});
