import { readYaml } from './read-yaml';

const detailOf = (text: string): string => {
  const read = readYaml(text);
  return read.ok ? 'ok' : (read.faults[0]?.detail ?? '');
};

it('a file is read as YAML or JSON', () => {
  expect(readYaml('a: 1\nb: [x]\n')).toEqual({ ok: true, value: { a: 1, b: ['x'] } });
  expect(readYaml('{"a": 1}')).toEqual({ ok: true, value: { a: 1 } });
});

it.each(['key: [1\nname: x\n', 'a: 1\na: 2\n', 'a:\n\t- 1\n', '{"a": 1,,}', 'a: "x\n'])(
  'what is wrong with %j is said in one line, with its place',
  (text) => expect(detailOf(text)).toMatch(/^This is no YAML: .* at line \d+, column \d+\. Mend it there\.$/),
);

it('nothing of the file stands in what is said', () => expect(detailOf('phone: [+919812345678\nb: 1')).not.toContain('98123'));
