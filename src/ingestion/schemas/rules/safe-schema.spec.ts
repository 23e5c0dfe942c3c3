import { compileSchema } from './safe-schema';

const codes = (schema: unknown): string[] => {
  const compiled = compileSchema(schema);
  return compiled.ok ? [] : compiled.faults.map(({ at, code }) => `${at} ${code}`);
};
const nested = (levels: number): object => (levels === 0 ? { type: 'string' } : { properties: { a: nested(levels - 1) } });

it.each<[string, unknown, string[]]>([
  ['a usual one', { type: 'object', required: ['keys'], properties: { keys: { required: ['order'] } } }, []],
  ['booleans inside', { properties: { a: true }, additionalProperties: false }, []],
  ['a regular expression', { properties: { a: { pattern: '(a+)+$' } } }, ['/properties/(property 0) keyword_not_allowed']],
  ['names by regular expression', { patternProperties: { '(a+)+$': {} } }, ['/ keyword_not_allowed']],
  ['a format', { items: { format: 'email' } }, ['/items keyword_not_allowed']],
  ['a reference', { $ref: 'https://elsewhere.example/schema' }, ['/ keyword_not_allowed']],
  ['a circle', { anyOf: [{ $ref: '#' }] }, ['/anyOf/0 keyword_not_allowed']],
  ['everything with everything', { uniqueItems: true }, ['/ keyword_not_allowed']],
  ['an unknown keyword', { colour: 'red' }, ['/ keyword_not_allowed']],
  ['a type that is none', { type: 'colour' }, ['/ not_a_schema']],
  ['a text', 'string', ['/ not_a_schema']],
  ['true', true, ['/ not_a_schema']],
  ['nested 9 deep', nested(9), [`${'/properties/(property 0)'.repeat(9)} too_deep`]],
  ['more than 32 KiB', { enum: ['x'.repeat(33_000)] }, ['/ schema_too_large']],
])('%s', (_title, schema, expected) => expect(codes(schema).slice(0, 1)).toEqual(expected));

it('a schema reaching for the prototype is refused', () =>
  expect(codes(JSON.parse('{"properties":{"__proto__":{}}}'))).not.toEqual([]));

it('sees the event as the API takes it, and says where it is broken without repeating it', () => {
  const compiled = compileSchema({
    required: ['amount'],
    properties: { amount: { properties: { value: { minimum: 100 } } }, properties: { required: ['items'] }, person: false },
  });
  if (!compiled.ok) throw new Error('Refused.');
  expect(compiled.faultsOf({ amount: { amount: 100, currency: 'INR' }, properties: { items: 1 }, person: undefined })).toEqual(
    [],
  );
  expect(compiled.faultsOf({ amount: { amount: 99, currency: 'INR' } }).map(({ at }) => at)).toEqual(['/amount/value']);
  expect(compiled.faultsOf({}).map(({ at }) => at)).toEqual(['/amount']);
});
