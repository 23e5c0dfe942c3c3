import { readLines } from './json-lines';

const LIMITS = { longest: 16, most: 3 };
const read = (body: string | Buffer) =>
  readLines(Buffer.from(body), LIMITS).lines.map((line) => (line.ok ? line.value : line.problem.code));

it.each<[string, string | Buffer, unknown[]]>([
  ['nothing', '', []],
  ['a line without its end', '{"a":1}', [{ a: 1 }]],
  ['a line with its end', '{"a":1}\n', [{ a: 1 }]],
  ['lines of Windows', '1\r\n2\r\n', [1, 2]],
  ['a blank line among others', '1\n\n2', [1, 'blank_line', 2]],
  ['a line of spaces', ' \t\n1', ['blank_line', 1]],
  ['a line that is cut', '{"a":\n1', ['not_json', 1]],
  ['a value over two lines', '{\n}', ['not_json', 'not_json']],
  ['a line of the longest length', `"${'x'.repeat(14)}"`, ['x'.repeat(14)]],
  ['a line that is a byte longer', `"${'x'.repeat(15)}"\n1`, ['line_too_large', 1]],
  ['a line that is not UTF-8', Buffer.from([0x22, 0xff, 0x22, 0x0a, 0x31]), ['not_utf8', 1]],
  ['a byte order mark', '\ufeff1\n2', ['not_json', 2]],
  ['more lines than are taken', '1\n2\n3\n4\n5\n6', [1, 2, 3, 4]],
])('reads %s', (_what, body, values) => expect(read(body)).toEqual(values));
